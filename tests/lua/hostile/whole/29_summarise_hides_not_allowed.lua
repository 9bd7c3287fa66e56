-- WANT: policy_error: may not change finding 3; what the core does not allow stays not allowed
return { name = "t", api = 1, version = "1",
	check = function(f)
		return { verdict = f.builtin == "not_allowed" and "not_allowed" or "notify", reason = "r" }
	end,
	summarise = function() return { [3] = "ok" } end }
