-- WANT: refused: instruction budget|the worker; one row in 100,000 places
local row, list = {1, 2, 1, 2}, {}
for i = 1, 100000 do
	list[i] = row
end
while true do
	pcall(evenhand.strata, list)
end
