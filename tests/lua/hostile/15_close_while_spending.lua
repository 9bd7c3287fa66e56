-- WANT: refused: instruction budget|the worker; the end passes what is to be closed
local x <close> = setmetatable({}, {__close = function()
	while true do
		pcall(evenhand.test, "boschloo", 100, 1000, 150, 1000)
	end
end})
while true do
	pcall(evenhand.test, "barnard", 100, 1000, 150, 1000)
end
