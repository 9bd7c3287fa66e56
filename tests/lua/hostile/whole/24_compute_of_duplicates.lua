-- WANT: own: 10000; the same finding ten thousand times costs one walk
return { name = "t", api = 1, version = "1", check = function() return "ok" end, compute = function()
	local list = {}
	for i = 1, 10000 do
		list[i] = { attribute = "sex", group = "female", reference = "rest", evaluator = "E1", verdict = "notify" }
	end
	return list
end }
