--- four_fifths: the plain four-fifths rule, a remark and never a notification (29 CFR 1607.4(D); facts/law.md 6).
-- The plain ratio to the group with the highest rate, by exact integers, for known classes only; no test is asked.

local function too_few(f)
	local all = f.provenance.declared + f.provenance.imported
	if f.persons >= f.min_group and f.ref_persons >= f.min_group and all >= f.min_total then
		return nil
	end
	return {
		verdict = "too_few",
		rule = "minimum of persons",
		reason = string.format(
			"%s judged %s of %s, %d of %s and %d in all; at least %d per group and %d in all are needed.",
			evenhand.subject_text(f), evenhand.count(f.persons, "person"), f.group, f.ref_persons,
			evenhand.reference_text(f), all, f.min_group, f.min_total),
	}
end

-- The rule knows no strata; what they make of the ratio stands beside it.
local function strata_text(f)
	if f.mh_ratio == nil then
		return "."
	end
	return string.format("; the stratified ratio beside it is %s.", evenhand.ratio_text(f.mh_ratio, f.limit))
end

local function check(f)
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
			reason = string.format("%s is less than %g %% of the persons judged: listed, not compared.",
				f.group, f.min_share * 100),
		}
	end
	local few = too_few(f)
	if few ~= nil then
		return few
	end
	if f.below_limit == nil then
		return {
			verdict = "cannot_conclude",
			rule = "ratio not defined",
			reason = string.format("The ratio of %s is not defined (%s).", f.group, f.undefined),
		}
	end
	local text = string.format("%s: rate of %s %s, of %s %s, plain ratio %s", evenhand.subject_text(f), f.group,
		evenhand.percent(f.rate), evenhand.reference_text(f), evenhand.percent(f.ref_rate),
		evenhand.ratio_text(f.impact_ratio, f.limit))
	local limit = evenhand.limit_text(f.limit) .. strata_text(f)
	if f.below_limit then
		return { verdict = "watch", rule = "below the limit", reason = text .. ", below " .. limit }
	end
	return { verdict = "ok", rule = "not below the limit", reason = text .. ", not below " .. limit }
end

return {
	name = "four_fifths",
	api = 1,
	version = "1.0",
	limit = { 4, 5 },
	reference = "highest",
	min_group = 5,
	min_total = 30,
	family = "none",
	classes = "known",
	ratio = "plain",
	needs = {
		"persons", "ref_persons", "below_two_percent", "below_limit", "undefined", "impact_ratio", "mh_ratio",
		"rate", "ref_rate", "provenance", "limit", "min_group", "min_total", "min_share",
	},
	check = check,
}
