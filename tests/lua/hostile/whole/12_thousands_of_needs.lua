-- WANT: refused: needs must be a list of at most
local needs = {}
for i = 1, 5000 do
	needs[i] = "n"
end
return { name = "t", api = 1, version = "1", needs = needs, check = function() return "ok" end }
