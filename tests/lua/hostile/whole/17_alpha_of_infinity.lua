-- WANT: refused: alpha must be a number between 0 and 1
return { name = "t", api = 1, version = "1", alpha = math.huge, check = function() return "ok" end }
