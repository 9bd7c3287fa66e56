-- WANT: refused: 0 < num <= den
return { name = "t", api = 1, version = "1", limit = { 6, 5 }, check = function() return "ok" end }
