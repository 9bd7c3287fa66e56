-- WANT: ok:; odd conversions, widths, precisions, zeros inside, arguments that are not there
local formats = { "%a", "%q", "%99s", "%-99d", "%99.99f", "%.99f", "%.99s", "%0", "%", "%.", "%%%", "%s\0%d", "%\0s",
	"%5%", "% 5%s", "%#x", "%+.3d", "%.9f", "%.0f", "%c%c%c", "%100d", "%.100f", "%ll", "%n", "%*d", "%1$s",
	"%" .. ("0"):rep(1000) .. "d", ("%s"):rep(200), ("%d"):rep(300), "%i %u %o %X %e %E %g %G %A" }
local values = { 1e308, -1e308, 5e-324, 0 / 0, -1 / 0, math.mininteger, math.maxinteger, "a\0b", ("x"):rep(5000), "0x1p4",
	true, setmetatable({}, { __tostring = function() return ("y"):rep(3000) end }),
	setmetatable({}, { __tostring = function() return 1 end }), setmetatable({}, { __name = "\27[2J" }) }
return { name = "t", api = 1, version = "1", check = function()
	for _, f in ipairs(formats) do
		pcall(string.format, f)
		for _, v in ipairs(values) do
			pcall(string.format, f, v)
			pcall(string.format, f, v, v, v)
			pcall(string.format, f, table.unpack(values))
		end
	end
	assert(("%.9f"):format(-1e308):len() == 320 and ("%s\0%s"):format(1, 2) == "1\0002")
	assert(not pcall(string.format, "%p", {}) and not pcall(string.format, "%s %5p", 1, {}))
	return "ok"
end }
