--- evaluator_deviation: an evaluator below the limit where a second set of evaluators is not (the modelled outcome).
-- The second set are other evaluators of the same candidates whose own ratio is not below the limit: had they decided
-- alone, the outcome would have been theirs.  A potential violation is an evaluator's ratio below the limit, the second
-- set's not below it, and three tests, each corrected in its own family:
--   the ratio's own, corrected in the family of the run: a ratio below the limit by chance is no deviation;
--   the paired test on the candidates of the group whom both judged: the second set advanced more of them than the
--   evaluator did.  The exact test asks only those on whom they disagreed;
--   the difference of the differences: who is harsh to all differs from the second set in every group, so that the
--   paired test alone would measure severity.  Where a group plays no part, the odds that a disagreement is the
--   evaluator's rejection are his severity, whoever the candidate is (a conditional logistic model); Fisher's exact
--   test asks whether they are the same for the group and for the reference.
-- The last two are corrected by Holm for every evaluator and group that was compared.  Of two groups the difference is
-- one two-sided question an evaluator: its halves are the accusations in the one group and in the other.

local format = string.format
local count, p_text, ratio_text = evenhand.count, evenhand.p_text, evenhand.ratio_text

local MIN_PAIRS = 10
local ALONE = "deviation, test to come" -- rule of what check() leaves to summarise()

local function verdict(kind, rule, reason, scope)
	return { verdict = kind, rule = rule, reason = reason, scope = scope }
end

local function ratios_text(f, ratio, theirs, limit)
	return format("%s on %s: %s %s, second set of %s %s", evenhand.subject_text(f), f.group,
		f.basis == "screening" and "estimated ratio" or "ratio", ratio_text(ratio, limit),
		count(f.benchmark.evaluators, "evaluator"), ratio_text(theirs, limit))
end

local function check(f)
	if f.pooled then
		return verdict("cannot_conclude", "single evaluators only",
			"Single evaluators are compared with the second set.")
	end
	if f.is_reference then
		return verdict("ok", "reference group", "The others are compared with this group.")
	end
	local group, rest, least = f.persons, f.ref_persons, f.min_group
	if group < least or rest < least then
		local reason = format("%s judged %s of %s and %d of %s; at least %d of each are needed.",
			evenhand.subject_text(f), count(group, "person"), f.group, rest,
			evenhand.reference_text(f), least)
		if f.basis == "known" and f.em.guard ~= "" then
			return verdict("cannot_conclude", "guard of predicted classes",
				format("%s: %s. Of known class alone: %s", f.group, f.em.guard, reason))
		end
		return verdict("too_few", "minimum of persons", reason)
	end
	local ratio, below = f.ratio, f.ratio_below
	if ratio == nil or below == nil then
		return verdict("cannot_conclude", "ratio not defined", format("%s: the ratio is not defined (%s).",
			f.group, f.why.ratio or "not decidable at the limit"))
	end
	local theirs = f.benchmark.impact_ratio
	if theirs == nil then
		return verdict("cannot_conclude", "no second set",
			"No other evaluator within the limit judged the same candidates.")
	end
	local limit = { num = f.limit.num, den = f.limit.den }
	local text, bound = ratios_text(f, ratio, theirs, limit), evenhand.limit_text(limit)
	if not below then
		return verdict("ok", "not below the limit", format("%s: not below %s.", text, bound))
	end
	if theirs * limit.den < limit.num then
		return verdict("watch", "the second set is below too", format("%s: both below %s on these candidates, "
			.. "so that it concerns the process.", text, bound))
	end
	return verdict("watch", ALONE, format("%s: below %s, the second set is not", text, bound))
end

