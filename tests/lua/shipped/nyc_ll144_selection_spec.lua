-- Selection rates: evenhand policy test nyc_ll144_selection tests/lua/shipped/nyc_ll144_selection_spec.lua
-- Numbers: the worked example of 6 RCNY 5-301(b) (from memory; every printed ratio follows from its counts).

local RACES = {
	"Hispanic or Latino", "White", "Black or African American", "Native Hawaiian or Pacific Islander", "Asian",
	"Native American or Alaska Native", "Two or More Races",
}
-- applicants and selected of the 14 cells, in that order
local MALE = { { 205, 90 }, { 412, 215 }, { 226, 95 }, { 87, 37 }, { 321, 167 }, { 24, 11 }, { 112, 52 } }
local FEMALE = { { 190, 82 }, { 385, 197 }, { 164, 75 }, { 32, 15 }, { 295, 135 }, { 17, 7 }, { 98, 44 } }

local function ratio_of(f)
	return tonumber(f.reason:match("impact ratio (%d%.%d%d%d)"))
end

describe("sex x race", function()
	local function cells()
		local b = facts.pooled()
		for i, race in ipairs(RACES) do
			b:group({ sex = "Male", race = race }, MALE[i][1], MALE[i][2])
			b:group({ sex = "Female", race = race }, FEMALE[i][1], FEMALE[i][2])
		end
		return run().pooled
	end

	it("has 14 cells with the printed ratios", function()
		local r, printed = cells(), {
			["Male x Hispanic or Latino"] = 0.841, ["Male x White"] = 1.000,
				["Male x Black or African American"] = 0.806,
			["Male x Native Hawaiian or Pacific Islander"] = 0.815, ["Male x Asian"] = 0.997,
			["Male x Two or More Races"] = 0.890, ["Female x Hispanic or Latino"] = 0.827,
				["Female x White"] = 0.981,
			["Female x Black or African American"] = 0.876, ["Female x Asian"] = 0.877,
			["Female x Two or More Races"] = 0.860,
		}
		local n = 0
		for cell, ratio in pairs(printed) do
			assert.near(ratio, ratio_of(r["sex x race." .. cell]), 0.00051, cell)
			n = n + 1
		end
		assert.equal(11, n)
	end)

	it("leaves three cells below 2 % out of the ratios, n and rate still shown", function()
		local r = cells()
		for _, cell in ipairs({ "Female x Native Hawaiian or Pacific Islander",
			"Male x Native American or Alaska Native", "Female x Native American or Alaska Native" }) do
			local f = r["sex x race." .. cell]
			assert.equal("too_few", f.verdict)
			assert.matches("left out of the ratios, which asks for a written reason", f.reason)
			assert.is_nil(ratio_of(f))
		end
		assert.matches("7 of 17 selected, rate 41%.2 %%",
			r["sex x race.Female x Native American or Alaska Native"].reason)
	end)

	it("says at the line what it is: no pass mark, and never notifies", function()
		for _, f in pairs(cells()) do
			assert.not_equal("notify", f.verdict)
			assert.not_equal("cannot_conclude", f.verdict)
		end
	end)
end)

describe("the tables of sex and of race", function()
	it("have the printed ratio of sex and state the unknown", function()
		facts.pooled():attribute("sex"):group("Male", 1390, 667):group("Female", 1181, 555):unknown(250, 100)
		local r = run().pooled
		assert.equal(0.979, ratio_of(r.Female))
		assert.equal(1.000, ratio_of(r.Male))
		assert.matches("250 persons of unknown class, not in the table", r.Female.reason)
	end)

	it("have the seven races with the printed ratios", function()
		facts.pooled():attribute("race"):group(RACES[1], 408, 204):group(RACES[2], 797,
			412):group(RACES[3], 390, 170)
			:group(RACES[4], 119, 52):group(RACES[5], 616, 302):group(RACES[6], 41, 18):group(RACES[7],
				213, 96)
		local r, ratios = run().pooled, { 0.97, 1.00, 0.84, 0.85, 0.95, nil, 0.87 }
		for i = 1, 7 do
			if ratios[i] ~= nil then
				assert.near(ratios[i], ratio_of(r[RACES[i]]), 0.0051)
			end
		end
		assert.equal("too_few", r[RACES[6]].verdict) -- 41 of 2584
	end)
end)

