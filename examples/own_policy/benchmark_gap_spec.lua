-- Spec of the example policy: evenhand policy test examples/own_policy/benchmark_gap.lua, or busted --lua=lua5.4
-- examples/own_policy (from the top of the source tree).

_G.evenhand = dofile("scripts/evenhand.lua")
local policy = dofile("examples/own_policy/benchmark_gap.lua")

local function facts(change)
	local f = {
		evaluator = "E1", attribute = "sex", group = "female", position = "", pooled = false,
		is_reference = false,
		reference = "rest", ratio = 0.5, persons = 40, ref_persons = 40, min_group = 10,
		benchmark = { evaluators = 9, impact_ratio = 0.97, deviation = -0.47 },
	}
	for key, value in pairs(change or {}) do
		f[key] = value
	end
	return f
end

describe("benchmark_gap", function()
	it("remarks on a wide gap with its figures", function()
		local v = policy.check(facts())
		assert.equal("watch", v.verdict)
		assert.equal("E1 on female: ratio 0.500, the second set of 9 evaluators 0.970: "
			.. "the gap is wider than 0.2.", v.reason)
	end)

	it("is content with a gap of exactly the bound", function()
		local close = facts({ benchmark = { evaluators = 9, impact_ratio = 1.0, deviation = -0.20 } })
		assert.equal("ok", policy.check(close).verdict)
	end)

	it("says nothing about few persons or without a second set", function()
		assert.equal("too_few", policy.check(facts({ persons = 9 })).verdict)
		assert.equal("cannot_conclude", policy.check(facts({ benchmark = { evaluators = 0 } })).verdict)
	end)

	it("notifies only an evaluator with two wide gaps", function()
		local findings = {
			{ evaluator = "E1", verdict = "watch", reason = "A." },
			{ evaluator = "E2", verdict = "watch", reason = "B." },
			{ evaluator = "E1", verdict = "watch", reason = "C." },
			{ evaluator = "E1", verdict = "ok", reason = "D." },
		}
		local changes = policy.summarise(findings)
		assert.same({ "notify", nil, "notify" }, { changes[1].verdict, changes[2], changes[3].verdict })
		assert.is_nil(changes[4])
	end)
end)
