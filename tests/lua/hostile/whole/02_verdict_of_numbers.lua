-- WANT: policy_error: the verdict must be a string, not a number; NaN, infinity and the like are no verdicts
local odd = { 0 / 0, 1 / 0, -1 / 0, -0.0 }
local at = 0
return { name = "t", api = 1, version = "1", check = function()
	at = at % #odd + 1
	return { verdict = odd[at], reason = "x" }
end }
