-- WANT: own: 10000; as many parts as may be, none of which is there: the recount must not look at everything each time
return { name = "t", api = 1, version = "1", check = function() return "ok" end, compute = function()
	local own, names = {}, { "rest", "highest", "male", "female", "majority" }
	for i = 1, 10000 do
		own[i] = { attribute = "sex", group = "female", reference = names[i % 5 + 1], position = "p" .. i,
			verdict = "watch", reason = "x" }
	end
	return own
end }
