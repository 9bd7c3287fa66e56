-- WANT: policy_error: unknown field; a field whose name only looks like a known one
return { name = "t", api = 1, version = "1", check = function()
	return { verdict = "ok", ["reason\0hidden"] = "all is well" }
end }
