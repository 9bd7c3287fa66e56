-- WANT: not enough memory|refused: instruction budget|the worker; results live in the policy's own memory
local hoard = {}
for i = 1, math.maxinteger do
	hoard[i] = evenhand.strata {{1, 2, 1, 2}, {1, 3, 2, 3}}
end
