-- Notice, consent, deletion, section 20: evenhand policy test illinois_aivia tests/lua/shipped/illinois_aivia_spec.lua

local DECLARED = { ai_notice = "2026-01-01", how_it_works_notice = "2026-01-01", sharing_limited = "2026-01-01" }

local function project(watch, change)
	local p = {
		as_of = "2026-11-30",
		jurisdictions = {
			{ code = "US-IL", candidates = 40, recordings = 40, measured = 30,
				consent = { watch = watch } },
		},
		declarations = DECLARED,
	}
	for key, value in pairs(change or {}) do
		p[key] = value
	end
	return p
end

local ALL = { granted = 40, withdrawn = 0, expired = 0, none = 0 }

local function about(subject, p)
	for _, f in ipairs(policy.compute(p)) do
		if f.subject == subject then
			return f
		end
	end
	return nil
end

describe("consent", function()
	it("of as many as were measured is enough", function()
		assert.equal("watch", about("consent", project({ granted = 30, withdrawn = 0, expired = 0,
			none = 10 })).verdict)
	end)

	it("of fewer is a potential violation", function()
		local f = about("consent", project({ granted = 29, withdrawn = 1, expired = 0, none = 10 }))
		assert.equal("notify", f.verdict)
		assert.matches("1 at the least measured without", f.reason)
	end)

	it("of everybody is fine", function()
		assert.equal("ok", about("consent", project(ALL)).verdict)
	end)

	it("of nobody at all is none", function()
		assert.equal("notify", about("consent", project(nil)).verdict)
	end)
end)

describe("notices", function()
	it("are all three", function()
		assert.equal("ok", about("notice", project(ALL)).verdict)
		local late = { ai_notice = "2026-01-01", sharing_limited = "2026-12-01" }
		local f = about("notice", project(ALL, { declarations = late }))
		assert.equal("notify", f.verdict)
		assert.matches("how_it_works_notice and sharing_limited not declared", f.reason)
	end)
end)

describe("deletion", function()
	it("has a clock of 30 days", function()
		local f = about("deletion", project({ granted = 39, withdrawn = 1, expired = 0, none = 0 }))
		assert.equal("watch", f.verdict)
		assert.matches("within 30 days of the request", f.reason)
		assert.equal("ok", about("deletion", project(ALL)).verdict)
	end)
end)

describe("section 20", function()
	local function declared(alone)
		return { ai_notice = "2026-01-01", how_it_works_notice = "2026-01-01", sharing_limited = "2026-01-01",
			aivia_ai_alone = alone }
	end

	local function report(as_of, alone)
		facts.pooled():attribute("race"):jurisdiction("US-IL"):period("2025-11"):group("black", 10,
			10):period("2025-12"):group("black", 20, 5)
			:period("2026-11"):group("black", 10, 3):group("white", 40, 20):unknown(7, 2)
		-- another state's candidates are in no report of Illinois
		facts.pooled():attribute("race"):jurisdiction("US-MD"):period("2026-11"):group("black", 50, 50):group("white",
			50, 1)
		facts.project(project(ALL, { as_of = as_of, declarations = declared(alone) }))
		for _, f in ipairs(run().own) do
			if f.rule == "report due" or f.rule == "section 20 counts"
				or f.rule == "section 20 does not ask" then
				return f
			end
		end
		return nil
	end

	it("counts the 12 months to 30 November by known race", function()
		local f = report("2026-11-30", "yes")
		assert.equal("ok", f.verdict)
		assert.matches("2025%-12 to 2026%-11: black 8 of 30, of no known class 2 of 7 and white 20 of 40", f.reason)
		assert.matches("Of the whole project: Classes of persons: 180 declared, 0 imported", f.reason)
	end)

	it("counts the year before until the day comes", function()
		assert.matches("2024%-12 to 2025%-11: black 10 of 10 ", report("2026-11-29", "yes").reason)
	end)

	it("is due in December", function()
		local f = report("2026-12-01", "yes")
		assert.equal("watch", f.verdict)
		assert.matches("due by 2026%-12%-31", f.reason)
	end)

	it("is not asked where AI alone decides about nobody", function()
		assert.equal("section 20 does not ask", report("2026-12-01", "no").rule)
	end)

	it("hangs on a declaration", function()
		assert.equal("watch", about("report", project(ALL)).verdict)
	end)
end)

describe("groups", function()
	it("are not judged", function()
		facts.evaluator("E1"):group("female", 50, 5):group("male", 50, 40)
		assert.equal("cannot_conclude", run().E1.female.verdict)
		assert.equal("declared", policy.provenance)
	end)

	it("elsewhere are nobody's", function()
		assert.equal("scope", policy.compute({ as_of = "2026-11-30", jurisdictions = {} })[1].subject)
	end)
end)
