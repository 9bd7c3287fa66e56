-- The strict reading: evenhand policy test eu_strict tests/lua/shipped/eu_strict_spec.lua

local function within(declarations)
	local lib = setmetatable({ project = { declarations = declarations } }, { __index = evenhand })
	return loadfile("scripts/eu_strict.lua", "t", setmetatable({ evenhand = lib }, { __index = _G }))()
end

local BASIS = { art9_basis = "explicit consent 9(2)(a)", dpia = "2026-01-05", worker_notice = "2026-01-05" }

local function without(key)
	local some = {}
	for name, value in pairs(BASIS) do
		some[name] = name ~= key and value or nil
	end
	return some
end

-- 10 of 40 against 30 of 40, all evidence there
local function finding(change)
	local f = {
		evaluator = "", attribute = "sex", group = "female", position = "", pooled = true, is_reference = false,
		reference = "rest", n = 40, ref_n = 40, persons = 40, ref_persons = 40, rate = 0.25, basis = "known",
		ratio = 1 / 3, ratio_below = true, q = 0.0002, family = { method = "holm", size = 4 }, shortfall = 20,
		flips = false, em = { guard = "", interval = {} }, peers = {}, alpha = 0.05, why = {},
		provenance = { declared = 80, imported = 0, predicted = 0, unknown = 0, refused = 0 }, limit = { num = 4, den = 5 },
	}
	for key, value in pairs(change or {}) do
		f[key] = value
	end
	return f
end

local REFUSED = { declared = 79, imported = 0, predicted = 0, unknown = 1, refused = 1 }
local INFERRED = { declared = 79, imported = 0, predicted = 1, unknown = 0, refused = 0 }

describe("special categories", function()
	it("are never inferred, whatever is declared", function()
		for _, attribute in ipairs({ "race", "religion", "politics", "union", "orientation", "disability",
			"sex x race" }) do
			local v = within(BASIS).check(finding({ attribute = attribute, provenance = INFERRED }))
			assert.equal("not_allowed", v.verdict, attribute)
			assert.equal("special category inferred", v.rule)
		end
	end)

	it("are inferred where the estimate was refused, too", function()
		local v = within(BASIS).check(finding({ attribute = "race", provenance = REFUSED }))
		assert.equal("special category inferred", v.rule)
	end)

	it("imported are not called declared", function()
		local imported = { declared = 10, imported = 70, predicted = 0, unknown = 0, refused = 0 }
		local v = within(BASIS).check(finding({ attribute = "race", provenance = imported }))
		assert.matches("Classes of persons: 10 declared, 70 imported from another record", v.reason)
	end)

	it("known need a basis and a DPIA", function()
		assert.equal("notify", within(BASIS).check(finding({ attribute = "race" })).verdict)
		assert.equal("not_allowed", within(without("dpia")).check(finding({ attribute = "race" })).verdict)
		assert.equal("not_allowed",
			within(without("art9_basis")).check(finding({ attribute = "race" })).verdict)
	end)
end)

describe("sex and age", function()
	it("declared need neither", function()
		assert.equal("notify", within({}).check(finding()).verdict)
	end)

	it("inferred need both", function()
		local f = finding({ attribute = "age_40", provenance = INFERRED, basis = "screening",
			em = { guard = "", n = 40 } })
		assert.equal("notify", within(BASIS).check(f).verdict)
		f.attribute = "age_band"
		assert.equal("notify", within(BASIS).check(f).verdict)
		for _, key in ipairs({ "art9_basis", "dpia" }) do
			local v = within(without(key)).check(f)
			assert.equal("not_allowed", v.verdict)
			assert.matches("declare " .. key .. " first", v.reason)
		end
	end)

	it("inferred that a guard refused leave the declared ones, if they are enough", function()
		local f = finding({ provenance = REFUSED, em = { guard = "model too weak", interval = {} } })
		assert.equal("notify", within(BASIS).check(f).verdict)
		f.persons = 9
		local v = within(BASIS).check(f)
		assert.same({ "cannot_conclude", "guard of predicted classes" }, { v.verdict, v.rule })
	end)
end)

