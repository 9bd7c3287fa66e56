-- The helper library of the policies (scripts/evenhand.lua).

local lib = dofile("scripts/evenhand.lua")

describe("pairs_sorted", function()
	local function keys_of(t)
		local keys = {}
		for key in lib.pairs_sorted(t) do
			keys[#keys + 1] = key
		end
		return keys
	end

	it("goes numbers, strings by bytes, booleans", function()
		assert.same({ 1, 2.5, 10, "B", "a", "b", false, true },
			keys_of({ [true] = 1, b = 1, [10] = 1, a = 1, [false] = 1, B = 1, [2.5] = 1, [1] = 1 }))
	end)

	it("keeps false values and gives nothing for an empty table", function()
		local seen = {}
		for key, value in lib.pairs_sorted({ a = false, b = 2 }) do
			seen[key] = value
		end
		assert.same({ a = false, b = 2 }, seen)
		assert.same({}, keys_of({}))
	end)

	it("allows removing entries on the way", function()
		local t, seen = { a = 1, b = 2, c = 3 }, {}
		for key in lib.pairs_sorted(t) do
			seen[#seen + 1] = key
			t.b = nil
		end
		assert.same({ "a", "c" }, seen)
	end)

	it("honours __pairs", function()
		local own = setmetatable({}, { __pairs = function() return next, { x = 7 }, nil end })
		assert.same({ "x" }, keys_of(own))
	end)

	it("refuses keys without an order and values that are no table", function()
		assert.has_error(function() lib.pairs_sorted({ [{}] = 1 }) end)
		assert.has_error(function() lib.pairs_sorted(5) end)
	end)
end)

describe("next_sorted", function()
	it("walks like pairs_sorted, also over false values and emptied entries", function()
		local t, seen = { b = 1, a = false, [2] = 3, [true] = 4 }, {}
		for key, value in lib.next_sorted, t do
			seen[#seen + 1] = tostring(key) .. tostring(value)
			t.b = nil
		end
		assert.same({ "23", "afalse", "true4" }, seen)
		assert.is_nil(lib.next_sorted({}))
	end)

	it("forgets where it was when a walk begins anew", function()
		local t = { a = 1, c = 3 }
		assert.equal("c", lib.next_sorted(t, "a"))
		t.b = 2
		assert.equal("a", lib.next_sorted(t))
		assert.equal("b", lib.next_sorted(t, "a"))
	end)

	it("goes on after a key that is gone, also with another walk between", function()
		local t, u, seen = { a = 1, b = 2, c = 3 }, { x = 1, y = 2 }, {}
		for key in lib.next_sorted, t do
			t[key] = nil
			for other in lib.next_sorted, u do
				seen[#seen + 1] = key .. other
			end
		end
		assert.same({ "ax", "ay", "bx", "by", "cx", "cy" }, seen)
		assert.is_nil(lib.next_sorted({ a = 1 }, "x"))
		assert.is_nil(lib.next_sorted({ 1 }, 0 / 0))
	end)

	it("refuses keys that have no order", function()
		assert.has_error(function() lib.next_sorted({ a = 1 }, {}) end, "invalid key to 'next'")
		assert.has_error(function() lib.next_sorted({ [{}] = 1 }) end)
		assert.has_error(function() lib.next_sorted(nil) end)
	end)
end)

describe("sort", function()
	local function by_key(a, b)
		return a.key < b.key
	end

	it("sorts like table.sort at every length around its runs", function()
		for n = 0, 70 do
			local mine, theirs = {}, {}
			for i = 1, n do
				mine[i] = (i * 37) % 71
				theirs[i] = mine[i]
			end
			lib.sort(mine)
			table.sort(theirs)
			assert.same(theirs, mine)
		end
	end)

	it("keeps equals in their order", function()
		local list = {}
		for i = 1, 100 do
			list[i] = { key = i % 2, place = i }
		end
		lib.sort(list, by_key)
		for i = 2, 100 do
			assert.is_true(list[i - 1].key < list[i].key
				or (list[i - 1].key == list[i].key and list[i - 1].place < list[i].place))
		end
	end)

	it("leaves the list as it was when elements cannot be compared", function()
		local list = { 3, 2, "x", 1 }
		assert.has_error(function() lib.sort(list) end)
		assert.same({ 3, 2, "x", 1 }, list)
	end)

	it("refuses an order in which an element comes before itself", function()
		assert.has_error(function() lib.sort({ 1, 2 }, function(a, b) return a <= b end) end)
		assert.has_error(function() lib.sort({ 1, 2 }, "less") end)
		assert.has_error(function() lib.sort("list") end)
	end)
end)

describe("texts", function()
	local limit = { num = 4, den = 5 }

	it("show a ratio so that it never looks like the limit", function()
		assert.equal("0.333", lib.ratio_text(1 / 3, limit))
		assert.equal("0.800", lib.ratio_text(0.8, limit))
		assert.equal("0.7999", lib.ratio_text(0.7999, limit))
		assert.equal("0.799998", lib.ratio_text(0.799998, limit))
		assert.equal("0.800", lib.ratio_text(0.799998))
		assert.equal("undefined", lib.ratio_text(nil, limit))
		assert.equal("0.79999999999", lib.ratio_text(0.8 - 1e-11, limit))
		assert.equal("0.79999999999", lib.ratio_text(0.8 - 1e-11, { 4, 5 }))
		-- the last digit of a double is no distance from the limit
		assert.equal("0.800", lib.ratio_text(0.1 + 0.7, limit))
		assert.equal("0.800", lib.ratio_text(0.7999999999999999, limit))
	end)

	it("name the function and the mend where an argument is wrong", function()
		local nan, none = 0 / 0, nil
		for pattern, f in pairs({
			["evenhand.ratio_text: ratio is a string: give a"] = function() lib.ratio_text("0.8") end,
			["ratio_text: ratio is not a number %(NaN%): test what"] = function() lib.ratio_text(nan) end,
			["ratio_text: ratio is infinite: test"] = function() lib.ratio_text(1 / 0, limit) end,
			["ratio_text: limit is no fraction: give facts.limit"] = function() lib.ratio_text(1, {}) end,
			["ratio_text: limit is a number: give facts.limit"] = function() lib.ratio_text(1, 0.8) end,
			["limit_text: limit is nil: give"] = function() lib.limit_text(none) end,
			["limit_text: limit is no fraction"] = function() lib.limit_text({ 0.8, 1 }) end,
			["p_text: p is %-1: a probability is 0 to 1"] = function() lib.p_text(-1) end,
			["p_text: p is 1.5: a probability"] = function() lib.p_text(1.5) end,
			["p_text: p is not a number"] = function() lib.p_text(nan) end,
			["percent: share is a table"] = function() lib.percent({}) end,
			["interval_text: interval is nil: give a table with low and high"] = function()
				lib.interval_text(none)
			end,
			["interval_text: low is a string"] = function() lib.interval_text({ low = "a" }) end,
			["count: n is 1.5: give a whole number"] = function() lib.count(1.5, "person") end,
			["count: n is nil"] = function() lib.count(none, "person") end,
			["count: noun is nil: give a word"] = function() lib.count(1) end,
			["list: place 2 is a table: give a list of texts"] = function() lib.list({ 1, {} }) end,
			["list: items is nil"] = function() lib.list(none) end,
			["subject_text: its argument is nil: give the facts"] = function() lib.subject_text(none) end,
			["reference_text: its argument is a string"] = function() lib.reference_text("x") end,
		}) do
			assert.error_matches(f, pattern)
		end
	end)

	it("show probabilities without a false zero", function()
		assert.same({ "0.031", "0.0004", "below 0.0001", "undefined", "1.000" },
			{ lib.p_text(0.0312), lib.p_text(0.0004), lib.p_text(1e-9), lib.p_text(nil), lib.p_text(1) })
	end)

	it("show shares, intervals, counts, lists and limits", function()
		assert.equal("25.3 %", lib.percent(0.253))
		assert.equal("undefined", lib.percent(nil))
		assert.equal("0.210 to 0.650", lib.interval_text({ low = 0.21, high = 0.65 }))
		assert.equal("no lower end to no upper end", lib.interval_text({}))
		assert.same({ "1 person", "0 persons" }, { lib.count(1, "person"), lib.count(0, "person") })
		assert.same({ "", "a", "a and b", "a, b and c" },
			{ lib.list({}), lib.list({ "a" }), lib.list({ "a", "b" }), lib.list({ "a", "b", "c" }) })
		assert.equal("4/5", lib.limit_text(limit))
	end)

	it("tell where classes come from, and no number that is too small", function()
		local f = { provenance = { declared = 4, imported = 0, predicted = 3, unknown = 2 } }
		assert.equal("Classes of persons: 4 declared, 0 imported from another record.", lib.provenance_text(f))
		assert.equal("Classes of persons: fewer than 5 declared, 0 imported from another record.",
			lib.provenance_text(f, 5))
		f.provenance.imported = 5
		assert.matches("4 declared, 5 imported", lib.provenance_text(f, 4))
	end)

	it("name who decided and what is compared with", function()
		assert.equal("E1", lib.subject_text({ pooled = false, evaluator = "E1", position = "" }))
		assert.equal("All evaluators together (position P2)",
			lib.subject_text({ pooled = true, evaluator = "", position = "P2" }))
		assert.equal("the rest", lib.reference_text({ reference = "rest" }))
		assert.equal("male", lib.reference_text({ reference = "male" }))
	end)
end)
