-- WANT: watch: xää; the end of what fits is never the middle of a letter
return { name = "t", api = 1, version = "1", check = function()
	return { verdict = "watch", reason = "x" .. ("ä"):rep(100000), rule = ("\u{1F600}"):rep(1000) }
end }
