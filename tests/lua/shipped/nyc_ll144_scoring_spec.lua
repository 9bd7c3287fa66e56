-- Scoring rates: evenhand policy test nyc_ll144_scoring tests/lua/shipped/nyc_ll144_scoring_spec.lua
-- Numbers: the worked example of 6 RCNY 5-301(d), a "culture fit" score; 50 + 34 of 168 are above the median.

local function category(attribute, group, n, above, change)
	local f = {
		evaluator = "", attribute = attribute, group = group, position = "", pooled = true,
			is_reference = false,
		reference = "x", below_two_percent = false, min_share = 0.02,
		provenance = { declared = 168, imported = 0, predicted = 0, unknown = 0 },
		scores = { n = n, median = 61, scoring_rate = n > 0 and above / n or nil },
	}
	for key, value in pairs(change or {}) do
		f[key] = value
	end
	return f
end

-- check() and summarise() on them, as an audit asks
local function judged(list)
	for _, f in ipairs(list) do
		local v = policy.check(f)
		f.verdict, f.rule, f.reason = v.verdict, v.rule, v.reason
	end
	for place, v in pairs(policy.summarise(list) or {}) do
		list[place].verdict, list[place].rule, list[place].reason = v.verdict, v.rule, v.reason
	end
	return list
end

local function ratio_of(f)
	return tonumber(f.reason:match("impact ratio (%d%.%d%d%d)"))
end

describe("the worked example", function()
	it("has the printed ratio of sex", function()
		local list = judged({ category("sex", "Female", 76, 34), category("sex", "Male", 92, 50) })
		assert.equal(0.823, ratio_of(list[1])) -- printed 0.82
		assert.equal(1.000, ratio_of(list[2]))
		assert.matches("34 of 76 above the median 61, scoring rate 44%.7 %%", list[1].reason)
		assert.equal("ok", list[1].verdict)
	end)

	it("has the printed ratios of race, and the highest scoring rate as its reference", function()
		local list = judged({
			category("race", "Hispanic or Latino", 28, 18), category("race", "White", 40, 15),
			category("race", "Black or African American", 32, 16),
			category("race", "Native Hawaiian or Pacific Islander", 8, 5), category("race", "Asian",
				24, 10),
		})
		local printed = { 1.00, 0.58, 0.78, 0.97, 0.65 }
		for i, f in ipairs(list) do
			assert.near(printed[i], ratio_of(f), 0.0051)
		end
		assert.matches("highest: Hispanic or Latino 64%.3 %%", list[2].reason)
		assert.equal("watch", list[2].verdict)
		assert.matches("Below the reference line 0%.80, which is no pass mark", list[2].reason)
		assert.matches("Small numbers: 8", list[4].reason)
	end)
end)

describe("tables", function()
	it("do not mix: each attribute and position has its own highest", function()
		local list = judged({
			category("sex", "Female", 100, 40), category("sex", "Male", 100, 50),
			category("race", "A", 100, 90), category("race", "B", 100, 80),
			category("sex", "Female", 100, 30, { position = "J2" }), category("sex", "Male", 100, 30,
				{ position = "J2" }),
		})
		assert.equal(0.800, ratio_of(list[1]))
		assert.equal("ok", list[1].verdict) -- exactly at the line
		assert.equal(0.889, ratio_of(list[4]))
		assert.equal(1.000, ratio_of(list[5]))
	end)

	it("cross the line just below 0.80", function()
		local list = judged({ category("sex", "Female", 1000, 399), category("sex", "Male", 1000, 500) })
		assert.equal("watch", list[1].verdict)
	end)

	it("leave a category below 2 % out, as reference too", function()
		local list = judged({
			category("race", "A", 980, 490), category("race", "B", 900, 400),
			category("race", "C", 10, 10, { below_two_percent = true }),
		})
		assert.equal("too_few", list[3].verdict)
		assert.matches("10 of 10 above the median", list[3].reason)
		assert.equal(1.000, ratio_of(list[1]))
	end)

	it("have no ratio where nobody has a score or nobody is above the median", function()
		assert.equal("too_few", judged({ category("sex", "Female", 0, 0) })[1].verdict)
		local list = judged({ category("sex", "Female", 10, 0), category("sex", "Male", 20, 0) })
		assert.equal("too_few", list[1].verdict)
	end)
end)

describe("imported classes", function()
	it("stand in the table, named", function()
		local from = { provenance = { declared = 8, imported = 160, predicted = 0, unknown = 2 } }
		local list = judged({ category("sex", "Male", 92, 50, from), category("sex", "Female", 76, 34, from) })
		for _, f in ipairs(list) do
			assert.matches("8 declared, 160 imported from another record%. Whether imported ones may stand in the "
				.. "table: check the rule's text%. 2 persons of unknown class, not in the table", f.reason)
		end
	end)

	it("are not spoken of where there are none", function()
		local list = judged({ category("sex", "Male", 92, 50), category("sex", "Female", 76, 34) })
		assert.matches("168 declared, 0 imported from another record%.$", list[2].reason)
	end)
end)

describe("refusals", function()
	it("are of one inferred class", function()
		local f = category("sex", "Female", 76, 34,
			{ provenance = { declared = 167, imported = 0, predicted = 1, unknown = 0 } })
		assert.equal("not_allowed", policy.check(f).verdict)
		assert.equal("declared_only", policy.provenance)
	end)

	it("are of a table about one evaluator", function()
		local f = category("sex", "Female", 76, 34, { pooled = false, evaluator = "E1" })
		assert.equal("not in the tables", policy.check(f).rule)
	end)

	it("are never a notification", function()
		facts.pooled():group("Male", 100, 90):group("Female", 100, 1)
		for _, f in ipairs(run().all) do
			assert.not_equal("notify", f.verdict)
		end
	end)
end)
