--- evaluator_deviation: an evaluator below the limit where a second set of evaluators is not (the modelled outcome).
-- The second set are other evaluators of the same candidates whose own ratio is not below the limit: had they decided
-- alone, the outcome would have been theirs.  A potential violation is an evaluator's ratio below the limit, the second
-- set's not below it, and a paired test on the candidates of the group whom both judged: the second set advanced more
-- of them than the evaluator did.  The exact test asks only those on whom they disagreed; it is corrected by Holm for
-- every evaluator and group that was compared.

local format = string.format
local count, p_text, ratio_text = evenhand.count, evenhand.p_text, evenhand.ratio_text

local MIN_PAIRS = 10
local ALONE = "deviation, test to come" -- rule of what check() leaves to summarise()

local function verdict(kind, rule, reason, scope)
	return { verdict = kind, rule = rule, reason = reason, scope = scope }
end

local function ratios_text(f)
	local limit = { num = f.limit.num, den = f.limit.den }
	return format("%s on %s: %s %s, second set of %s %s", evenhand.subject_text(f), f.group,
		f.basis == "screening" and "estimated ratio" or "ratio", ratio_text(f.ratio, limit),
		count(f.benchmark.evaluators, "evaluator"), ratio_text(f.benchmark.impact_ratio, limit))
end

local function check(f)
	if f.pooled then
		return verdict("cannot_conclude", "single evaluators only",
			"Single evaluators are compared with the second set.")
	end
	if f.is_reference then
		return verdict("ok", "reference group", "The others are compared with this group.")
	end
	if f.persons < f.min_group or f.ref_persons < f.min_group then
		return verdict("too_few", "minimum of persons", format("%s judged %s of %s and %d of %s; at least "
			.. "%d of each are needed.", evenhand.subject_text(f), count(f.persons, "person"), f.group,
			f.ref_persons, evenhand.reference_text(f), f.min_group))
	end
	if f.basis == "screening" and f.em.guard ~= "" then
		return verdict("cannot_conclude", "guard of predicted classes", format("%s: %s.", f.group, f.em.guard))
	end
	if f.ratio == nil or f.ratio_below == nil then
		return verdict("cannot_conclude", "ratio not defined", format("%s: the ratio is not defined (%s).",
			f.group, f.why.ratio or "not decidable at the limit"))
	end
	local theirs = f.benchmark.impact_ratio
	if theirs == nil then
		return verdict("cannot_conclude", "no second set",
			"No other evaluator within the limit judged the same candidates.")
	end
	local bound = evenhand.limit_text(f.limit)
	if not f.ratio_below then
		return verdict("ok", "not below the limit", format("%s: not below %s.", ratios_text(f), bound))
	end
	if theirs * f.limit.den < f.limit.num then
		return verdict("watch", "the second set is below too", format("%s: both below %s on these candidates, "
			.. "so that it concerns the process.", ratios_text(f), bound))
	end
	return verdict("watch", ALONE, format("%s: below %s, the second set is not", ratios_text(f), bound))
end

-- By attribute and group: who is within the limit, and how many comparisons there were.
local function second_sets(findings)
	local sets, compared = {}, 0
	for _, f in ipairs(findings) do
		if not f.pooled then
			local key = f.attribute .. "\n" .. f.group
			sets[key] = sets[key] or {}
			if f.is_reference or f.ratio_below == false then
				table.insert(sets[key], f.evaluator)
			end
			if f.verdict == "ok" and not f.is_reference or f.verdict == "watch" then
				compared = compared + 1
			end
		end
	end
	return sets, compared
end

local function pairs_text(p)
	return format("of %s whom both judged the second set alone advanced %d, the evaluator alone %d",
		count(p.n, "person"), p.second_only, p.first_only)
end

local function conclude(f, p, q, compared)
	if p == nil then
		return verdict("watch", "deviation, not paired", format("%s. The decisions cannot be paired here, so "
			.. "that no potential violation is reported: run it on the project.", f.reason))
	end
	local text = format("%s; %s", f.reason, pairs_text(p))
	if p.n < MIN_PAIRS then
		return verdict("too_few", "minimum of pairs", format("%s; at least %d pairs are needed.",
			text, MIN_PAIRS))
	end
	local tested = format("exact paired p %s, corrected by Holm for %s %s", p_text(p.p),
		count(compared, "comparison"), p_text(q))
	if p.second_only <= p.first_only or q == nil or q >= f.alpha then
		return verdict("watch", "deviation, evidence missing", format("%s (%s). No potential violation is "
			.. "reported: the paired test does not bear it.", text, tested))
	end
	return verdict("notify", "deviation from the second set",
		format("Potential violation of policy evaluator_deviation: %s (%s).", text, tested), "individual")
end

local function summarise(findings)
	local sets, compared = second_sets(findings)
	local places, paired, ps, changes = {}, {}, {}, {}
	for place, f in ipairs(findings) do
		if f.rule == ALONE then
			local i = #places + 1
			places[i] = place
			-- counts of persons and sample findings have no pairs
			local possible, pair = pcall(evenhand.paired, { evaluator = f.evaluator, class = f.attribute,
				group = f.group, second = sets[f.attribute .. "\n" .. f.group] })
			paired[i] = possible and pair or nil
			ps[i] = possible and pair.p or 1
		end
	end
	-- comparisons that were not tested count as tests that found nothing: Holm stays on the safe side
	for i = #places + 1, compared do
		ps[i] = 1
	end
	local qs = evenhand.family(ps, "holm")
	for i, place in ipairs(places) do
		changes[place] = conclude(findings[place], paired[i], qs[i], compared)
	end
	return changes
end

return {
	name = "evaluator_deviation",
	api = 1,
	version = "1.0",
	author = "Evenhand",
	limit = { 4, 5 },
	reference = "rest",
	min_group = MIN_PAIRS,
	min_total = 30,
	alpha = 0.05,
	family = "holm",
	needs = {
		"persons", "ref_persons", "basis", "ratio", "ratio_below", "benchmark", "em",
		"limit", "min_group", "alpha",
		"why",
	},
	check = check,
	summarise = summarise,
}
