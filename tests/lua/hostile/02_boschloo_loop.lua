-- WANT: refused: instruction budget|the worker; work in C counts like instructions, long before the clock
while true do
	pcall(evenhand.test, "boschloo", 100, 1000, 150, 1000)
end
