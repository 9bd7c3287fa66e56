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
		assert.matches("sums with others would give a small one away", r.b.reason)
	end)

	it("of two takes no third", function()
		facts.evaluator("E1"):attribute("race"):group("a", 3, 1):group("b", 4, 1):group("c", 40, 20)
		assert.equal("ok", run().E1.c.verdict)
	end)
end)

-- ---- nothing can be computed from what is printed ----

local seed

local function random(n) -- 0..n-1
	seed = (seed * 1103515245 + 12345) % 2147483648
	return seed // 65536 % n
end

-- A table of counts by rows (evaluators; positions, which are the same persons arranged anew) and groups.
local function random_findings(n_evaluators, n_positions, by_attribute)
	local cells, list = {}, {}
	local function add(attribute, row, group, n)
		local key = attribute .. "\n" .. row .. "\n" .. group
		if cells[key] == nil then
			cells[key] = { attribute = attribute, group = group, persons = 0, row = row,
				evaluator = row:match("^e.*") or "", position = row:match("^p.*") or "" }
			list[#list + 1] = cells[key]
		end
		cells[key].persons = cells[key].persons + n
	end
	for e = 1, n_evaluators do
		for p = 1, math.max(1, n_positions) do
			for a = 1, by_attribute[1] do
				for b = 1, by_attribute[2] do
					local n = random(4) == 0 and 0 or random(random(3) == 0 and 4 or 40)
					local groups = { sex = "s" .. a, race = "r" .. b, ["sex x race"] = "s" .. a .. " x r" .. b }
					for _, attribute in ipairs({ "sex", "race", "sex x race" }) do
						add(attribute, "e" .. e, groups[attribute], n)
						add(attribute, "all", groups[attribute], n)
						if n_positions > 0 then
							add(attribute, "p" .. p, groups[attribute], n)
						end
					end
				end
			end
		end
	end
	return list
end

-- The sums a reader can write out, as rows of coefficients of the marked cells.
local function equations(list, marked)
	local sums, order, there = {}, {}, {}
	for _, f in ipairs(list) do
		there[f.attribute], there[f.row:sub(1, 1)] = true, true
	end
	local function term(sum, cell, sign)
		if sums[sum] == nil then
			sums[sum] = {}
			order[#order + 1] = sums[sum]
		end
		sums[sum][marked[cell]] = sign
	end
	for _, f in ipairs(list) do
		if marked[f] ~= nil then
			local column = f.attribute .. "\n" .. f.group
			term("row " .. f.attribute .. f.row, f, 1)
			for _, kind in ipairs({ "e", "p" }) do
				if there[kind] and (f.row == "all" or f.row:sub(1, 1) == kind) then
					term("by " .. kind .. column, f, f.row == "all" and -1 or 1)
				end
			end
			if f.attribute == "sex x race" then
				term("sex" .. f.row .. f.group:match("^s%d"), f, 1)
				term("race" .. f.row .. f.group:match("r%d$"), f, 1)
			elseif there["sex x race"] then
				term(f.attribute .. f.row .. f.group, f, -1)
			end
		end
	end
	return order
end

-- Which of n unknowns the sums determine: those alone in a row of the reduced echelon form.  Integers modulo a prime.
local PRIME = 1000003

local function inverse(a)
	local result, power = 1, PRIME - 2
	a = a % PRIME
	while power > 0 do
		if power % 2 == 1 then
			result = result * a % PRIME
		end
		a, power = a * a % PRIME, power // 2
	end
	return result
end

local function subtract(row, other, times)
	for i, value in pairs(other) do
		local left = ((row[i] or 0) - times * value) % PRIME
		row[i] = left ~= 0 and left or nil
	end
end

local function determined(rows)
	local pivots, found = {}, 0
	for _, row in ipairs(rows) do
		for i, other in pairs(pivots) do
			if row[i] ~= nil then
				subtract(row, other, row[i])
			end
		end
		local lead = next(row)
		if lead ~= nil then
			local by = inverse(row[lead])
			for i, value in pairs(row) do
				row[i] = value * by % PRIME
			end
			for _, other in pairs(pivots) do
				if other[lead] ~= nil then
					subtract(other, row, other[lead])
				end
			end
			pivots[lead] = row
		end
	end
	for _, row in pairs(pivots) do
		if next(row, next(row)) == nil then
			found = found + 1
		end
	end
	return found
end

-- How many marked cells can be computed, and how many are marked beside the small ones.
local function leaks(list, with_summary)
	local p = within(US)
	for _, f in ipairs(list) do
		local v = p.check(f)
		f.verdict, f.reason = v.verdict, v.reason
	end
	local changes = with_summary and p.summarise(list) or {}
	local marked, n, beside = {}, 0, 0
	for place, f in ipairs(list) do
		if f.verdict == "too_few" or changes[place] ~= nil then
			n = n + 1
			marked[f] = n
			beside = beside + (f.verdict ~= "too_few" and 1 or 0)
		end
	end
	return determined(equations(list, marked)), beside, n
end

local function without_pairs(list)
	local out = {}
	for _, f in ipairs(list) do
		if f.attribute ~= "sex x race" then
			out[#out + 1] = f
		end
	end
	return out
end

describe("no marked cell can be computed by sums", function()
	local function all_designs(change, times)
		local leaked, open = 0, 0
		for number = 1, times do
			seed = number
			local list = change(random_findings(1 + random(4), random(4), { 2 + random(2), 2 + random(3) }))
			open = open + leaks(list, false)
			leaked = leaked + leaks(list, true)
		end
		return leaked, open
	end

	it("of evaluators, positions and all together", function()
		local leaked, open = all_designs(without_pairs, 60)
		assert.equal(0, leaked)
		assert.is_true(open > 60) -- the check can fail: of the small ones alone many can be
	end)

	it("of pairs of classes either", function()
		local leaked, open = all_designs(function(list)
			return list
		end, 12)
		assert.equal(0, leaked)
		assert.is_true(open > 0)
	end)
end)

describe("positions", function()
	local function cell(evaluator, position, group, persons)
		return { attribute = "race", evaluator = evaluator, position = position, group = group, persons = persons,
			row = evaluator ~= "" and "e1" or position ~= "" and "p" .. position or "all" }
	end

	it("do not give a cell away: all together less the other one", function()
		local list = {
			cell("", "", "A", 80), cell("", "", "B", 60), cell("", "", "C", 20),
			cell("", "Clerk", "A", 40), cell("", "Clerk", "B", 30), cell("", "Clerk", "C", 18),
			cell("", "Nurse", "A", 40), cell("", "Nurse", "B", 30), cell("", "Nurse", "C", 2),
			cell("E1", "", "A", 80), cell("E1", "", "B", 60), cell("E1", "", "C", 20),
		}
		local leaked, beside = leaks(list, true)
		assert.equal(0, leaked)
		assert.equal(3, beside) -- Nurse/B, Clerk/C, Clerk/B
	end)

	it("nothing is marked where nothing is small", function()
		local _, _, marked = leaks({ cell("", "", "A", 80), cell("E1", "", "A", 80), cell("", "N", "A", 80) }, true)
		assert.equal(0, marked)
	end)

	it("a single class cannot be hidden from its own total, which is said", function()
		local list = { cell("", "", "A", 3), cell("E1", "", "A", 3) }
		leaks(list, false)
		local changes = within(US).summarise(list)
		assert.matches("leave the whole table out", changes[2].reason)
	end)
end)
