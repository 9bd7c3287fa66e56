-- WANT: refused: name must be 1 to; a megabyte of a name makes no megabyte of a message
return { name = ("n"):rep(1 << 20), api = 1, version = ("1"):rep(1 << 20), check = function() return "ok" end }
