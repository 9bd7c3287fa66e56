-- WANT: read-only; a policy cannot put its own function in the place of the program's
evenhand.impact_ratio = function()
	return 1
end
return "ok"
