-- WANT: ok:; the project's facts are read-only, without a hidden table behind them
return { name = "t", api = 1, version = "1", check = function(f)
	local p = evenhand.project
	assert(p.as_of == "2026-11-30" and p.jurisdictions[1].code == "US-IL")
	for _, v in ipairs { p, p.jurisdictions, p.jurisdictions[1], p.data, p.notifications } do
		assert(type(v) == "userdata" and getmetatable(v) == "locked")
		assert(not pcall(function() v.as_of = "1970-01-01" end) and not pcall(function() v[1] = nil end))
		assert(not pcall(rawset, v, "as_of", 1) and not pcall(setmetatable, v, {}) and not pcall(rawget, v, "x"))
		local next_one, state = pairs(v)
		pcall(next_one, {}, "x")
		pcall(next_one, nil, nil)
		pcall(next_one, state, {})
		pcall(next_one)
	end
	for _, key in ipairs { "x", "as_of\0", 1, true, f, p, 0 / 0 } do
		assert(not pcall(function() return p[key] end))
	end
	assert(not pcall(evenhand.below, 1, 2, 1, 2, p) and not pcall(evenhand.below, 1, 2, 1, 2, p.jurisdictions))
	assert(not pcall(evenhand.counts, p) and not pcall(evenhand.rates, p) and not pcall(evenhand.family, p, "bh"))
	return "ok"
end }
