-- WANT: policy_error: the reason must be a string, not a number; nothing is turned into text silently
return { name = "t", api = 1, version = "1", check = function() return { verdict = "ok", reason = 0 / 0 } end }
