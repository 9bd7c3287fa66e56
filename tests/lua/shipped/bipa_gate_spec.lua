-- Releases and terms: evenhand policy test bipa_gate tests/lua/shipped/bipa_gate_spec.lua

local function within(project)
	local lib = setmetatable({ project = project }, { __index = evenhand })
	return loadfile("scripts/bipa_gate.lua", "t", setmetatable({ evenhand = lib }, { __index = _G }))()
end

local DECLARED = { data_policy_published = "2025-01-01", retention_term_days = "365" }

local function project(missing, oldest, declarations)
	return {
		as_of = "2026-11-30",
		jurisdictions = { { code = "US-IL", candidates = 40, measured = 30, release_missing = missing } },
		declarations = declarations or DECLARED,
		data = { vectors = { n = oldest ~= nil and 30 or 0, oldest = oldest } },
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

describe("the release", function()
	it("missing of one is a potential violation", function()
		local f = about("release", project(1, "2026-01-01"))
		assert.equal("notify", f.verdict)
		assert.matches("^Potential violation of policy bipa_gate: 1 candidate of 30 measured in Illinois",
			f.reason)
	end)

	it("of everybody is fine", function()
		assert.equal("ok", about("release", project(0, "2026-01-01")).verdict)
	end)

	it("missing lets no finding rest on inferred classes", function()
		local f = { provenance = { predicted = 1 } }
		assert.equal("not_allowed", within(project(1)).check(f).verdict)
		assert.equal("cannot_conclude", within(project(0)).check(f).verdict)
	end)
end)

describe("the policy", function()
	it("has to be public", function()
		local f = about("policy", project(0, "2026-01-01", { retention_term_days = "365" }))
		assert.equal("notify", f.verdict)
		assert.matches("data_policy_published", f.reason)
	end)

	it("and already so", function()
		assert.equal("notify", about("policy", project(0, "2026-01-01",
			{ data_policy_published = "2026-12-01", retention_term_days = "365" })).verdict)
	end)

	it("and to have a term", function()
		assert.equal("no term", about("policy", project(0, "2026-01-01",
			{ data_policy_published = "2025-01-01" })).rule)
	end)

	it("is fine with both", function()
		assert.equal("ok", about("policy", project(0, "2026-01-01")).verdict)
	end)
end)

describe("three years", function()
	it("are not over on the day", function()
		assert.equal("ok", about("term", project(0, "2023-11-30")).verdict)
	end)

	it("are over the day after", function()
		local f = about("term", project(0, "2023-11-29"))
		assert.equal("notify", f.verdict)
		assert.matches("30 feature vectors kept, the oldest of 2023%-11%-29: more than 3 years", f.reason)
	end)

	it("are not waited for when the purpose is satisfied", function()
		local p = project(0, "2026-10-01", { data_policy_published = "2025-01-01", retention_term_days = "365",
			purpose_satisfied = "2026-11-30" })
		assert.equal("purpose satisfied", about("term", p).rule)
		p.declarations.purpose_satisfied = "2026-12-01"
		assert.equal("ok", about("term", p).verdict)
	end)
end)

describe("elsewhere", function()
	it("nothing is asked", function()
		local own = policy.compute({ as_of = "2026-11-30", jurisdictions = { { code = "US-NY",
			candidates = 9 } } })
		assert.equal("scope", own[1].subject)
		assert.equal(1, #own)
	end)
end)
