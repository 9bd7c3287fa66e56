-- WANT: ok:; lists that answer by metatable, name somebody twice or the evaluator himself give errors or the same numbers
return { name = "t", api = 1, version = "1", check = function()
	local function ask(second)
		local well, x = pcall(evenhand.paired, { evaluator = "E1", class = "sex", group = "female", second = second })
		return well and x ~= nil and tostring(x.n) or "refused"
	end
	local liar = setmetatable({}, { __index = function() return "E2" end, __len = function() return 1 << 40 end })
	assert(ask({ "E2" }) == ask({ "E2", "E2", "E2" }))
	assert(ask(liar) == ask({}))
	assert(ask({ "E2\0" }) == "refused" and ask({ {} }) == "refused" and ask({ "nobody" }) == "refused")
	ask({ "E1" })
	local many = {}
	for i = 1, 5000 do
		many[i] = "E2"
	end
	ask(many)
	return "ok"
end }
