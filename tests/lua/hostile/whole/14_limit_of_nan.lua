-- WANT: refused: limit must be two integers; a limit that compares false would silence everything
return { name = "t", api = 1, version = "1", limit = { 0 / 0, 5 }, check = function() return "ok" end }
