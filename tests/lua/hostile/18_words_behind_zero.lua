-- WANT: ok; what stands behind a zero byte must not turn a wrong word into a right one
local function refused(text, ...)
	local ok, why = pcall(...)
	assert(not ok and why:find(text, 1, true), why)
end
refused("is not known", evenhand.interval, 1, 9, 2, 9, "score\0x")
refused("is not known", evenhand.family, {0.1}, "bh\0")
refused("zero byte", evenhand.rates, {{group = "female\0male", selected = 1, n = 2}, {group = "x", selected = 1, n = 2}})
for _, what in ipairs({{class = "sex\0x"}, {by = {"evaluator\0"}}, {where = {stage = "S1\0"}},
	{class = "sex", where = {group = "female\0"}}}) do
	assert(not pcall(evenhand.counts, what))
end
assert(not pcall(evenhand.paired, {evaluator = "E1\0", class = "sex", group = "female"}))
assert(not pcall(function() return f["n\0x"] end))
return "ok"
