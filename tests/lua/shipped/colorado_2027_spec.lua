-- Duties from 2027-01-01: evenhand policy test colorado_2027 tests/lua/shipped/colorado_2027_spec.lua

local KEYS = {
	"documentation_pack", "training_data_summary", "ai_notice", "outcome_notice",
	"correction_process", "human_review",
}

local function project(without, day)
	local declarations = {}
	for _, key in ipairs(KEYS) do
		declarations[key] = key ~= without and (day or "2026-12-31") or nil
	end
	return { as_of = "2027-01-02", jurisdictions = { { code = "US-CO", candidates = 7 } },
		declarations = declarations }
end

describe("the duties", function()
	it("are all declared, or the missing one is a potential violation", function()
		for i, key in ipairs(KEYS) do
			local own = policy.compute(project(key))
			assert.equal(6, #own)
			for k, f in ipairs(own) do
				assert.equal(k == i and "notify" or "ok", f.verdict, KEYS[k])
			end
			assert.matches("evenhand policy declare " .. key, own[i].reason)
		end
	end)

	it("count from the day that is declared", function()
		assert.equal("ok", policy.compute(project(nil, "2027-01-02"))[1].verdict)
		assert.equal("notify", policy.compute(project(nil, "2027-01-03"))[1].verdict)
	end)

	it("are nobody's elsewhere", function()
		assert.equal("scope", policy.compute({ as_of = "2027-01-02", jurisdictions = {},
			declarations = {} })[1].subject)
	end)
end)

describe("the pack", function()
	it("is in force from 2027-01-01: before that the program holds what it would notify", function()
		assert.equal("2027-01-01", policy.pack.from)
		assert.is_nil(policy.pack.to)
	end)
end)

describe("a group", function()
	it("below the limit with evidence is remarked", function()
		facts.evaluator("E1"):group("female", 40, 10):group("male", 40, 30)
		assert.equal("watch", run().E1.female.verdict)
	end)

	it("of exactly 4/5 is not", function()
		facts.evaluator("E1"):group("female", 1000, 400):group("male", 1000, 500)
		assert.equal("ok", run().E1.female.verdict)
	end)

	it("is never one of inferred race", function()
		local f = { is_reference = false, attribute = "race", provenance = { predicted = 1 }, group = "g" }
		assert.equal("not_allowed", policy.check(f).verdict)
	end)
end)
