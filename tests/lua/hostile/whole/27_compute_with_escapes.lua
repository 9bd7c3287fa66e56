-- WANT: trouble: group must be at most; what is stored under a name has no control characters
return { name = "t", api = 1, version = "1", check = function() return "ok" end, compute = function()
	return { { attribute = "sex", group = "fe\27[2Jmale", verdict = "ok" } }
end }
