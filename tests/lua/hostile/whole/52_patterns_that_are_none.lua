-- WANT: ok:; malformed patterns, deep captures, replacement tables of every kind
return { name = "t", api = 1, version = "1", check = function()
	for _, p in ipairs { "[", "[^", "[]", "[a-", "%", "(", ")", "()", "%1", "(%1)", "%b", "%bx", "%f", "%f[", "^*", ("("):rep(40),
		("()"):rep(40), "[%", "[%a-z", "\0[\0-\255]", "%g(", ("a-"):rep(300), ("(.-)"):rep(32) } do
		pcall(string.find, "aaa\0bbb", p)
		pcall(string.gsub, "aaa\0bbb", p, "%1%2%9")
		pcall(string.gsub, "aaa\0bbb", p, {})
		pcall(string.gsub, "aaa\0bbb", p, setmetatable({}, { __index = function() return {} end }))
		pcall(function() for _ in ("aaa"):gmatch(p) do end end)
	end
	assert(not pcall(string.find, ("x"):rep(300000), (".-"):rep(250000) .. "y"))
	return "ok"
end }
