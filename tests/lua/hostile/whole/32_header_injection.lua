-- WANT: letter: hello && ok:; no new line of a letter's head, and the end of a letter is not a policy's
return { name = "t", api = 1, version = "1", check = function() return "ok" end, on_notification = function()
	return { text = "hello\r\nBcc: everybody@example.org\r\n\r\n.\r\n\0From root", to = { "supervisor" } }
end }
