--- evaluator_screen: the default policy (DESIGN.md 7).
-- A potential violation is a group's ratio to the evaluator's own rest below the limit AND evidence that survives the
-- correction for the number of evaluators looked at AND at least one person AND a result that the swap of one person
-- does not turn round. Everything less says what is missing.

local NAME = "evaluator_screen"
local STRATA_DIFFER = 0.05 -- p of the test of like strata below which one common ratio must not stand alone
local STRATA_TEST = { breslow_day = "Breslow-Day", liang_self = "Liang-Self" }

-- A screening judges thousands of findings, and a local is at hand where a field of a locked library is looked up.
local format = string.format
local count, percent, ratio_text, p_text = evenhand.count, evenhand.percent, evenhand.ratio_text, evenhand.p_text
local limit_text, reference_text, subject_text = evenhand.limit_text, evenhand.reference_text, evenhand.subject_text

local function verdict(kind, rule, reason, scope)
	return { verdict = kind, rule = rule, reason = reason, scope = scope }
end

-- "E03 selected 10 of 40 decisions on female (25.0 %), the rest 30 of 40 (75.0 %)"
local function counts_text(f)
	local n = f.n
	return format("%s selected %d of %d decision%s on %s (%s), %s %d of %d (%s)", subject_text(f), f.selected, n,
		n == 1 and "" or "s", f.group, percent(f.rate), reference_text(f), f.ref_selected, f.ref_n,
		percent(f.ref_rate))
end

local function test_text(f)
	return format("corrected p %s (%s, %s)", p_text(f.q), f.family.method,
		count(f.family.size, "test"))
end

-- Predicted classes have no heads to count: persons of the group are its expected share of all judged persons.
local function persons(f, screening)
	if not screening then
		local group = f.persons
		return group, group + f.ref_persons
	end
	local p = f.provenance
	local all = p.declared + p.imported + p.predicted
	local known, decisions = f.persons + f.ref_persons, f.n + f.ref_n
	if f.em.n == nil then
		return f.persons, all
	end
	local per_person = known > 0 and decisions / known or 1
	return math.min(all, math.floor(f.em.n / per_person + 0.5)), all
end

local function too_few(f, screening)
	local group, all = persons(f, screening)
	local rest, least = all - group, f.min_group
	if group >= least and rest >= least and all >= f.min_total then
		return nil
	end
	local found = "no ratio at all could have been found at this size"
	if f.detectable ~= nil then
		found = "only a ratio of " .. ratio_text(f.detectable) .. " or less could have been found"
	end
	return verdict("too_few", "minimum of persons", format(
		"%s judged %s of %s and %d of %s; at least %d of each and %d in all are needed. %s.",
		subject_text(f), count(group, "person"), f.group, rest, reference_text(f),
		least, f.min_total, (found:gsub("^%l", string.upper))))
end

-- Predicted classes that a guard refused leave the known ones, which are judged as if nobody had been predicted.
local function is_refused(f)
	return f.basis == "known" and f.em.guard ~= ""
end

-- Too few of known class say less than why the others' predicted classes are of no use.
local function too_few_known(f, few)
	if few == nil or not is_refused(f) then
		return few
	end
	return verdict("cannot_conclude", "guard of predicted classes", format(
		"%s and %s, predicted classes: %s. Of known class alone: %s", subject_text(f), f.group, f.em.guard,
		few.reason))
end

-- What a finding rests on whose predicted classes were refused: the guard's first words, and the share that is known.
local function add_refused(f, v)
	if is_refused(f) then
		local p = f.provenance
		local known = p.declared + p.imported
		local all = known + p.predicted + p.unknown
		v.reason = format("%s Predicted classes are refused (%s); known: %d of %s (%s).", v.reason,
			(f.em.guard:gsub(":.*", "")), known, count(all, "person"), percent(known / all))
	end
	return v
end

local function favoured(f)
	return f.ref_selected == 0 and f.selected > 0
end

-- A group whose reference has nobody selected has no ratio; it is the reference that fares worse.
local function undefined(f)
	if favoured(f) then
		return verdict("ok", "ratio not defined, the other side fares worse",
			counts_text(f) .. "; the group is not the one that fares worse.")
	end
	return verdict("cannot_conclude", "ratio not defined", format(
		"%s. The ratio is not defined (%s).", counts_text(f), f.why.ratio or "not decidable at the limit"))
end

-- Individual when the evaluator also differs, downwards, from the other evaluators; else the process is addressed.
local function scope_of(f)
	if f.pooled then
		return "systemic", "This is the result of all evaluators together, so it concerns the process."
	end
	local peers = f.peers
	if peers.q ~= nil and peers.ratio ~= nil and peers.q < f.alpha and peers.ratio < 1 then
		return "individual", format(
			"The evaluator also differs from the others (ratio to theirs %s, corrected p %s).",
			ratio_text(peers.ratio), p_text(peers.q))
	end
	if peers.ratio == nil then
		return "systemic", "Nothing sets this evaluator beside others (nobody else, or no work in common), "
			.. "so it concerns the process."
	end
	return "systemic", format(
		"The evaluator does not stand out from the others (ratio to theirs %s, corrected p %s), "
			.. "so it concerns the process.",
		ratio_text(peers.ratio), p_text(peers.q))
end

local function notify(f, facts_text, more)
	local scope, scope_text = scope_of(f)
	return verdict("notify", "below the limit, all evidence there",
		format("Potential violation of policy %s: %s. %s%s", NAME, facts_text, scope_text, more or ""),
		scope)
end

