-- Equality monitoring: evenhand policy test uk_monitoring tests/lua/shipped/uk_monitoring_spec.lua

local function within(declarations)
	local lib = setmetatable({ project = { declarations = declarations } }, { __index = evenhand })
	return loadfile("scripts/uk_monitoring.lua", "t", setmetatable({ evenhand = lib }, { __index = _G }))()
end

local BASIS = { sch1_condition = "Schedule 1 paragraph 8", opt_out = "2026-01-01", human_review = "2026-01-01" }

local function finding(change)
	local f = {
		evaluator = "", attribute = "race", group = "black", position = "", pooled = true, is_reference = false,
		reference = "rest", n = 40, ref_n = 40, persons = 40, ref_persons = 40, rate = 0.25, ref_rate = 0.75,
		ratio = 1 / 3, ratio_below = true, q = 0.0002, family = { method = "holm", size = 4 },
			alpha = 0.05, why = {},
		provenance = { declared = 80, imported = 0, predicted = 0, unknown = 0 }, limit = { num = 4, den = 5 },
	}
	for key, value in pairs(change or {}) do
		f[key] = value
	end
	return f
end

describe("what is said", function()
	it("is a remark, never a notification", function()
		local v = within(BASIS).check(finding())
		assert.equal("watch", v.verdict)
		assert.matches("below the reference line 4/5", v.reason)
	end)

	it("needs a corrected p below alpha", function()
		assert.equal("ok", within(BASIS).check(finding({ q = 0.05 })).verdict)
		assert.equal("watch", within(BASIS).check(finding({ q = 0.0499 })).verdict)
	end)

	it("tells declared classes from imported ones, and prints no number below 10", function()
		local v = within(BASIS).check(finding({ provenance = { declared = 9, imported = 71, predicted = 0, unknown = 0 } }))
		assert.matches("Classes of persons: fewer than 10 declared, 71 imported from another record", v.reason)
		v = within(BASIS).check(finding({ ratio_below = false, ratio = 1, provenance = { declared = 0, imported = 80,
			predicted = 0, unknown = 0 } }))
		assert.matches("Classes of persons: 0 declared, 80 imported", v.reason)
	end)

	it("counts nobody, so that no small cell follows from the rest of the others", function()
		local v = within(BASIS).check(finding({ n = 43, ref_n = 57 }))
		assert.matches("25%.0 %% of black, 75%.0 %% of the rest", v.reason)
		assert.is_nil(v.reason:find("43", 1, true))
		assert.is_nil(v.reason:find("57", 1, true))
	end)

	it("needs 10 persons in a cell", function()
		assert.equal("too_few", within(BASIS).check(finding({ persons = 9 })).verdict)
		assert.equal("too_few", within(BASIS).check(finding({ ref_persons = 9 })).verdict)
		assert.equal("watch", within(BASIS).check(finding({ persons = 10, ref_persons = 10 })).verdict)
	end)
end)

describe("refusals", function()
	it("are of one inferred class", function()
		local inferred = { declared = 79, imported = 0, predicted = 1, unknown = 0 }
		assert.equal("not_allowed", within(BASIS).check(finding({ provenance = inferred })).verdict)
		assert.equal("declared_only", policy.provenance)
	end)

	it("are of what has no basis or no way out", function()
		local v = within({}).check(finding())
		assert.equal("not_allowed", v.verdict)
		assert.matches("Declare sch1_condition and opt_out first", v.reason)
		assert.equal("not_allowed", within({ sch1_condition = "x" }).check(finding()).verdict)
		assert.equal("not_allowed", within({ opt_out = "2026-01-01" }).check(finding()).verdict)
	end)

	it("are of one person", function()
		assert.equal("cannot_conclude",
			within(BASIS).check(finding({ pooled = false, evaluator = "E1" })).verdict)
	end)
end)

describe("the review", function()
	local function review(confirmed, rejected, declarations)
		local own = policy.compute({
			as_of = "2026-11-30", declarations = declarations or BASIS,
			jurisdictions = { { code = "GB", candidates = 20 } },
			notifications = { confirmed = confirmed, rejected = rejected, pending = 0 },
		})
		return own[#own]
	end

	it("that confirmed all of 5 is remarked", function()
		assert.equal("watch", review(5, 0).verdict)
		assert.matches("every one was confirmed", review(5, 0).reason)
	end)

	it("of 4, or with one rejected, is not", function()
		assert.equal("ok", review(4, 0).verdict)
		assert.equal("ok", review(5, 1).verdict)
	end)

	it("has to be declared", function()
		assert.equal("review not declared", review(1, 1, {}).rule)
	end)

	it("is not asked for elsewhere", function()
		assert.equal("scope", policy.compute({ as_of = "2026-11-30", jurisdictions = {} })[1].subject)
		assert.equal("scope", policy.compute({ as_of = "2026-11-30",
			jurisdictions = { { code = "US-CA", candidates = 20 } } })[1].subject)
	end)

	it("is asked for in a part of the country", function()
		assert.equal("sch1_condition", policy.compute({ as_of = "2026-11-30", declarations = BASIS,
			jurisdictions = { { code = "GB-ENG", candidates = 20 } },
			notifications = { confirmed = 0, rejected = 0, pending = 0 } })[1].subject)
	end)
end)

describe("in the program", function()
	it("nothing is said where nothing is declared", function()
		facts.pooled():group("female", 40, 10):group("male", 40, 30)
		assert.equal("not_allowed", run().pooled.female.verdict)
	end)
end)
