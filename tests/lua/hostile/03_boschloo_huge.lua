-- WANT: this is more work than a whole run may do; a single call that could outlast the clock never begins
local p = evenhand.test("boschloo", 4000, 20000, 9000, 20000)
return p and "ok" or "watch"
