-- WANT: refused: attributes[1] is no attribute name
return { name = "t", api = 1, version = "1", attributes = { "sex\27[2J", "r\0ace" }, check = function() return "ok" end }
