-- WANT: ok; every function takes every wrong value with an error and nothing else (shared sample 38)
local t = {}
t[1], t.n, t.others, t.cells, t.by, t.where, t.class, t.strata = t, t, t, t, t, t, t, t
local bads = {0 / 0, math.huge, -math.huge, -1, 2 ^ 53, 1 << 62, math.mininteger, "x", t, {}, print or pairs, true, f}
local names = {"below", "benchmark", "counts", "effects", "family", "impact_ratio", "interval", "posterior", "power",
	"rate", "rate_interval", "rates", "strata", "test", "unseen"}
for _, name in ipairs(names) do
	assert(type(evenhand[name]) == "function", name)
	pcall(evenhand[name])
	for _, a in ipairs(bads) do
		for _, b in ipairs(bads) do
			pcall(evenhand[name], a, b, a, b, a, b)
		end
		pcall(evenhand[name], {a, a, a, a, n = a, others = {a}, strata = {a}, cells = {a}, by = {a}, class = a})
	end
end
return "ok"
