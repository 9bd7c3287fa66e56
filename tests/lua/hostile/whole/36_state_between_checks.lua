-- WANT: watch: 1 1; each run begins anew: nothing of load, gate or the run before is left
local runs, seen = 0, setmetatable({}, { __index = function() return 0 end })
return { name = "t", api = 1, version = "1",
	gate = function() runs = runs + 100 return true end,
	check = function(f)
		seen[f.group] = seen[f.group] + 1
		runs = runs + (f.builtin == "notify" and f.evaluator ~= "" and 1 or 0)
		return { verdict = "watch", reason = runs .. " " .. seen[f.group] }
	end }
