-- The plain four-fifths remark.

_G.evenhand = dofile("scripts/evenhand.lua")
-- outside of the sandbox nobody has put the libraries there
if evenhand.library == nil then
	_G.evenhand.library = function(name)
		return dofile("scripts/library/" .. name .. ".lua")
	end
end
local policy = dofile("scripts/four_fifths.lua")

local function facts(change)
	local f = {
		evaluator = "E1", attribute = "race", group = "black", position = "", pooled = false,
		is_reference = false,
		reference = "white", persons = 20, ref_persons = 40, rate = 0.3, ref_rate = 0.5, impact_ratio = 0.6,
		below_limit = true, below_two_percent = false, limit = { num = 4, den = 5 }, min_group = 5,
		min_total = 30, min_share = 0.02,
		provenance = { declared = 60, imported = 0, predicted = 0, unknown = 0 },
	}
	for key, value in pairs(change or {}) do
		f[key] = value
	end
	return f
end

describe("four_fifths", function()
	it("remarks below the limit and never notifies", function()
		local v = policy.check(facts())
		assert.equal("watch", v.verdict)
		assert.equal("E1: rate of black 30.0 %, of white 50.0 %, plain ratio 0.600, below 4/5.", v.reason)
	end)

	it("names the stratified ratio beside the one it rests on", function()
		assert.equal("E1: rate of black 30.0 %, of white 50.0 %, plain ratio 0.600, below 4/5; "
			.. "the stratified ratio beside it is 1.020.", policy.check(facts({ mh_ratio = 1.02 })).reason)
		assert.equal("plain", policy.ratio)
	end)

	it("is content at exactly the limit", function()
		assert.equal("ok", policy.check(facts({ impact_ratio = 0.8, below_limit = false })).verdict)
	end)

	it("wants 5 per group and 30 in all, of known class", function()
		assert.equal("too_few", policy.check(facts({ persons = 4 })).verdict)
		assert.equal("too_few", policy.check(facts({ ref_persons = 4 })).verdict)
		assert.equal("watch", policy.check(facts({ persons = 5 })).verdict)
		local few = { declared = 20, imported = 9, predicted = 100, unknown = 0 }
		assert.equal("too_few", policy.check(facts({ provenance = few })).verdict)
	end)

	it("says why a ratio is not defined", function()
		local f = facts({ undefined = "reference_none_selected" })
		f.below_limit = nil
		local v = policy.check(f)
		assert.equal("cannot_conclude", v.verdict)
		assert.is_truthy(v.reason:find("reference_none_selected", 1, true))
	end)

	it("passes over the reference and groups below two per cent", function()
		assert.equal("ok", policy.check(facts({ is_reference = true })).verdict)
		assert.equal("too_few", policy.check(facts({ below_two_percent = true })).verdict)
	end)
end)
