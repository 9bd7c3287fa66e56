-- Small cells: evenhand policy test small_cells tests/lua/shipped/small_cells_spec.lua

local function within(project)
	local lib = setmetatable({ project = project }, { __index = evenhand })
	return loadfile("scripts/small_cells.lua", "t", setmetatable({ evenhand = lib }, { __index = _G }))()
end

local US = { jurisdictions = { { code = "US-IL", candidates = 100 }, { code = "US-NY", candidates = 3 } } }
local MIXED = { jurisdictions = { { code = "DE", candidates = 1 }, { code = "US-NY", candidates = 300 } } }

describe("k", function()
	it("is 5 where everybody is in the United States", function()
		local check = within(US).check
		assert.equal("too_few", check({ group = "g", persons = 4 }).verdict)
		assert.equal("ok", check({ group = "g", persons = 5 }).verdict)
	end)

	it("is 10 where somebody is elsewhere", function()
		local check = within(MIXED).check
		assert.equal("too_few", check({ group = "g", persons = 9 }).verdict)
		assert.equal("ok", check({ group = "g", persons = 10 }).verdict)
	end)

	it("is 5 where nobody of another place is left", function()
		local check = within({ jurisdictions = { { code = "DE", candidates = 0 },
			{ code = "US", candidates = 9 } } }).check
		assert.equal("ok", check({ group = "g", persons = 5 }).verdict)
	end)

	it("is 10 where nothing is known of the places", function()
		facts.evaluator("E1"):group("female", 9, 5):group("male", 40, 20):group("other", 9, 2)
		local r = run()
		assert.equal("too_few", r.E1.female.verdict)
		assert.equal("ok", r.E1.male.verdict)
	end)
end)

describe("a reason", function()
	it("names no number of the cell", function()
		facts.evaluator("E1"):group("female", 7, 3):group("male", 40, 20):group("other", 8, 2)
		local f = run().E1.female
		assert.equal("female: fewer than 10 persons or beside such a cell; its numbers must not leave the "
			.. "tool.", f.reason)
	end)
end)

describe("a single small cell", function()
	it("takes the next smallest with it: the total would give it away", function()
		facts.evaluator("E1"):attribute("race"):group("a", 3, 1):group("b", 20, 10):group("c", 40, 20)
		local r = run().E1
		assert.equal("too_few", r.a.verdict)
		assert.equal("too_few", r.b.verdict)
		assert.equal("ok", r.c.verdict)
		assert.matches("the total would give the other one away", r.b.reason)
	end)

	it("of two takes no third", function()
		facts.evaluator("E1"):attribute("race"):group("a", 3, 1):group("b", 4, 1):group("c", 40, 20)
		assert.equal("ok", run().E1.c.verdict)
	end)
end)
