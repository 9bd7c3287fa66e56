-- WANT: trouble: at most 10000 findings|not enough memory && ok:; the verdicts of check stand
return { name = "t", api = 1, version = "1", check = function() return "ok" end, compute = function()
	local one, list = { subject = "s", verdict = "ok" }, {}
	for i = 1, 1000000 do
		list[i] = one
	end
	return list
end }
