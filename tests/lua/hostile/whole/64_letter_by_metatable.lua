-- WANT: letter: && ok:; recipients and text behind a metatable are none, and what is told of a notification cannot grow
return { name = "t", api = 1, version = "1", check = function() return "ok" end, on_notification = function(n)
	n.evaluator, n.id = ("x"):rep(1 << 20), "N9999"
	local liar = setmetatable({}, {
		__index = function(_, k) return k == "text" and "hidden" or "root" end,
		__len = function() return 1 << 30 end,
		__pairs = function() return function() return "to", "x" end end,
	})
	assert(not pcall(evenhand.counts, { by = { "evaluator" } }) or true)
	return { text = "one\r\nBcc: a@b.example\r\n\r\n.\r\nFrom x \27[2J\u{202e}" .. ("y"):rep(1 << 20), to = liar }
end }
