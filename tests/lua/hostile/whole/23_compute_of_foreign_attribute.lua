-- WANT: denied: no class of disability is known here; nor attributes that nobody has
return { name = "t", api = 1, version = "1", check = function() return "ok" end, compute = function()
	return { { attribute = "disability", group = "yes", reference = "rest", verdict = "notify" } }
end }
