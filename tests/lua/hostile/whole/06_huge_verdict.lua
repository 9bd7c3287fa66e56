-- WANT: policy_error: unknown field|not enough memory; the whole memory as keys of a verdict
return { name = "t", api = 1, version = "1", check = function()
	local v = { verdict = "ok" }
	for i = 1, 200000 do
		v[i + 0.5] = true
	end
	return v
end }
