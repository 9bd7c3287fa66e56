--- ofccp_2sd: two standard deviations, as the OFCCP practised it under Executive Order 11246 (historical yardstick).
-- Group against the group with the highest rate: pooled two-sample z; Fisher's exact test in its place where there are
-- fewer than 30 in all, or where an expected cell is below 5.
--
-- "Or", where the agency's manual is quoted with "and": the two readings are on record (facts/law.md 6).  With "and" a
-- table of 400 with an expected cell of 2 is left to an approximation that is known to be bad there, and a table of 25
-- with all cells above 5 is judged by a z that the same text refuses below 30.  "Or" never uses z where either reading
-- refuses it, and Fisher's test is right in both places.

local format = string.format
local stages = evenhand.library("stages")
local p_text, side_text = evenhand.p_text, stages.side_text

local seen, alpha = {}, 0.05

-- Practical significance has no bright line in the practice: the measures are told, none decides.
local function effects_text(c)
	local e = evenhand.effects(c.selected, c.n, c.ref_selected, c.ref_n)
	return format("ratio %s, odds ratio %s, shortfall %s%s",
		evenhand.ratio_text(evenhand.impact_ratio(c.selected, c.n, c.ref_selected, c.ref_n)), e.odds_ratio
		and format("%.2f", e.odds_ratio) or "undefined", e.shortfall and format("%.1f", e.shortfall)
		or "undefined", e.flips and "; the swap of one person would turn the order round" or "")
end

-- c: selected, n, ref_selected, ref_n, group, reference, where (text); m of measure(); q in its family of size tests.
local function judge(c, m, q, size)
	if m.p == nil then
		return "cannot_conclude", "test not defined", format("%s: %s against %s: there is no test (%s).",
			c.where, c.group, c.reference, m.why or "empty_group")
	end
	local text = format("%s: %s, %s: %s; %s", c.where, side_text(c.selected, c.n, c.group),
		side_text(c.ref_selected, c.ref_n, c.reference), m.text, effects_text(c))
	if c.selected * c.ref_n >= c.ref_selected * c.n then
		return "ok", "not the lower rate", text .. "."
	end
	if not m.beyond then
		return "ok", "below 2.0 standard deviations", text .. ". Below 2.0 standard deviations."
	end
	if q == nil or q >= alpha then
		return "watch", "2.0 standard deviations, not after correction", format(
			"%s. 2.0 standard deviations or more; corrected by Holm for %s p %s, not below %s.", text,
			evenhand.count(size, "test"), p_text(q), alpha)
	end
	return "notify", "2.0 standard deviations", format("Potential violation of policy ofccp_2sd: %s. Corrected by "
		.. "Holm for %s p %s.", text, evenhand.count(size, "test"), p_text(q))
end

local function check(f)
	seen[f.attribute], alpha = true, f.alpha
	if not f.pooled then
		return {
			verdict = "cannot_conclude",
			rule = "not about evaluators",
			reason = "The practice looked at jobs and their stages, not at single evaluators.",
		}
	end
	if f.is_reference then
		return { verdict = "ok", rule = "reference group", reason = "This group has the highest rate." }
	end
	if f.below_two_percent then
		return {
			verdict = "too_few",
			rule = "smallest share of the pool",
			reason = format("%s is less than %g %% of the persons judged: listed, not compared.", f.group,
				f.min_share * 100),
		}
	end
	return stages.judge_facts(f, judge)
end

local function compute()
	local own = stages.findings(seen, judge)
	seen = {}
	return own
end

return {
	name = "ofccp_2sd",
	api = 1,
	version = "1.1",
	author = "Evenhand",
	pack = {
		name = "OFCCP two standard deviations",
		source = "EO 11246, FCCM 2M03",
		from = "unknown",
		to = "unknown",
		note = "Historical: the order was revoked; its days are not known here, check the orders. A yardstick "
			.. "only: nothing is notified under it.",
	},
	attributes = { "sex", "race" },
	limit = { 4, 5 },
	reference = "highest",
	min_group = 1,
	min_total = 1,
	alpha = 0.05,
	family = "holm",
	provenance = "declared",
	ratio = "plain",
	needs = {
		"n", "selected", "ref_n", "ref_selected", "persons", "ref_persons",
		"below_two_percent", "p", "p_method",
		"q", "family", "alpha", "min_share", "provenance", "why",
	},
	check = check,
	compute = compute,
}
