-- WANT: ok:; string.pack and unpack with absurd sizes, alignments and places
return { name = "t", api = 1, version = "1", check = function()
	for _, f in ipairs { "!16i16", "!17i", "i17", "s16", "s1", "z", "x", "Xi16", "X", "!0", "c2147483647", "c99999999999999999999",
		">I16<i3", "j n d f T", ("i"):rep(200), "Xz", "!3i4", " =!8" } do
		pcall(string.pack, f, 1, 2, 3)
		pcall(string.pack, f, "text\0x", -1)
		pcall(string.packsize, f)
		for _, at in ipairs { 1, -1, 0, 4, math.maxinteger, math.mininteger } do
			pcall(string.unpack, f, ("\xff"):rep(64), at)
			pcall(string.unpack, f, "", at)
		end
	end
	return "ok"
end }
