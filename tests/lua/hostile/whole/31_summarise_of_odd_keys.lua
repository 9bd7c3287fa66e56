-- WANT: policy_error: keys are places in its list
return { name = "t", api = 1, version = "1", check = function() return "ok" end,
	summarise = function() return { [0] = "ok", [-1] = "ok", [1 << 62] = "ok", [1.5] = "ok", x = "ok" } end }
