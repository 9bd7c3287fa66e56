-- WANT: hook: at most 8 role words && ok:
return { name = "t", api = 1, version = "1", check = function() return "ok" end, on_notification = function()
	local to = {}
	for i = 1, 5000 do
		to[i] = "supervisor"
	end
	return { text = "hello", to = to }
end }
