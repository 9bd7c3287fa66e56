-- WANT: ok:; facts as keys, in rawequal, next, rawset, rawlen, sort, concat and as metatable
return { name = "t", api = 1, version = "1", check = function(f)
	local t = { [f] = 1 }
	assert(t[f] == 1 and rawequal(f, f) and f == f)
	for _, fn in ipairs { rawset, rawget, rawlen, setmetatable, table.insert, table.remove, table.sort, table.concat,
		table.unpack, table.move, ipairs, utf8.char, string.rep, math.floor, f } do
		pcall(fn, f, f, f)
		pcall(fn, f, 1, 2)
		pcall(fn, f)
	end
	for _, key in ipairs { 0, -1, 1.5, 0 / 0, math.huge, true, f, t, "", "N", "n ", ("n"):rep(1 << 16), "__index", "\0",
		"n\0", "n\0ratio", pcall } do
		assert(not pcall(function() return f[key] end), tostring(key))
	end
	assert(not pcall(setmetatable, f, {}) and getmetatable(f) == "locked")
	assert(setmetatable({}, { __index = f }).n == f.n)
	assert(not pcall(next, f))
	local seen = {}
	for key in pairs(f) do
		seen[#seen + 1] = key
	end
	assert(#seen > 20 and seen[1] == "evaluator")
	return "ok"
end }
