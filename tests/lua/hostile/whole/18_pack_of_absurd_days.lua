-- WANT: refused: pack|day
return { name = "t", api = 1, version = "1", pack = { name = "X", source = "Y", from = "9999-99-99", to = "-001-00-00" },
	check = function() return "ok" end }
