--- four_fifths: the plain four-fifths rule, a remark and never a notification (29 CFR 1607.4(D); facts/law.md 6).
-- The plain ratio to the group with the highest rate, by exact integers, for known classes only; no test is asked.
-- A total that looks even is no answer for a stage that does not (Connecticut v. Teal, 457 U.S. 440): where decisions
-- fall in several stages, compute() looks at each of them besides the totals that check() sees.

local format = string.format
local stages = evenhand.library("stages")
local percent, ratio_text = evenhand.percent, evenhand.ratio_text

local seen = {} -- attributes that check() was asked about
local limit, min_group, min_total -- in force, as check() finds them

local function too_few(f)
	local from, least, group, rest = f.provenance, f.min_group, f.persons, f.ref_persons
	local all = from.declared + from.imported
	if group >= least and rest >= least and all >= f.min_total then
		return nil
	end
	return {
		verdict = "too_few",
		rule = "minimum of persons",
		reason = format(
			"%s judged %s of %s, %d of %s and %d in all; at least %d per group and %d in all are needed.",
			evenhand.subject_text(f), evenhand.count(group, "person"), f.group, rest,
			evenhand.reference_text(f), all, least, f.min_total),
	}
end

-- The rule knows no strata; what they make of the ratio stands beside it.
local function strata_text(f)
	local stratified = f.mh_ratio
	if stratified == nil then
		return "."
	end
	return format("; the stratified ratio beside it is %s.", ratio_text(stratified, limit))
end

local function check(f)
	if not seen[f.attribute] then
		seen[f.attribute] = true
		limit = { num = f.limit.num, den = f.limit.den }
		min_group, min_total = f.min_group, f.min_total
	end
	if f.is_reference then
		return {
			verdict = "ok",
			rule = "reference group",
			reason = "This group has the highest rate; the others are compared with it.",
		}
	end
	if f.below_two_percent then
		return {
			verdict = "too_few",
			rule = "smallest share of the pool",
			reason = format("%s is less than %g %% of the persons judged: listed, not compared.",
				f.group, f.min_share * 100),
		}
	end
	local few = too_few(f)
	if few ~= nil then
		return few
	end
	local below = f.below_limit
	if below == nil then
		return {
			verdict = "cannot_conclude",
			rule = "ratio not defined",
			reason = format("The ratio of %s is not defined (%s).", f.group, f.undefined),
		}
	end
	local text = format("%s: rate of %s %s, of %s %s, plain ratio %s", evenhand.subject_text(f), f.group,
		percent(f.rate), evenhand.reference_text(f), percent(f.ref_rate), ratio_text(f.impact_ratio, limit))
	local bound = evenhand.limit_text(limit) .. strata_text(f)
	if below then
		return { verdict = "watch", rule = "below the limit", reason = text .. ", below " .. bound }
	end
	return { verdict = "ok", rule = "not below the limit", reason = text .. ", not below " .. bound }
end

local function stage_text(cell)
	return format("Stage %s%s", cell.stage == "" and "without a name" or cell.stage,
		cell.position == "" and "" or " of " .. cell.position)
end

local function judge_stage(cell, g, best)
	if g.persons < min_group or best.persons < min_group or cell.persons < min_total then
		return "too_few", "minimum of persons", format(
			"%s: %s of %s, %d of %s and %d in all; at least %d per group and %d in all are needed.",
			stage_text(cell), evenhand.count(g.persons, "person"), g.group, best.persons, best.group,
			cell.persons, min_group, min_total)
	end
	local below, why = evenhand.below(g.selected, g.n, best.selected, best.n, limit)
	if below == nil then
		return "cannot_conclude", "ratio not defined",
			format("%s: the ratio of %s is not defined (%s).", stage_text(cell), g.group, why)
	end
	local text = format("%s: %d of %d %s (%s), %d of %d %s (%s), plain ratio %s", stage_text(cell), g.selected, g.n,
		g.group, percent(g.selected / g.n), best.selected, best.n, best.group, percent(best.selected / best.n),
		ratio_text(evenhand.impact_ratio(g.selected, g.n, best.selected, best.n), limit))
	local bound = evenhand.limit_text(limit)
	if below then
		return "watch", "stage below the limit", format("%s, below %s, whatever the total says.", text, bound)
	end
	return "ok", "stage not below the limit", format("%s, not below %s.", text, bound)
end

-- Where there is nothing to count (a what-if over stored counts) there are no stages either.
local function has_stages()
	local counted, rows = pcall(evenhand.counts, { by = { "stage" } })
	return counted and #rows > 1
end

local function compute()
	local own = {}
	for attribute in pairs(has_stages() and seen or {}) do
		local cells = stages.cells_of(attribute)
		local jobs = stages.several(cells, "position")
		for _, cell in ipairs(cells) do
			local compared, best = stages.highest(cell)
			for _, g in ipairs(compared) do
				if g ~= best and #own < 10000 then
					local verdict, rule, reason = judge_stage(cell, g, best)
					own[#own + 1] = {
						attribute = attribute, group = g.group, reference = best.group,
						position = jobs and cell.position or nil, stage = cell.stage,
						verdict = verdict, rule = rule, reason = reason,
						n = g.n, selected = g.selected, ref_n = best.n,
							ref_selected = best.selected,
					}
				end
			end
		end
	end
	seen = {}
	return own
end

return {
	name = "four_fifths",
	api = 1,
	version = "1.1",
	author = "Evenhand",
	pack = {
		name = "UGESP four fifths",
		source = "29 CFR 1607.4(D)",
		from = "1978",
		note = "The rescission of UGESP was on the agenda of the EEOC in July 2026: look whether it was "
			.. "published.",
	},
	limit = { 4, 5 },
	reference = "highest",
	min_group = 5,
	min_total = 30,
	family = "none",
	classes = "known",
	ratio = "plain",
	stateless = true,
	needs = {
		"persons", "ref_persons", "below_two_percent", "below_limit", "undefined", "impact_ratio", "mh_ratio",
		"rate", "ref_rate", "provenance", "limit", "min_group", "min_total", "min_share",
	},
	check = check,
	compute = compute,
}
