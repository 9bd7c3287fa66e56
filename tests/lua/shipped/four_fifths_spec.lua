-- The plain rule at its stages: evenhand policy test four_fifths tests/lua/shipped/four_fifths_spec.lua
-- Numbers of published cases: Connecticut v. Teal, 457 U.S. 440; Questions and Answers on the Uniform Guidelines.

local function stage_of(r, stage, group)
	for _, f in ipairs(r.own) do
		if f.reason:find("^Stage " .. stage) and f.group == group then
			return f
		end
	end
	return nil
end

describe("Connecticut v. Teal", function()
	local function teal()
		facts.pooled():attribute("race"):stage("test"):group("White", 259, 206):group("Black", 48, 26)
			:stage("bottom_line"):group("White", 259, 35):group("Black", 48, 11)
		return run()
	end

	it("is flagged at the test", function()
		local f = stage_of(teal(), "test", "Black")
		assert.equal("watch", f.verdict)
		assert.matches("26 of 48 Black %(54%.2 %%%), 206 of 259 White %(79%.5 %%%), plain ratio 0%.681, below "
			.. "4/5", f.reason)
		assert.near(26 * 259 / (48 * 206), f.impact_ratio, 1e-12)
	end)

	it("whatever the bottom line is, which favours the same group", function()
		local r = teal()
		assert.is_nil(stage_of(r, "bottom_line", "Black"))
		local f = stage_of(r, "bottom_line", "White")
		assert.equal("watch", f.verdict)
		assert.matches("plain ratio 0%.590", f.reason)
	end)

	it("leaves groups below 2 % out at the stage (footnote 4)", function()
		facts.pooled():attribute("race"):stage("test"):group("White", 259, 206):group("Black", 48, 26)
			:group("Hispanic", 4, 3):group("Indian", 3, 2):group("Unidentified", 15, 9)
			:stage("oral"):group("White", 100, 50):group("Black", 100, 50)
		local r = run()
		assert.is_nil(stage_of(r, "test", "Hispanic"))
		assert.is_nil(stage_of(r, "test", "Indian"))
		assert.equal("watch", stage_of(r, "test", "Unidentified").verdict)
	end)
end)

describe("the limit at a stage", function()
	local function at(selected)
		facts.pooled():stage("S1"):group("male", 100, 50):group("female", 100, selected)
			:stage("S2"):group("male", 100, 50):group("female", 100, 50)
		return stage_of(run(), "S1", "female").verdict
	end

	it("is passed at exactly 4/5", function()
		assert.equal("ok", at(40))
	end)

	it("is not passed just below", function()
		assert.equal("watch", at(39))
	end)

	it("is the one in force, not the one written", function()
		facts.pooled():stage("S1"):group("male", 100, 50):group("female", 100, 36)
			:stage("S2"):group("male", 100, 50):group("female", 100, 50)
		assert.equal("ok", stage_of(run(nil, { limit = { 7, 10 } }), "S1", "female").verdict)
	end)

	it("wants 5 per group", function()
		facts.pooled():stage("S1"):group("male", 100, 50):group("female", 4, 1)
			:stage("S2"):group("male", 100, 50):group("female", 5, 1)
		local r = run()
		assert.equal("too_few", stage_of(r, "S1", "female").verdict)
		assert.equal("watch", stage_of(r, "S2", "female").verdict)
	end)

	it("wants 30 in all", function()
		facts.pooled():stage("S1"):group("male", 19, 10):group("female", 10, 1)
			:stage("S2"):group("male", 20, 10):group("female", 10, 1)
		local r = run()
		assert.equal("too_few", stage_of(r, "S1", "female").verdict)
		assert.equal("watch", stage_of(r, "S2", "female").verdict)
	end)

	it("says that there is no ratio where nobody was selected", function()
		facts.pooled():stage("S1"):group("male", 30, 0):group("female", 40, 0)
			:stage("S2"):group("male", 100, 50):group("female", 100, 50)
		local r = run()
		local f = stage_of(r, "S1", "female") or stage_of(r, "S1", "male")
		assert.equal("cannot_conclude", f.verdict)
	end)
end)

describe("its own findings", function()
	it("are none where there is one stage", function()
		facts.pooled():stage("only"):group("male", 100, 50):group("female", 100, 20)
		assert.equal(0, #run().own)
	end)

	it("are by job where there are several", function()
		facts.pooled():position("J1"):stage("S1"):group("male", 100, 50):group("female", 100, 20)
			:stage("S2"):group("male", 100, 50):group("female", 100, 50)
			:position("J2"):stage("S1"):group("male", 100, 50):group("female", 100, 50)
		local found = {}
		for _, f in ipairs(run().own) do
			found[#found + 1] = f.position .. " " .. f.verdict
		end
		assert.same({ "J1 watch", "J1 ok", "J2 ok" }, found)
	end)

	it("never notify, and total and stage rest on known classes", function()
		facts.pooled():stage("S1"):group("male", 500, 400):group("female", 500, 50)
			:stage("S2"):group("male", 500, 400):group("female", 500, 50)
		local r = run()
		for _, f in ipairs(r.own) do
			assert.not_equal("notify", f.verdict)
		end
		assert.equal("watch", r.pooled.female.verdict)
	end)
end)
