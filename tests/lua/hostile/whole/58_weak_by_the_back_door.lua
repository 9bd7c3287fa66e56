-- WANT: policy_error: own.lua:5: __mode is set after setmetatable; a field put into a used metatable counts for nothing
return { name = "t", api = 1, version = "1", check = function()
	local mt = {}
	local weak, kept = setmetatable({}, mt), 0
	mt.__mode = "v"
	for i = 1, 5000 do
		weak[i] = { i }
	end
	for i = 1, 5000 do
		kept = kept + (weak[i] and 1 or 0)
	end
	return { verdict = "watch", reason = tostring(kept) }
end }
