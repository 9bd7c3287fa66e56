-- WANT: policy_error: refused: instruction budget|the worker; an endless compute() is the whole run's end
return { name = "t", api = 1, version = "1", check = function() return "ok" end, compute = function()
	while true do
		pcall(error)
	end
end }
