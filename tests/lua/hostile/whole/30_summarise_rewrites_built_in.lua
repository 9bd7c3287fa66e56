-- WANT: ok: notify && ok: not_allowed; it may judge, but what was found cannot be written over
return { name = "t", api = 1, version = "1", check = function() return "notify" end, summarise = function(list)
	local changes = {}
	for i, f in ipairs(list) do
		for _, name in ipairs { "builtin", "verdict", "reason", "n", "ratio" } do
			assert(not pcall(function() f[name] = "ok" end))
			assert(not pcall(rawset, f, name, "ok"))
		end
		changes[i] = { verdict = "ok", reason = f.builtin }
	end
	return changes
end }
