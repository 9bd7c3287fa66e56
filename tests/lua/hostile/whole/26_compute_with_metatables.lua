-- WANT: trouble: give attribute and group; the list and what is in it are read raw
local mt = { __index = function() return "ok" end, __len = function() return 1 << 60 end }
return { name = "t", api = 1, version = "1", check = function() return "ok" end, compute = function()
	return setmetatable({ setmetatable({ verdict = "ok" }, mt) }, mt)
end }
