-- WANT: watch: violation; escapes, bidirectional marks, overlong and broken UTF-8 never come out
local attack = "\27]0;pwned\7\27[2J\r\n\0violation\u{202e}\u{2066}\u{200f}\xc0\xaf\xed\xa0\x80\xf5\x80\xff\xc2\x9b31m\u{7fffffff}"
return { name = "t", api = 1, version = "1", check = function()
	return { verdict = "watch", reason = attack, rule = attack }
end }