-- The places of what is left to summarise(), how many comparisons there were, and how many questions of a difference:
-- of two groups one for each evaluator, of more one for each comparison.  Facts are dear to read: each once.
local function look_over(findings)
	local places, compared, differences, at, order = {}, 0, 0, {}, {}
	for place, f in ipairs(findings) do
		local name, kind = f.attribute, f.verdict
		local a = at[name]
		if a == nil then
			a = { groups = 0, seen = {}, compared = {} }
			at[name], order[#order + 1] = a, a
		end
		local group = f.group
		if not a.seen[group] then
			a.seen[group], a.groups = true, a.groups + 1
		end
		-- pooled findings are never ok or watch here
		if kind == "watch" or kind == "ok" and not f.is_reference then
			a.compared[#a.compared + 1] = place
			if kind == "watch" and f.rule == ALONE then
				places[#places + 1] = place
			end
		end
	end
	for _, a in ipairs(order) do
		local asked = {}
		compared = compared + #a.compared
		differences = differences + (a.groups > 2 and #a.compared or 0)
		for _, place in ipairs(a.groups <= 2 and a.compared or {}) do
			local evaluator = findings[place].evaluator
			differences = differences + (asked[evaluator] and 0 or 1)
			asked[evaluator] = true
		end
	end
	return places, compared, differences
end

-- P(X = low), X ~ Bin(n, 1/2), low <= n / 2.
local function mass(n, low)
	local p, halvings = 1.0, n
	for k = 1, low do
		p = p * (n - low + k) / k
		while p > 1 and halvings > 0 do
			p, halvings = p / 2, halvings - 1
		end
	end
	return p * 0.5 ^ halvings
end

-- The exact paired test from its mid-p, which counts what was seen by half.
local function exact(mid, first, second)
	if first + second == 0 then
		return 1
	end
	return math.min(1, mid + mass(first + second, math.min(first, second)))
end

-- The evaluator beside the second set on the same candidates: of the group and of the reference; nil where no candidate
-- is shared, as in counts of persons.  The program counted them once for all findings.
local function pairs_of(f)
	if f.benchmark.same ~= "candidates" then
		return nil
	end
	local both = f.paired
	local own = { n = both.pairs, first_only = both.first, second_only = both.second }
	own.p = own.n > 0 and exact(both.p or 1, own.first_only, own.second_only) or 1
	return own, { n = both.ref_pairs, first_only = both.ref_first, second_only = both.ref_second }
end

-- p of the same odds of a disagreement being the evaluator's rejection; nil where they nowhere disagreed on one side.
local function difference(own, reference)
	return (evenhand.test("fisher", own.second_only, own.second_only + own.first_only,
		reference.second_only, reference.second_only + reference.first_only))
end

local function is_greater(own, reference)
	return own.second_only * (reference.second_only + reference.first_only)
		> reference.second_only * (own.second_only + own.first_only)
end

local function pairs_text(f, own, reference)
	return format("of %s whom both judged the second set alone advanced %d, the evaluator alone %d; of %d of %s %d "
		.. "and %d", count(own.n, "person"), own.second_only, own.first_only, reference.n,
		evenhand.reference_text(f), reference.second_only, reference.first_only)
end

local function tests_text(f, t, compared, differences)
	return format("corrected p of the ratio %s; exact paired p %s, corrected by Holm for %s %s; p of the "
		.. "difference to %s %s, corrected for %s %s", p_text(f.q), p_text(t.own.p),
		count(compared, "comparison"), p_text(t.q_own), evenhand.reference_text(f), p_text(t.p),
		count(differences, "comparison"), p_text(t.q))
end

local function is_borne(q, f)
	return q ~= nil and q < f.alpha
end

local function conclude(f, t, compared, differences)
	if t.own == nil or t.reference == nil then
		return verdict("watch", "deviation, not paired", format("%s. No candidate is known to be shared, so "
			.. "that decisions cannot be paired and no potential violation is reported.", f.reason))
	end
	local text = format("%s; %s", f.reason, pairs_text(f, t.own, t.reference))
	if t.own.n < MIN_PAIRS or t.reference.n < MIN_PAIRS then
		return verdict("too_few", "minimum of pairs", format("%s; at least %d pairs of each are needed.",
			text, MIN_PAIRS))
	end
	local tested, missing = tests_text(f, t, compared, differences), {}
	if not is_borne(f.q, f) then
		missing[1] = "the test of the ratio"
	end
	if t.own.second_only <= t.own.first_only or not is_borne(t.q_own, f) then
		missing[#missing + 1] = "the paired test"
	end
	if #missing > 0 then
		return verdict("watch", "deviation, evidence missing", format("%s (%s). No potential violation is "
			.. "reported: %s does not bear it.", text, tested, table.concat(missing, " or ")))
	end
	if not is_greater(t.own, t.reference) or not is_borne(t.q, f) then
		return verdict("watch", "deviation, severity not excluded", format("%s (%s). No potential violation is "
			.. "reported: harsh to all, as far as can be seen.", text, tested))
	end
	return verdict("notify", "deviation from the second set",
		format("Potential violation of policy evaluator_deviation: %s (%s).", text, tested), "individual")
end

local function tests_of(f)
	local own, reference = pairs_of(f)
	return { own = own, reference = reference, p = reference and difference(own, reference) }
end

local function summarise(findings)
	local places, compared, differences = look_over(findings)
	local tests, own_ps, ps, changes = {}, {}, {}, {}
	for i, place in ipairs(places) do
		local t = tests_of(findings[place])
		tests[i], own_ps[i], ps[i] = t, t.own and t.own.p or 1, t.p or 1
	end
	-- comparisons that were not tested count as tests that found nothing: Holm stays on the safe side
	for i = #places + 1, compared do
		own_ps[i] = 1
	end
	for i = #places + 1, differences do
		ps[i] = 1
	end
	local own_qs, qs = evenhand.family(own_ps, "holm"), evenhand.family(ps, "holm")
	for i, place in ipairs(places) do
		tests[i].q_own, tests[i].q = own_qs[i], qs[i]
		changes[place] = conclude(findings[place], tests[i], compared, differences)
	end
	return changes
end

return {
	name = "evaluator_deviation",
	api = 1,
	version = "1.2",
	author = "Evenhand",
	limit = { 4, 5 },
	reference = "rest",
	min_group = MIN_PAIRS,
	min_total = 30,
	alpha = 0.05,
	family = "holm",
	needs = {
		"persons", "ref_persons", "basis", "ratio", "ratio_below", "q", "benchmark", "paired", "em",
		"limit", "min_group", "alpha",
		"why",
	},
	check = check,
	summarise = summarise,
}
