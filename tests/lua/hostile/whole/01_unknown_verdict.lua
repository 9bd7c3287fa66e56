-- WANT: policy_error: unknown verdict "fine"; a word that is no verdict never counts as "no violation"
return { name = "t", api = 1, version = "1", check = function() return { verdict = "fine", reason = "all is well" } end }
