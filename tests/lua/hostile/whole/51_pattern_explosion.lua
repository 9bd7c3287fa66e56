-- WANT: policy_error: refused: the worker; one call that no hook can end is ended by the clock
return { name = "t", api = 1, version = "1", check = function()
	return (("a"):rep(60):find(("a?"):rep(30) .. ("a*"):rep(30) .. "b"))
end }
