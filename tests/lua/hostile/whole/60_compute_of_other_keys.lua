-- WANT: own: 1; a part of the data that is not there
return { name = "t", api = 1, version = "1", check = function() return "ok" end, compute = function()
	return { { attribute = "sex", group = "female", reference = "rest", evaluator = "nobody", stage = "S9", verdict = "notify" } }
end }
