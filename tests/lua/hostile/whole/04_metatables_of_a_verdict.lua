-- WANT: policy_error: the verdict must be a string, not a nil; it is read raw, no metamethod of it runs
local mt = { __index = function() error("a metamethod ran") end, __len = function() error("a metamethod ran") end,
	__pairs = function() error("a metamethod ran") end, __eq = function() error("a metamethod ran") end,
	__tostring = function() return "ok" end, __name = "ok" }
return { name = "t", api = 1, version = "1", check = function() return setmetatable({}, mt) end }
