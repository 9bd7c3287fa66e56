-- Values of the functions in C that no case file has; test_primitives.c runs it.

local function near(a, b)
	return math.abs(a - b) <= 1e-12 * math.max(1, math.abs(b))
end

local function rates()
	local list, best = evenhand.rates {
		{group = "b", selected = 10, n = 20}, {group = "a", selected = 20, n = 40}, {group = "c", selected = 0, n = 0},
		{selected = 1, n = 4},
	}
	assert(#list == 4 and best == 2, "the larger of equal rates is the highest")
	assert(list[1].rate == 0.5 and list[1].group == "b" and list[1].n == 20 and list[1].selected == 10)
	assert(list[3].rate == nil and list[3].why.rate == "empty_group" and list[3].share == 0)
	assert(list[4].group == nil and near(list[4].share, 4 / 64))
	local _, tie = evenhand.rates {{group = "y", selected = 1, n = 2}, {group = "x", selected = 1, n = 2}}
	assert(tie == 2, "of a full tie the first name in byte order")
	local nobody, none = evenhand.rates {{selected = 0, n = 0}}
	assert(nobody[1].why.share == "empty_group" and none == nil)
	local empty, no_best = evenhand.rates {}
	assert(#empty == 0 and no_best == nil)
	local zero, first = evenhand.rates {{group = "m", selected = 0, n = 5}, {group = "f", selected = 0, n = 5}}
	assert(zero[1].rate == 0 and first == 2)
end

local function families()
	local q, size = evenhand.family({0.01, nil, 0.03, false, 0.04}, "holm")
	assert(size == 3 and q[2] == nil and q[4] == nil and near(q[1], 0.03) and near(q[3], 0.06) and near(q[5], 0.06))
	q, size = evenhand.family({}, "bh")
	assert(size == 0 and next(q) == nil)
	q, size = evenhand.family({0.5, 1, 0}, "none")
	assert(size == 3 and q[1] == 0.5 and q[2] == 1 and q[3] == 0)
end

local function benchmark()
	local r = evenhand.benchmark {
		selected = 10, n = 40, ref_selected = 30, ref_n = 40, limit = {4, 5},
		others = {{18, 40, 20, 40}, {selected = 8, n = 40, ref_selected = 20, ref_n = 40}, {16, 40, 20, 40},
			{0, 0, 1, 2}},
	}
	-- 18/20 is within, 8/20 is below, 16/20 is exactly 4/5 and not below, the last has no ratio
	assert(r.evaluators == 2 and r.n == 80 and r.selected == 34)
	assert(near(r.rate, 34 / 80) and near(r.impact_ratio, 34 / 40) and near(r.deviation, 1 / 3 - 34 / 40))
	assert(r.p > 0 and r.p < 0.05 and r.z < 0 and r.interval.low < r.peers_ratio and r.interval.high > r.peers_ratio)
	r = evenhand.benchmark {
		selected = 10, n = 40, ref_selected = 30, ref_n = 40, others = {{18, 40, 20, 40}, {8, 40, 20, 40}},
	}
	assert(r.evaluators == 2 and r.n == 80, "without a limit everybody with a ratio is in it")
	r = evenhand.benchmark {selected = 10, n = 40, ref_selected = 30, ref_n = 40, others = {}}
	assert(r.evaluators == 0 and r.deviation == nil and r.why.deviation == "no_peers" and r.why.p == "no_peers")
	assert(r.interval == nil and r.why.interval == "no_peers" and near(r.ratio, 1 / 3))
end

-- Half a person in each cell where nobody of the group was advanced, as the audit does it; who advanced everybody or
-- nobody says nothing of a ratio.
local function peers_of_the_audit()
	local counts = {{0, 10, 5, 10}, {12, 40, 30, 50}, {5, 25, 20, 40}, {0, 10, 3, 10}, {4, 4, 6, 6}, {0, 9, 0, 7}}
	local y, v = {}, {}
	for i, c in ipairs(counts) do
		local half = c[1] == 0 and 0.5 or 0
		local a, n1, b, n2 = c[1] + half, c[2] + 2 * half, c[3] + half, c[4] + 2 * half
		y[i], v[i] = math.log(a / n1 / (b / n2)), 1 / a - 1 / n1 + 1 / b - 1 / n2
	end
	local weight, sum = 0, 0
	for i = 2, 4 do
		weight, sum = weight + 1 / v[i], sum + y[i] / v[i]
	end
	local others = {table.unpack(counts, 2)}
	local r = evenhand.benchmark {selected = 0, n = 10, ref_selected = 5, ref_n = 10, others = others}
	local apart, se = y[1] - sum / weight, math.sqrt(v[1] + 1 / weight)
	assert(r.ratio == 0 and near(r.peers_ratio, math.exp(apart)) and near(r.z, apart / se))
	assert(r.peers_corrected and near(r.peers_impact_ratio, math.exp(sum / weight)) and r.peers_evaluators == 3)
	assert(r.peers_n == 75 and r.peers_selected == 17 and r.peers_ref_n == 100 and r.peers_ref_selected == 53)
	r = evenhand.benchmark {selected = 0, n = 9, ref_selected = 0, ref_n = 7, others = counts}
	assert(r.peers_ratio == nil and r.why.peers_ratio == "nobody_selected" and r.peers_evaluators == 0)
end

-- A field that the table does not have raises; one that has no value is nil.
local function fields_of_results()
	local function unknown(words, f)
		local ok, message = pcall(f)
		assert(not ok and message:find(words, 1, true), tostring(message))
	end
	local r = evenhand.effects(0, 10, 0, 10)
	assert(r.odds_ratio == nil and r.why.odds_ratio == "nobody_selected" and r.why.shortfall == nil)
	unknown("own.lua:", function() return r.shortfal end)
	unknown("unknown field shortfal of Effects: did you mean shortfall", function() return r.shortfal end)
	unknown("unknown field shortfal of Effects.why: did you mean shortfall", function() return r.why.shortfal end)
	unknown("unknown field lo of OwnInterval", function() return evenhand.interval(1, 10, 2, 10).lo end)
	unknown("Strata is read by field name, not by a number", function() return evenhand.strata {{1, 2, 1, 2}}[1] end)
	unknown("did you mean selected", function() return evenhand.rates({{selected = 1, n = 2}})[1].selectd end)
	unknown("peers_evaluator of BenchmarkResult", function()
		return evenhand.benchmark({selected = 1, n = 2, ref_selected = 1, ref_n = 2, others = {}}).peers_evaluator
	end)
	-- the table is the policy's own all the same, and nothing of the program is behind it
	r.mine = 1
	assert(r.mine == 1 and getmetatable(r) == nil and rawget(r, "shortfal") == nil)
	for name in pairs(r) do
		assert(r[name] ~= nil)
	end
end

local function unseen()
	local x = evenhand.unseen {
		selected = 10, n = 20, ref_selected = 20, ref_n = 40, unknown_selected = 5, unknown_n = 9,
	}
	assert(near(x.low, (10 / 24) / (25 / 45)) and near(x.high, (15 / 25) / (20 / 44)))
	x = evenhand.unseen {selected = 1, n = 2, ref_selected = 0, ref_n = 3, unknown_selected = 1, unknown_n = 1}
	assert(near(x.low, (1 / 2) / (1 / 4)) and x.high == nil and x.why.high == "unbounded")
	local none, why = evenhand.unseen {selected = 0, n = 0, ref_selected = 0, ref_n = 0, unknown_selected = 0,
		unknown_n = 0}
	assert(none == nil and why == "empty_group")
end

local function power()
	local ratio, why, found = evenhand.power {n = 100, ref_n = 100, ref_rate = 0.5}
	assert(ratio > 0.5 and ratio < 0.8 and why == nil and found == nil)
	local _, _, yes = evenhand.power {n = 100, ref_n = 100, ref_rate = 0.5, limit = {1, 2}}
	local _, _, no = evenhand.power {n = 100, ref_n = 100, ref_rate = 0.5, limit = {4, 5}}
	assert(yes == true and no == false)
	local none, reason, no_limit = evenhand.power {n = 2, ref_n = 2, ref_rate = 0.5, limit = {4, 5}}
	assert(none == nil and reason == "not_detectable" and no_limit == false)
	local strict = evenhand.power {n = 100, ref_n = 100, ref_rate = 0.5, alpha = 0.001}
	assert(strict < ratio, "a stricter level finds less")
	assert(select(2, evenhand.power {n = 0, ref_n = 5, ref_rate = 0.5}) == "empty_group")
end

-- Undefined is nil and the reason's word, as in facts and JSON.
local function undefined()
	local function expect(word, value, why)
		assert(value == nil and why == word, tostring(value) .. " " .. tostring(why))
	end
	expect("empty_group", evenhand.rate(0, 0))
	expect("reference_none_selected", evenhand.impact_ratio(5, 10, 0, 10))
	expect("nobody_selected", evenhand.below(0, 10, 0, 10, {4, 5}))
	expect("everybody_selected", evenhand.test("z", 5, 5, 5, 5))
	expect("focal_none_selected", evenhand.interval(0, 10, 5, 10, "katz"))
	expect("empty_group", evenhand.posterior(0, 0, 5, 10, {4, 5}))
	expect("not_computed", evenhand.test("boschloo", 1, 5, 5, 30000))
	local s = evenhand.strata {}
	assert(s.ratio == nil and s.why.ratio == "empty_group" and s.strata == 0 and s.why.shortfall == "empty_group")
	assert(s.interval == nil and s.why.interval == "empty_group" and s.below == nil and s.why.below == nil)
	assert(evenhand.strata({}, {4, 5}).why.below == "empty_group")
	s = evenhand.strata {{5, 10, 6, 10}}
	assert(s.p_breslow_day == nil and s.why.p_breslow_day == "one_stratum" and near(s.ratio, 5 / 6))
	assert(s.p_homogeneity == nil and s.why.p_homogeneity == "one_stratum")
	s = evenhand.strata {{2, 4, 3, 9}, {1, 3, 6, 8}, {0, 2, 4, 10}, {3, 3, 2, 7}, {1, 5, 1, 6}}
	assert(s.p_breslow_day < 0.25 and math.abs(s.p_homogeneity - 0.15323157796465733) < 1e-9) -- R
	s = evenhand.strata {{300, 600, 200, 500}, {250, 500, 300, 700}}
	assert(s.p_homogeneity == s.p_breslow_day and s.p_liang_self ~= s.p_breslow_day)
	local e = evenhand.effects(10, 10, 0, 5)
	assert(e.flips == nil and e.why.flips == "swap_impossible" and e.why.odds_ratio == "unbounded")
	local i = evenhand.interval(5, 10, 0, 10)
	assert(i.low > 0 and i.high == nil and i.why.high == "unbounded")
	assert(evenhand.interval_text(i):find("no upper end"))
end

return {
	name = "own_values", api = 1, version = "1",
	check = function(facts)
		rates()
		families()
		benchmark()
		peers_of_the_audit()
		fields_of_results()
		unseen()
		power()
		undefined()
		-- the limit and the counts of a finding are what these functions take
		local f = facts
		assert(evenhand.below(f.selected, f.n, f.ref_selected, f.ref_n, f.limit) == f.below_limit)
		assert(near(evenhand.impact_ratio(f.selected, f.n, f.ref_selected, f.ref_n), f.impact_ratio))
		-- products beyond 64 bits
		assert(evenhand.below(4 << 37, 5 << 37, 5 << 37, 5 << 37, {4, 5}) == false)
		assert(evenhand.below((4 << 37) - 1, 5 << 37, 5 << 37, 5 << 37, {4, 5}) == true)
		return "ok"
	end,
}
