-- WANT: hook: must be a role word && ok:; an address is never a policy's to know
return { name = "t", api = 1, version = "1", check = function() return "ok" end, on_notification = function()
	return { text = "hello", to = { "ana.lima@example.org\r\nBcc: x" } }
end }
