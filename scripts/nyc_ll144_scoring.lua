--- nyc_ll144_scoring: the impact ratios of New York City's Local Law 144 by scoring rate (6 RCNY 5-301(c) and (d)).
-- Scoring rate = share of a category strictly above the median score of the full sample; impact ratio = scoring rate /
-- highest scoring rate of the table, to three decimals.  Tables of sex (2), race and ethnicity (7), sex x race (14).
-- The rule has no pass mark: 0.80 is printed as a line to read by, nothing is notified.  One inferred class in a table
-- and there is no table; how many of the others are declared and how many imported stands beside every category.
--
-- Which category has the highest scoring rate is known when all of a table have been seen: check() says what a category
-- has, summarise() adds the ratio.

local format = string.format
local ll144 = evenhand.library("ll144")
local percent = evenhand.percent

local LINE, verdict, small_text, classes_text = ll144.LINE, ll144.verdict, ll144.small_text, ll144.classes_text

-- Persons strictly above the median, a whole number again.
local function above(f)
	return math.floor(f.scores.scoring_rate * f.scores.n + 0.5)
end

local function category_text(f)
	return format("%s: %d of %d above the median %g, scoring rate %s", f.group, above(f), f.scores.n,
		f.scores.median, percent(f.scores.scoring_rate))
end

local function check(f)
	local out = ll144.outside(f)
	if out ~= nil then
		return out
	end
	if f.scores.n == 0 or f.scores.scoring_rate == nil then
		return verdict("too_few", "no scores",
			format("%s: nobody has a score, so that there is no scoring rate.", f.group))
	end
	if f.below_two_percent then
		return verdict("too_few", "below 2 %", format("%s. Less than %g %% of the data: left out of the "
			.. "ratios, which asks for a written reason.%s", category_text(f), f.min_share * 100,
			classes_text(f)))
	end
	return verdict("ok", "in a table", category_text(f) .. ".")
end

-- The categories of each table that stand in it, with the place of the highest scoring rate.
local function tables_of(findings)
	local tables, order = {}, {}
	for place, f in ipairs(findings) do
		if f.pooled and f.verdict == "ok" then
			local key = f.attribute .. "\n" .. f.position
			if tables[key] == nil then
				tables[key] = { places = {}, counts = {} }
				order[#order + 1] = tables[key]
			end
			local t = tables[key]
			t.places[#t.places + 1] = place
			t.counts[#t.counts + 1] = { group = f.group, selected = above(f), n = f.scores.n }
		end
	end
	return order
end

local function with_ratio(f, counts, best)
	local small = small_text(f.scores.n) .. classes_text(f)
	if counts == best then
		return verdict("ok", "highest rate",
			format("%s, impact ratio 1.000: the highest of the table.%s", category_text(f), small))
	end
	local ratio, why = evenhand.impact_ratio(counts.selected, counts.n, best.selected, best.n)
	if ratio == nil then
		return verdict("too_few", "ratio not defined", format("%s. There is no impact ratio (%s).",
			category_text(f), why))
	end
	local text = format("%s, impact ratio %.3f (highest: %s %s).", category_text(f), ratio, best.group,
		percent(best.selected / best.n))
	if evenhand.below(counts.selected, counts.n, best.selected, best.n, LINE) then
		return verdict("watch", "below the reference line",
			format("%s Below the reference line 0.80, which is no pass mark of the rule.%s", text, small))
	end
	return verdict("ok", "not below the reference line", text .. small)
end

local function summarise(findings)
	local changes = {}
	for _, t in ipairs(tables_of(findings)) do
		local _, best = evenhand.rates(t.counts)
		for i, place in ipairs(t.places) do
			changes[place] = with_ratio(findings[place], t.counts[i], t.counts[best])
		end
	end
	return changes
end

return {
	name = "nyc_ll144_scoring",
	api = 1,
	version = "1.1",
	author = "Evenhand",
	pack = {
		name = "NYC Local Law 144, scoring rates",
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
	needs = { "scores", "below_two_percent", "min_share", "provenance" },
	check = check,
	compute = ll144.compute,
	summarise = summarise,
}
