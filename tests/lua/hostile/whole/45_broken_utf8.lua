-- WANT: ok:; the utf8 functions on what is none
local bad = { "\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80", "a\0b", "", "\xfd\xbf\xbf\xbf\xbf\xbf" }
return { name = "t", api = 1, version = "1", check = function()
	for _, s in ipairs(bad) do
		for _, lax in ipairs { true, false } do
			pcall(utf8.len, s, 1, -1, lax)
			pcall(utf8.codepoint, s, 1, -1, lax)
			pcall(function() for _ in utf8.codes(s, lax) do end end)
		end
		for i = -10, 10 do
			pcall(utf8.offset, s, i, 1)
			pcall(utf8.offset, s, 1, i)
		end
	end
	for _, c in ipairs { -1, 0x110000, 0x7fffffff, 0x80000000, math.maxinteger } do
		pcall(utf8.char, c)
	end
	assert(utf8.len("\xff") == nil and utf8.len("ä") == 1)
	return "ok"
end }
