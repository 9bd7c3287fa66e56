-- WANT: refused: pack|day
return { name = "t", api = 1, version = "1", pack = { name = "X", source = "Y", from = "2026-02-28", to = "2026-02-27" },
	check = function() return "ok" end }
