-- WANT: ok; a table made weak by a field put into its metatable afterwards would show when the collector ran
local mt = {}
local t = setmetatable({}, mt)
assert(not pcall(function() mt.__mode = "kv" end))
rawset(mt, "__mode", "kv")
assert(getmetatable(t) == mt and getmetatable(mt) == nil and rawget(mt, "__mode") == "kv")
-- one that has a metatable of its own is not told of, and has no effect either
local class = setmetatable({}, {__index = {y = 2}})
local u = setmetatable({}, class)
class.__mode, class.__gc = "k", function() error("ran") end
for i = 1, 1000 do
	t[i], u[{}] = {}, i
end
local keep = {}
for i = 1, 40 do -- several turns of the collector
	keep[1] = ("x"):rep(1 << 20) .. i
end
local n, m = 0, 0
for i = 1, 1000 do
	n = n + (t[i] ~= nil and 1 or 0)
end
local key = nil
for _ in utf8.codes(("a"):rep(1000)) do
	m = m + 1
end
assert(n == 1000 and m == 1000 and key == nil and class.y == 2, n)
return "ok"
