-- WANT: this is more work than a whole run may do; seconds of hypergeometric terms
local p = evenhand.test("mid_p", 1 << 28, 1 << 30, 1 << 29, 1 << 30)
return p and "ok" or "watch"
