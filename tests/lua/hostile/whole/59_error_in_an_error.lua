-- WANT: policy_error: own.lua; an error about an error about an error
return { name = "t", api = 1, version = "1", check = function()
	local x <close> = setmetatable({}, { __close = function(_, e)
		error(setmetatable({ e }, { __tostring = function() error("again") end }))
	end })
	error({})
end }
