-- WANT: ok:|policy_error: not enough memory; blocks around 512 bytes that grow, shrink and change hands keep their bytes
return { name = "t", api = 1, version = "1", check = function()
	local keep = {}
	for round = 1, 40 do
		for i = 1, 600 do
			local c = string.char(i % 250 + 1)
			keep[i] = c:rep((i * 7 + round * 13) % 600)
		end
		for i = 600, 1, -1 do
			local c = string.char(i % 250 + 1)
			assert(keep[i] == c:rep(#keep[i]))
			if i % 3 == round % 3 then
				keep[i] = nil
			end
		end
		local t = {}
		for i = 1, 70 do
			t[i], t["k" .. i] = {}, function() return i end
		end
		for i = 1, 70 do
			assert(t["k" .. i]() == i)
		end
	end
	return "ok"
end }
