-- WANT: policy_error: refused: instruction budget|the worker
return { name = "t", api = 1, version = "1", check = function()
	::again::
	goto again
end }
