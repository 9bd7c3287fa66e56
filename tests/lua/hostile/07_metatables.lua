-- WANT: ok; no metamethod of an argument is ever run
local function trap()
	error("a metamethod ran")
end
local mt = {__index = trap, __newindex = trap, __len = trap, __pairs = trap, __eq = trap, __lt = trap, __call = trap,
	__concat = trap, __unm = trap, __add = trap, __tostring = trap, __name = "trap"}
local t = setmetatable({}, mt)
local tables = setmetatable({setmetatable({1, 2, 1, 2}, mt)}, mt)
for _, call in ipairs {
	{"rates", t}, {"strata", t}, {"strata", tables}, {"family", t, "bh"}, {"power", t}, {"unseen", t}, {"counts", t},
	{"benchmark", t}, {"below", 1, 2, 1, 2, t}, {"rate", t, t}, {"interval", 1, 2, 1, 2, t}, {"test", t},
	{"benchmark", setmetatable({strata = tables, others = tables}, mt)}, {"counts", setmetatable({by = t}, mt)},
} do
	local _, message = pcall(evenhand[call[1]], table.unpack(call, 2))
	assert(not tostring(message):find("a metamethod ran"), call[1])
end
return "ok"