describe("cells", function()
	it("below 10 are not printed", function()
		local v = within(BASIS).check(finding({ persons = 9 }))
		assert.equal("too_few", v.verdict)
		assert.is_nil(v.reason:find("25", 1, true))
		assert.equal("too_few", within(BASIS).check(finding({ ref_persons = 9 })).verdict)
	end)

	it("of 10 are", function()
		assert.equal("notify", within(BASIS).check(finding({ persons = 10, ref_persons = 10 })).verdict)
	end)

	it("of predicted classes are their expected persons", function()
		local f = finding({ provenance = INFERRED, basis = "screening", em = { guard = "", n = 9.4 } })
		assert.equal("too_few", within(BASIS).check(f).verdict)
		f.em.n = 9.6
		assert.equal("notify", within(BASIS).check(f).verdict)
	end)
end)

describe("evaluators", function()
	local one = finding({ pooled = false, evaluator = "E1", peers = { q = 0.01, ratio = 0.5 } })

	it("are told before anything is said of them", function()
		assert.equal("not_allowed", within(without("worker_notice")).check(one).verdict)
	end)

	it("get a finding that a person decides on", function()
		local v = within(BASIS).check(one)
		assert.equal("individual", v.scope)
		assert.matches("no finding is confirmed by a program alone", v.reason)
	end)
end)

describe("evidence", function()
	it("is all of it or a remark", function()
		local check = within(BASIS).check
		assert.equal("watch", check(finding({ q = 0.05 })).verdict)
		assert.equal("notify", check(finding({ q = 0.0499 })).verdict)
		assert.equal("watch", check(finding({ shortfall = 0.99 })).verdict)
		assert.equal("notify", check(finding({ shortfall = 1 })).verdict)
		assert.equal("watch", check(finding({ flips = true })).verdict)
		assert.equal("ok", check(finding({ ratio_below = false, ratio = 0.8 })).verdict)
	end)
end)

describe("the project", function()
	local function project(declarations, oldest, inferred)
		return {
			as_of = "2026-11-30", declarations = declarations,
				data = { journal = { n = 9, oldest = oldest } },
			jurisdictions = { { code = "DE", candidates = 20, inferred = inferred or {} } },
		}
	end

	local function about(subject, p)
		for _, f in ipairs(policy.compute(p)) do
			if f.subject == subject then
				return f
			end
		end
		return nil
	end

	it("has DPIA, basis and notice, or each is a potential violation", function()
		for _, key in ipairs({ "dpia", "art9_basis", "worker_notice" }) do
			assert.equal("ok", about(key, project(BASIS, "2026-01-01")).verdict)
			assert.equal("notify", about(key, project(without(key), "2026-01-01")).verdict)
		end
	end)

	it("keeps its log six months", function()
		assert.equal("log of six months", about("logs", project(BASIS, "2026-05-30")).rule)
		assert.equal("log younger than six months", about("logs", project(BASIS, "2026-05-31")).rule)
		local short = { log_retention_days = "182" }
		assert.equal("notify", about("logs", project(short, "2026-05-31")).verdict)
		short.log_retention_days = "183"
		assert.equal("ok", about("logs", project(short, "2026-05-31")).verdict)
	end)

	it("holds no inferred special category of anybody here", function()
		assert.equal("notify", about("inferred", project(BASIS, "2026-01-01", { race = 1 })).verdict)
		assert.is_nil(about("inferred", project(BASIS, "2026-01-01", { sex = 5 })))
	end)

	it("without anybody in the EU or the EEA is not asked", function()
		local p = project({}, "2026-01-01")
		p.jurisdictions = { { code = "US-IL", candidates = 5, inferred = {} } }
		assert.equal(1, #policy.compute(p))
		assert.equal("scope", policy.compute(p)[1].subject)
	end)

	it("asks in a part of a country too", function()
		local p = project({}, "2026-01-01")
		p.jurisdictions = { { code = "DE-BY", candidates = 5, inferred = { race = 2 } } }
		assert.equal("notify", about("dpia", p).verdict)
		assert.equal("notify", about("inferred", p).verdict)
		p.jurisdictions = { { code = "US-DE", candidates = 5, inferred = {} } } -- Delaware
		assert.equal("scope", policy.compute(p)[1].subject)
	end)
end)

describe("in the program", function()
	it("nothing is said of an evaluator where nothing is declared", function()
		facts.evaluator("E1"):group("female", 40, 10):group("male", 40, 30)
		local r = run()
		assert.equal("not_allowed", r.E1.female.verdict)
		assert.equal("notify", r.pooled.female.verdict)
	end)
end)
