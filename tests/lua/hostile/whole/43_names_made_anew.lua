-- WANT: ok:; a name that was thrown away and one that came to lie in its place are told apart
local hex = "0123456789abcdef"
return { name = "t", api = 1, version = "1", check = function(f)
	for i = 1, 2000 do
		local key = "n" .. hex:sub(i % 16 + 1, i % 16 + 1) .. i
		assert(not pcall(function() return f[key] end))
		key = ("rat"):sub(1, 3) .. "io"
		assert(f[key] == f.ratio and f["se" .. "lected"] == f.selected)
	end
	return "ok"
end }
