-- WANT: ok:; comparators that lie, raise, sort again or empty the list
return { name = "t", api = 1, version = "1", check = function()
	local function list() local t = {} for i = 1, 300 do t[i] = (i * 7919) % 301 end return t end
	local n = 0
	pcall(table.sort, list(), function() return true end)
	pcall(table.sort, list(), function() n = n + 1 return n % 2 == 0 end)
	local t = list()
	pcall(table.sort, t, function(a, b) t[(a or 0) % 300 + 1] = nil return (a or 0) < (b or 0) end)
	t = list()
	pcall(table.sort, t, function(a, b) if n < 2000 then n = n + 1 table.sort(t) end return a < b end)
	pcall(table.sort, list(), function(a, b) if a == 7 then error({}) end return a < b end)
	pcall(table.sort, { 1, "a", true, {} })
	pcall(table.sort, setmetatable({}, { __len = function() return 1 << 40 end }), function() error("x") end)
	pcall(table.sort, { 3, 0 / 0, 1, 0 / 0, 2 })
	return "ok"
end }
