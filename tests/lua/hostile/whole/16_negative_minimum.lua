-- WANT: refused: min_group must be between 1 and
return { name = "t", api = 1, version = "1", min_group = math.mininteger, check = function() return "ok" end }
