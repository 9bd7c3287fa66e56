-- WANT: own: 10000; ten thousand findings, as many different parts as there are, with the slow test
return { name = "t", api = 1, version = "1", needs = { "p_boschloo" }, check = function() return "ok" end, compute = function()
	local list = {}
	for i = 0, 9999 do
		list[i + 1] = { attribute = "sex", group = i % 2 == 0 and "female" or "male",
			reference = i % 3 == 0 and "rest" or "highest", evaluator = "E" .. i // 6 % 20, verdict = "watch",
			stage = i // 120 % 2 == 0 and "S1" or "S2" }
	end
	return list
end }
