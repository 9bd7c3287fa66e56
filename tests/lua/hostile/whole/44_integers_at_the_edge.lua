-- WANT: ok:; 2^63 and its like in loops, shifts, divisions and places
return { name = "t", api = 1, version = "1", check = function()
	local lo, hi = math.mininteger, math.maxinteger
	assert(lo // -1 == lo and lo % -1 == 0 and hi + 1 == lo and -lo == lo and math.abs(lo) == lo)
	assert(not pcall(function() return 1 // 0 end) and not pcall(function() return 1 % 0 end))
	assert(1 << 64 == 0 and 1 << -1 == 0 and 1 >> lo == 0 and 1 << lo == 0 and not pcall(function() return 1 << 0.5 end))
	for i = hi - 2, hi do assert(i > 0) end
	for i = lo + 2, lo, -1 do assert(i < 0) end
	for _ = 1, 0 do error("none") end
	assert(not pcall(function() for _ = 1, 2, 0 do end end))
	for _, at in ipairs { lo, hi, -1, 0, 2^53, -2^63 } do
		for _, fn in ipairs { string.sub, string.byte, string.rep, utf8.offset, utf8.codepoint, utf8.len, table.unpack,
			table.concat, select, math.tointeger, string.find, string.pack, string.unpack } do
			pcall(fn, "abc", at, at)
			pcall(fn, { 1, 2 }, at, at)
			pcall(fn, at, "abc", at)
			pcall(fn, "abc", "b", at)
		end
	end
	assert(not pcall(table.move, {}, 1, hi, 2) and not pcall(table.insert, {}, hi, 1))
	return "ok"
end }
