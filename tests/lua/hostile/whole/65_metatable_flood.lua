-- WANT: ok:|policy_error: not enough memory|instruction budget; what the program keeps of each metatable goes with it
return { name = "t", api = 1, version = "1", check = function()
	for i = 1, 30000 do
		local mt = { __index = function() return i end, __name = ("n"):rep(i % 300) }
		local t = setmetatable({}, mt)
		assert(t.x == i and getmetatable(t) == mt)
	end
	return "ok"
end }
