-- WANT: watch: 1; a verdict is read once: what it would say the second time is nobody's
local reads = 0
local mt = { __index = function(_, key)
	reads = reads + 1
	return key == "verdict" and (reads > 1 and "ok" or "notify") or nil
end }
return { name = "t", api = 1, version = "1", check = function()
	return setmetatable({ verdict = "watch", reason = tostring(reads + 1) }, mt)
end }