local function watch(what, missing, more)
	return verdict("watch", "below the limit, evidence missing", format(
		"%s. No potential violation is reported: %s.%s", what, evenhand.list(missing), more or ""))
end

local function evidence_missing(f)
	local missing = {}
	if f.q == nil or f.q >= f.alpha then
		missing[#missing + 1] = format("%s is not below %s", test_text(f), f.alpha)
	end
	return missing
end

-- What a stratified ratio hides: the plain one, which may be on the other side of the limit, or strata that disagree.
local function strata_text(f, limit, ratio_below)
	local text, stratified = "", f.mh_ratio
	if stratified ~= nil then
		local plain = ratio_text(f.impact_ratio, limit)
		local below = f.below_limit
		text = " This ratio is the stratified one; the plain one beside it is " .. plain .. "."
		if below ~= nil and below ~= ratio_below then
			text = format(" The plain ratio %s is %s: who was judged where makes the difference.", plain,
				below and "below the limit" or "not below the limit")
		end
	end
	local p = f.p_homogeneity
	if p == nil then
		if stratified ~= nil and f.strata > 1 then
			text = text .. " Strata not tested."
		end
	elseif p < STRATA_DIFFER then
		text = text .. format(" The strata differ (%s p %s): look at them one by one.",
			STRATA_TEST[f.homogeneity_test], p_text(p))
	end
	return text
end

local function check_known(f, ratio, ratio_below)
	local limit = f.limit
	local num, den = limit.num, limit.den
	limit = { num = num, den = den }
	local text, strata = ratio_text(ratio, limit), strata_text(f, limit, ratio_below)
	if not ratio_below then
		return verdict("ok", "not below the limit",
			format("%s; ratio %s is not below %d/%d.%s", counts_text(f), text, num, den, strata))
	end
	local what = format("%s; ratio %s is below %d/%d", counts_text(f), text, num, den)
	local missing = evidence_missing(f)
	local shortfall = f.shortfall
	if shortfall == nil or shortfall < 1 then
		missing[#missing + 1] = shortfall == nil and "the shortfall is not defined"
			or format("the shortfall of %.2f is less than one person", shortfall)
	end
	if f.flips == true then
		missing[#missing + 1] = "the swap of one person would turn the order round"
	end
	if #missing > 0 then
		return watch(what, missing, strata)
	end
	return notify(f, format("%s, %s, shortfall %.1f persons", what, test_text(f), shortfall), strata)
end

local function em_text(f)
	return format("screening with predicted classes: %s and %s, estimated ratio %s (95 %% interval %s)",
		subject_text(f), f.group, ratio_text(f.em.ratio, f.limit),
		evenhand.interval_text(f.em.interval))
end

local function check_screening(f)
	local limit = limit_text(f.limit)
	if not f.ratio_below then
		return verdict("ok", "not below the limit", format("By %s is not below %s.", em_text(f), limit))
	end
	local missing = evidence_missing(f)
	local high = f.em.interval.high
	if high == nil or high >= 1 then
		table.insert(missing, 1, "the interval does not exclude 1")
	end
	-- the estimate knows no strata: what all evaluators did together must hold within them too
	if f.pooled and f.mh_ratio ~= nil and f.mh_ratio * f.limit.den >= f.limit.num then
		missing[#missing + 1] = "within evaluators and strata the ratio of the known classes is "
			.. ratio_text(f.mh_ratio, f.limit)
	end
	local grade = f.em.robust and "robust: the weighted estimate is below too"
		or "assumption-dependent: the weighted estimate is not below"
	if #missing > 0 then
		return watch(format("By %s is below %s", em_text(f), limit), missing)
	end
	return notify(f, format("%s is below %s, %s; %s", em_text(f), limit, test_text(f), grade))
end

local function check(f)
	if f.is_reference then
		local screening = f.basis == "screening"
		local group = persons(f, screening)
		-- where classes are predicted and not estimated, the known ones do not tell how many there are
		if group < f.min_group and not (screening and f.em.n == nil) then
			return too_few_known(f, verdict("too_few", "minimum of persons", format(
				"%s judged %s of %s, the reference group; at least %d are needed to compare "
					.. "others with it.",
				subject_text(f), count(group, "person"), f.group, f.min_group)))
		end
		return verdict("ok", "reference group", "This is the reference group; the others are compared with it.")
	end
	if f.below_two_percent then
		return verdict("too_few", "smallest share of the pool", format(
			"%s is less than %g %% of the persons judged: listed, not compared.",
			f.group, f.min_share * 100))
	end
	local screening = f.basis == "screening"
	local few = too_few_known(f, too_few(f, screening))
	if few ~= nil then
		return few
	end
	local ratio, ratio_below = f.ratio, f.ratio_below
	if ratio == nil or ratio_below == nil then
		return add_refused(f, undefined(f))
	end
	if screening then
		return check_screening(f)
	end
	return add_refused(f, check_known(f, ratio, ratio_below))
end

return {
	name = NAME,
	api = 1,
	version = "1.1",
	limit = { 4, 5 },
	reference = "rest",
	min_group = 10,
	min_total = 30,
	alpha = 0.05,
	family = "bh",
	stateless = true,
	needs = {
		"n", "selected", "ref_n", "ref_selected", "persons", "ref_persons", "rate", "ref_rate",
		"below_two_percent", "basis", "ratio", "ratio_below", "below_limit", "impact_ratio", "mh_ratio",
		"strata", "p_homogeneity", "homogeneity_test",
		"q", "family", "shortfall", "flips", "detectable", "em", "peers", "provenance",
		"limit", "min_group", "min_total", "min_share", "alpha", "why",
	},
	check = check,
}
