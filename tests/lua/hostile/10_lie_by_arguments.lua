-- WANT: selected is 41 of n = 40: selected cannot exceed n; impossible counts make no statistic
local p = evenhand.test("fisher", 41, 40, 1, 2)
return p and "ok" or "watch"
