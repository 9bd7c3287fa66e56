--- nyc_ll144_selection: the impact ratios of New York City's Local Law 144 by selection rate (6 RCNY 5-301(b)).
-- Tables of sex (2), race and ethnicity (7) and sex x race (14); impact ratio = selection rate / highest rate of the
-- table, to three decimals.  The rule has no pass mark: 0.80 is printed as a line to read by, nothing is notified.
-- One inferred class in a table and there is no table; how many of the others are declared and how many imported from
-- another record stands beside every category.

local format = string.format
local ll144 = evenhand.library("ll144")
local percent = evenhand.percent

local LINE, verdict, small_text, classes_text = ll144.LINE, ll144.verdict, ll144.small_text, ll144.classes_text

local function check(f)
	local out = ll144.outside(f)
	if out ~= nil then
		return out
	end
	local n, selected = f.n, f.selected
	local text = format("%s: %d of %d selected, rate %s", f.group, selected, n, percent(f.rate))
	if f.below_two_percent then
		return verdict("too_few", "below 2 %", format("%s. Less than %g %% of the data: left out of the "
			.. "ratios, which asks for a written reason.%s", text, f.min_share * 100, classes_text(f)))
	end
	if f.is_reference then
		return verdict("ok", "highest rate", format("%s, impact ratio 1.000: the highest of the table.%s%s",
			text, small_text(n), classes_text(f)))
	end
	local ratio, why = evenhand.impact_ratio(selected, n, f.ref_selected, f.ref_n)
	if ratio == nil then
		return verdict("too_few", "ratio not defined", format("%s. There is no impact ratio (%s).", text, why))
	end
	text = format("%s, impact ratio %.3f (highest: %s %s).", text, ratio, f.reference, percent(f.ref_rate))
	if evenhand.below(selected, n, f.ref_selected, f.ref_n, LINE) then
		return verdict("watch", "below the reference line", format("%s Below the reference line 0.80, which is "
			.. "no pass mark of the rule.%s%s", text, small_text(n), classes_text(f)))
	end
	return verdict("ok", "not below the reference line", text .. small_text(n) .. classes_text(f))
end

return {
	name = "nyc_ll144_selection",
	api = 1,
	version = "1.1",
	author = "Evenhand",
	pack = {
		name = "NYC Local Law 144, selection rates",
		source = "6 RCNY 5-300 to 5-304",
		from = "unknown",
		note = "A bias audit is at most one year old and made by an independent auditor: run by the employer "
			.. "this is a working paper, not an independent bias audit. In force; its first day is not "
			.. "known here: check the rule's text.",
	},
	attributes = { "sex", "race" },
	intersect = { { "sex", "race" } },
	limit = LINE,
	reference = "highest",
	min_group = 1,
	min_total = 1,
	min_share = 0.02,
	family = "none",
	ratio = "plain",
	provenance = "declared_only",
	needs = {
		"n", "selected", "ref_n", "ref_selected", "rate", "ref_rate", "below_two_percent",
		"min_share", "provenance",
	},
	check = check,
	compute = ll144.compute,
}
