-- WANT: policy_error: '__index' chain too long|stack overflow; chains and circles of metatables
return { name = "t", api = 1, version = "1", check = function()
	local t = {}
	for _ = 1, 5000 do
		t = setmetatable({}, { __index = t, __newindex = t, __call = t })
	end
	local a, b = {}, {}
	setmetatable(a, { __index = b })
	setmetatable(b, { __index = a })
	assert(not pcall(function() return a.x end) and not pcall(function() t.x = 1 end) and not pcall(function() t() end))
	return t.x
end }
