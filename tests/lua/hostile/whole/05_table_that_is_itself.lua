-- WANT: policy_error: unknown field "[table]" in the verdict; a table within itself is walked over once
return { name = "t", api = 1, version = "1", check = function()
	local v = { verdict = "ok" }
	v.self = v
	v[v] = v
	return v
end }
