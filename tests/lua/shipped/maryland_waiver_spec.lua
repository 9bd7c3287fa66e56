-- Waivers: evenhand policy test maryland_waiver tests/lua/shipped/maryland_waiver_spec.lua

local function within(project)
	local lib = setmetatable({ project = project }, { __index = evenhand })
	return loadfile("scripts/maryland_waiver.lua", "t", setmetatable({ evenhand = lib }, { __index = _G }))()
end

local function project(missing)
	return { jurisdictions = { { code = "US-MD", candidates = 12, measured = 8, waiver_missing = missing } } }
end

describe("maryland_waiver", function()
	it("notifies when one waiver is missing", function()
		local own = policy.compute(project(1))
		assert.equal("notify", own[1].verdict)
		assert.equal("waiver", own[1].subject)
		assert.matches("1 candidate of 8 measured in Maryland without all four fields", own[1].reason)
	end)

	it("is content with none missing", function()
		assert.equal("ok", policy.compute(project(0))[1].verdict)
	end)

	it("says when nobody is there", function()
		assert.equal("scope", policy.compute({ jurisdictions = {} })[1].subject)
		assert.is_nil(policy.compute(nil))
	end)

	it("allows nothing that rests on inferred classes while one is missing", function()
		local f = { provenance = { predicted = 3 } }
		assert.equal("not_allowed", within(project(1)).check(f).verdict)
		assert.equal("cannot_conclude", within(project(0)).check(f).verdict)
		assert.equal("cannot_conclude", within(project(1)).check({ provenance = { predicted = 0 } }).verdict)
	end)

	it("is a finding that the program takes", function()
		facts.pooled():group("female", 20, 10):group("male", 20, 10)
		facts.project(project(2))
		assert.equal("notify", run().own[1].verdict)
	end)
end)
