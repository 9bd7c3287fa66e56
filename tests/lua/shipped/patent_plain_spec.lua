-- The bare rule: evenhand policy test patent_plain tests/lua/shipped/patent_plain_spec.lua

describe("patent_plain", function()
	it("notifies below the limit and nothing else", function()
		facts.evaluator("E1"):group("female", 10, 1):group("male", 20, 3)
		local f = run().E1.female
		assert.equal("notify", f.verdict)
		assert.matches("^Potential violation of policy patent_plain: E1: 1 of 10 female selected", f.reason)
		assert.matches("ratio 0%.667 is below 4/5", f.reason)
		assert.matches("Nothing else was asked", f.reason)
	end)

	it("is content at exactly 4/5", function()
		facts.evaluator("E1"):group("female", 100, 40):group("male", 100, 50)
		assert.equal("ok", run().E1.female.verdict)
	end)

	it("is not content just below", function()
		facts.evaluator("E1"):group("female", 1000, 399):group("male", 1000, 500)
		assert.equal("notify", run().E1.female.verdict)
	end)

	it("asks for no minimum: one against one", function()
		facts.evaluator("E1"):group("female", 1, 0):group("male", 1, 1)
		assert.equal("notify", run().E1.female.verdict)
	end)

	it("says when there is no ratio", function()
		facts.evaluator("E1"):group("female", 40, 0):group("male", 30, 0)
		local f = run().E1.female
		assert.equal("cannot_conclude", f.verdict)
		assert.matches("nobody_selected", f.reason)
	end)

	it("corrects for nothing", function()
		assert.equal("none", policy.family)
		assert.equal(1, policy.min_group)
		assert.equal(1, policy.min_total)
	end)
end)
