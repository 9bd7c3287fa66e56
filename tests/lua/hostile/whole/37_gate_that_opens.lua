-- WANT: gate: open && ok:; its yes is asked besides the core's gate, which it cannot reach: it sees two words
return { name = "t", api = 1, version = "1", check = function() return "ok" end, gate = function(...)
	assert(select("#", ...) == 2 and select(1, ...) == "US-IL" and select(2, ...) == "race")
	return true
end }
