-- WANT: ok:|not enough memory; each size of block filled to the cap and thrown away: the worker stays within its cap
return { name = "t", api = 1, version = "1", check = function(f)
	if f.evaluator == "" or f.builtin ~= "notify" then
		return "ok"
	end
	for size = 80, 480, 80 do
		local list, text = {}, ("x"):rep(size)
		pcall(function()
			for i = 1, 1 << 20 do
				list[i] = text .. i
			end
		end)
	end
	return "ok"
end }
