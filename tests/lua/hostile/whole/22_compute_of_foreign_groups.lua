-- WANT: denied: sex has no group martian; neither invented groups
return { name = "t", api = 1, version = "1", check = function() return "ok" end, compute = function()
	return { { attribute = "sex", group = "martian", reference = "rest", verdict = "notify" } }
end }
