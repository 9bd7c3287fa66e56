-- WANT: trouble: unknown field "jurisdiction"; a place narrows counts, but no finding: it would be counted over all places
return { name = "t", api = 1, version = "1", check = function() return "ok" end, compute = function()
	local well, why = pcall(evenhand.counts, { by = { "jurisdiction" }, where = { jurisdiction = "US-IL" } })
	assert(not well and why:find("carry no jurisdictions", 1, true), why)
	return { { attribute = "sex", group = "female", jurisdiction = "US-IL", verdict = "watch" } }
end }
