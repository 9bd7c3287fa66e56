-- WANT: is not known: give one of; a name of a megabyte makes no message of a megabyte
local p = evenhand.test(("x"):rep(1 << 20), 1, 2, 1, 2)
return p and "ok" or "watch"
