-- WANT: hook: refused: instruction budget|the worker && ok:; a letter that is never written holds up nothing else
return { name = "t", api = 1, version = "1", check = function() return "ok" end,
	on_notification = function() while true do end end }
