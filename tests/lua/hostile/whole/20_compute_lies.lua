-- WANT: denied: it says selected = 100, the counts say && ok:; numbers of one's own are counted again
return { name = "t", api = 1, version = "1", check = function() return "ok" end, compute = function()
	return { { attribute = "sex", group = "female", reference = "rest", verdict = "ok", n = 1000, selected = 100,
		ref_n = 1000, ref_selected = 100 } }
end }
