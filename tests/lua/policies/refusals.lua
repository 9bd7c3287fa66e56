-- Wrong arguments of the functions in C, and what is said of each; test_primitives.c runs it.

local self = {}
self[1], self.n, self.others, self.strata = self, self, self, self
local trap = setmetatable({}, {
	__index = function() error("a metamethod ran") end, __len = function() error("a metamethod ran") end,
	__pairs = function() error("a metamethod ran") end,
})

local function refuse(words, name, ...)
	local ok, message = pcall(evenhand[name], ...)
	if ok then
		error(name .. " took what must be refused with: " .. words, 0)
	end
	local head = "evenhand." .. name .. ": "
	if message:sub(1, #head) ~= head and not message:find(": " .. head, 1, true) then
		error("no function's name in: " .. message, 0)
	end
	if not message:find(words, 1, true) then
		error("no '" .. words .. "' in: " .. message, 0)
	end
end

local function counts_of_four()
	refuse("selected is 12 of n = 10: selected cannot exceed n", "impact_ratio", 12, 10, 1, 2)
	refuse("ref_selected is 3 of ref_n = 2: selected cannot exceed n", "impact_ratio", 1, 10, 3, 2)
	refuse("selected is 3.0, a float: counts are integers", "rate", 3.0, 10)
	refuse("n is 10.5, a float", "rate", 3, 10.5)
	refuse("n is not a number (NaN)", "rate", 3, 0 / 0)
	refuse("n is inf, a float", "rate", 3, math.huge)
	refuse("selected is -1: it cannot be below 0", "rate", -1, 10)
	refuse("n is 9007199254740992: at most 1099511627776", "rate", 1, 1 << 53)
	refuse("selected is a string: give an integer", "rate", "3", 10)
	refuse("selected is nil: give an integer", "rate")
	refuse("n is a boolean", "rate", 1, true)
	refuse("selected is a table", "rate", self, 10)
	refuse("ref_n is nil", "effects", 1, 2, 3)
	for _, name in ipairs {"impact_ratio", "interval", "effects", "below", "posterior"} do
		refuse("selected is a table: give an integer, 0 or more", name, {1, 2, 3, 4})
		refuse("selected is 5 of n = 4", name, 5, 4, 1, 2, {4, 5})
	end
end

local function options()
	refuse("limit is nil: give two integers, such as {4, 5}, or facts.limit", "below", 1, 2, 1, 2)
	refuse("limit is a number", "below", 1, 2, 1, 2, 0.8)
	refuse("limit[1] (num) is 0.8, a float", "below", 1, 2, 1, 2, {0.8, 1})
	refuse("limit has a 0", "below", 1, 2, 1, 2, {0, 5})
	refuse("limit[2] (den) is nil", "below", 1, 2, 1, 2, {4})
	refuse("limit[1] (num) is 1000001: at most 1000000", "below", 1, 2, 1, 2, {1000001, 5})
	refuse("limit[1] (num) is a table", "below", 1, 2, 1, 2, self)
	refuse("limit[1] (num) is nil", "below", 1, 2, 1, 2, trap)
	refuse("method \"wald\" is not known: give one of miettinen_nurminen, koopman, katz, adjusted_log", "interval",
		1, 2, 1, 2, "wald")
	refuse("method is a number: give one of wilson", "rate_interval", 1, 2, 3)
	refuse("test \"t\" is not known: give one of z, chi2, g, fisher", "test", "t", 1, 2, 1, 2)
	refuse("test is a number", "test", 1, 2, 1, 2)
	refuse("method is nil: give one of bh", "family", {0.5})
	refuse("is not known: give one of bh", "family", {0.5}, "bh\0")
end

local function lists()
	refuse("the argument is nil: give a list", "rates")
	refuse("the argument is a string: give a list", "rates", "x")
	refuse("entry 2: a number where {group = , selected = , n = } is wanted", "rates", {{selected = 1, n = 2}, 7})
	refuse("entry 1: selected is 3 of n = 2", "rates", {{selected = 3, n = 2}})
	refuse("entry 1: unknown field select: did you mean selected?", "rates", {{select = 3, n = 2}})
	refuse("entry 1: group is a number: give a string", "rates", {{group = 1, selected = 1, n = 2}})
	refuse("entry 1: a number is no key of this table", "rates", {self})
	refuse("stratum is a string: give a list", "strata", "x")
	refuse("stratum 2: selected is 12 of n = 10", "strata", {{1, 2, 3, 4}, {12, 10, 1, 2}})
	refuse("stratum 1: a number where {selected, n, ref_selected, ref_n} is wanted", "strata", {5})
	refuse("stratum 1: selected is a table", "strata", self)
	refuse("stratum 1: a number is no key", "strata", {{1, 2, 3, 4, 5}})
	refuse("stratum 1: selected is nil", "strata", {trap})
	refuse("p 2: it is 1.5: it must be 0.0 to 1.0", "family", {0.5, 1.5}, "bh")
	refuse("p 1: it is not a number (NaN)", "family", {0 / 0}, "bh")
	refuse("p 1: it is a string", "family", {"0.5"}, "bh")
	refuse("p 1: it is a boolean", "family", {true}, "bh")
	refuse("the list has a key that is no place 1 to 100000", "family", {0.5, x = 1}, "bh")
	refuse("the list has a key that is no place 1 to 100000", "family", {[100001] = 0.5}, "bh")
	refuse("p is a number: give a list", "family", 0.5, "bh")
	local long = {}
	for i = 1, 100001 do
		long[i] = false
	end
	refuse("the argument has 100001 entries: at most 100000", "rates", long)
	refuse("stratum has 100001 entries: at most 100000", "strata", long)
end

local function queries()
	local four = {selected = 1, n = 2, ref_selected = 1, ref_n = 2}
	local function with(field, value)
		local t = {}
		for k, v in pairs(four) do
			t[k] = v
		end
		t[field] = value
		return t
	end
	refuse("nil where a table with counts and others is wanted", "benchmark")
	refuse("others is nil: give a list", "benchmark", four)
	refuse("others is a number", "benchmark", with("others", 1))
	refuse("other 1: a number where a table with counts or strata is wanted", "benchmark", with("others", {1}))
	refuse("other 1: unknown field limit", "benchmark", with("others", {with("limit", {4, 5})}))
	refuse("unknown field other: did you mean others?", "benchmark", with("other", {}))
	refuse("stratum 1: selected is nil", "benchmark", {strata = {{}}, others = {}})
	refuse("a number is no key of this table", "benchmark", self)
	refuse("unknown_n is nil", "unseen", with("unknown_selected", 0))
	refuse("selected beside cells: give the one or the other", "unseen", with("cells", {}))
	refuse("cell 1: selected is 3.0: it must be 0.0 to 2.0", "unseen",
		{cells = {{n = 2, selected = 3, focal = 1, reference = 1}}})
	refuse("cell 1: focal + reference is 2.2 of n = 2.0", "unseen",
		{cells = {{n = 2, selected = 1, focal = 1.1, reference = 1.1}}})
	refuse("cell 1: n is nil", "unseen", {cells = {{}}})
	refuse("ref_rate is nil: give a number, 0.0 to 1.0", "power", {n = 1, ref_n = 1})
	refuse("ref_rate is 1.5: it must be 0.0 to 1.0", "power", {n = 1, ref_n = 1, ref_rate = 1.5})
	refuse("n is not a number (NaN)", "power", {n = 0 / 0, ref_n = 1, ref_rate = 0.5})
	refuse("alpha is 0.0: it must be", "power", {n = 1, ref_n = 1, ref_rate = 0.5, alpha = 0})
	refuse("unknown field rate", "power", {n = 1, ref_n = 1, rate = 0.5})
	refuse("there are no decisions to count", "counts", {})
end

local function direct()
	local ok, message = pcall(function() evenhand.rate(2, 1) end)
	assert(not ok and message:find("own.lua:%d+: evenhand.rate: selected is 2 of n = 1"), message)
end

return {
	name = "refusals", api = 1, version = "1",
	check = function()
		counts_of_four()
		options()
		lists()
		queries()
		direct()
		return "ok"
	end,
}
