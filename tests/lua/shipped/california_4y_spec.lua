-- Records, tests, responses: evenhand policy test california_4y tests/lua/shipped/california_4y_spec.lua

local function project(change)
	local p = {
		as_of = "2026-11-30",
		jurisdictions = { { code = "US-CA", candidates = 20 } },
		declarations = { test_date = "2026-06-01", response_recorded = "2026-06-01" },
		notifications = { pending = 0, oldest_pending_days = 0, confirmed = 0, rejected = 0 },
		models = {},
		data = { evaluations = { n = 100, oldest = "2024-02-29" }, notifications = { n = 0 } },
	}
	for key, value in pairs(change or {}) do
		p[key] = value
	end
	return p
end

local function about(subject, p)
	for _, f in ipairs(policy.compute(p)) do
		if f.subject == subject then
			return f
		end
	end
	return nil
end

describe("the test", function()
	local function tested(day)
		return about("test", project({ declarations = { test_date = day } }))
	end

	it("is recent at exactly 12 months", function()
		assert.equal("ok", tested("2025-11-30").verdict)
	end)

	it("is remarked a day older", function()
		local f = tested("2025-11-29")
		assert.equal("watch", f.verdict)
		assert.matches("2025%-11%-29: older than 12 months", f.reason)
	end)

	it("is remarked when there is none", function()
		assert.equal("watch", tested(nil).verdict)
	end)
end)

describe("the response", function()
	it("is declared and leaves no notification without an answer", function()
		assert.equal("ok", about("response", project()).verdict)
		local open = { pending = 1, oldest_pending_days = 3, confirmed = 0, rejected = 0 }
		local f = about("response", project({ notifications = open }))
		assert.equal("watch", f.verdict)
		assert.matches("1 notification without an answer, the oldest for 3 days", f.reason)
		assert.equal("watch", about("response", project({ declarations = {} })).verdict)
	end)
end)

describe("classifiers", function()
	local function trained(day, stale)
		return about("models",
			project({ models = { { attribute = "sex", trained = day, stale = stale } } })).verdict
	end

	it("older than 12 months, or stale, are remarked", function()
		assert.equal("ok", trained("2025-11-30", false))
		assert.equal("watch", trained("2025-11-29", false))
		assert.equal("watch", trained("2026-11-01", true))
	end)
end)

describe("four years", function()
	it("are counted from the oldest decision", function()
		assert.matches("evaluations from 2024%-02%-29 until 2028%-02%-29", about("hold", project()).reason)
	end)
end)

describe("a result", function()
	it("below the limit with evidence is to be answered, no violation", function()
		facts.evaluator("E1"):group("female", 40, 10):group("male", 40, 30)
		local f = run().E1.female
		assert.equal("watch", f.verdict)
		assert.matches("A result to answer", f.reason)
	end)

	it("wants 10 of each and 30 in all", function()
		facts.evaluator("E1"):group("female", 9, 1):group("male", 40, 30)
		facts.evaluator("E2"):group("female", 10, 1):group("male", 20, 15)
		local r = run()
		assert.equal("too_few", r.E1.female.verdict)
		assert.not_equal("too_few", r.E2.female.verdict)
	end)

	it("may rest on inferred sex, never on inferred race", function()
		local f = {
			is_reference = false, attribute = "race", provenance = { predicted = 1 }, basis = "screening",
			em = { guard = "" }, group = "g", why = {},
		}
		assert.equal("not_allowed", policy.check(f).verdict)
		f.attribute = "sex x race"
		assert.equal("not_allowed", policy.check(f).verdict)
		f.attribute = "sex"
		assert.equal("ratio not defined", policy.check(f).rule)
	end)

	it("tells declared race from imported race", function()
		local v = policy.check({ evaluator = "E1", position = "", pooled = false, is_reference = false,
			attribute = "race", group = "g", reference = "rest", basis = "known", em = { guard = "" },
			provenance = { declared = 0, imported = 80, predicted = 0, refused = 0 }, persons = 40, ref_persons = 40,
			min_group = 10, min_total = 30, ratio = 1, ratio_below = false, alpha = 0.05,
			limit = { num = 4, den = 5 }, family = { method = "bh", size = 1 }, why = {} })
		assert.equal("ok", v.verdict)
		assert.matches("0 declared, 80 imported from another record", v.reason)
	end)

	it("rests on the known where the inferred are refused, if they are enough", function()
		local f = {
			evaluator = "E1", position = "", pooled = false, is_reference = false,
			attribute = "race", group = "g",
			reference = "rest", provenance = { predicted = 0, refused = 9 }, basis = "known",
			em = { guard = "weak" }, persons = 3, ref_persons = 40, min_group = 5, min_total = 30, why = {},
		}
		local v = policy.check(f)
		assert.same({ "cannot_conclude", "guard of predicted classes" }, { v.verdict, v.rule })
		f.persons = 30
		assert.equal("ratio not defined", policy.check(f).rule)
	end)
end)

describe("elsewhere", function()
	it("nothing is asked", function()
		assert.equal("scope", policy.compute(project({ jurisdictions = {} }))[1].subject)
	end)
end)
