-- WANT: refused: needs names the unknown fact; "n" with something hidden behind it is not n
return { name = "t", api = 1, version = "1", needs = { "n\0ratio" }, check = function() return "ok" end }