describe("the reference line 0.80", function()
	it("is not crossed at exactly 0.80", function()
		facts.pooled():group("Male", 100, 50):group("Female", 100, 40)
		assert.equal("ok", run().pooled.Female.verdict)
	end)

	it("is crossed just below, which is a remark", function()
		facts.pooled():group("Male", 1000, 500):group("Female", 1000, 399)
		local f = run().pooled.Female
		assert.equal("watch", f.verdict)
		assert.matches("Below the reference line 0%.80, which is no pass mark of the rule", f.reason)
	end)
end)

describe("the 2 % option", function()
	it("keeps a category of exactly 2 %", function()
		facts.pooled():attribute("race"):group("A", 98, 49):group("B", 2, 1)
		assert.equal("ok", run().pooled.B.verdict)
	end)
end)

describe("small numbers", function()
	it("are remarked below 30", function()
		facts.pooled():group("Male", 30, 15):group("Female", 29, 15)
		local r = run().pooled
		assert.matches("Small numbers: 29", r.Female.reason)
		assert.is_nil(r.Male.reason:find("Small numbers", 1, true))
	end)
end)

describe("imported classes", function()
	it("stand in the table, named", function()
		local v = policy.check({ pooled = true, group = "Female", n = 40, selected = 30, rate = 0.75,
			below_two_percent = false, is_reference = true,
			provenance = { declared = 0, imported = 500, predicted = 0, unknown = 0 } })
		assert.matches("0 declared, 500 imported from another record%. Whether imported ones may stand", v.reason)
	end)
end)

describe("inferred classes", function()
	it("are not taken", function()
		assert.equal("declared_only", policy.provenance)
	end)

	it("one of them, and there is no ratio", function()
		local v = policy.check({ provenance = { declared = 500, imported = 0, predicted = 1, unknown = 0 },
			pooled = true })
		assert.equal("not_allowed", v.verdict)
		assert.matches("The class of 1 person was inferred", v.reason)
	end)
end)

describe("a single evaluator", function()
	it("is no table of the rule", function()
		facts.evaluator("E1"):group("Male", 100, 90):group("Female", 100, 10)
		local f = run().E1.Female
		assert.equal("ok", f.verdict)
		assert.equal("not in the tables", f.rule)
	end)
end)

describe("what is said of the audit", function()
	local function by_rule(declarations)
		facts.pooled():group("Male", 100, 50):group("Female", 100, 45)
		facts.project({ as_of = "2026-11-30", declarations = declarations })
		local rules = {}
		for _, f in ipairs(run().own) do
			rules[f.rule] = f
		end
		return rules
	end

	it("is that it is a working paper, until an independent auditor is declared", function()
		local f = by_rule({ auditor = "A", auditor_independent = "no" })["working paper"]
		assert.equal("watch", f.verdict)
		assert.matches("Working paper, not an independent bias audit", f.reason)
	end)

	it("is ok one year after the audit", function()
		assert.equal("ok", by_rule({ audit_date = "2025-11-30" })["audit of the last year"].verdict)
	end)

	it("is remarked a day later", function()
		assert.equal("watch", by_rule({ audit_date = "2025-11-29" })["audit older than a year"].verdict)
	end)

	it("wants 10 business days: 9 are remarked", function()
		assert.equal("watch", by_rule({ notice_days_before_use = "9" })["notice before use"].verdict)
	end)

	it("wants 10 business days: 10 are not", function()
		assert.equal("ok", by_rule({ notice_days_before_use = "10" })["notice before use"].verdict)
	end)

	it("says until when the summary stays posted", function()
		local f = by_rule({ audit_posted = "2026-01-10", last_use = "2026-10-31" })["summary posted"]
		assert.matches("keep it until 2027%-04%-30", f.reason)
	end)
end)
