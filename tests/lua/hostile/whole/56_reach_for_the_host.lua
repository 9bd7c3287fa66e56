-- WANT: ok:; no way from what is there to io, os, debug, load, the registry, or another policy's string library
return { name = "t", api = 1, version = "1", check = function(f)
	local seen, found = {}, {}
	local bad = { load = 1, loadfile = 1, dofile = 1, io = 1, os = 1, debug = 1, package = 1, require = 1, coroutine = 1,
		collectgarbage = 1, dump = 1, random = 1, print = 1 }
	local function walk(v, depth)
		if depth > 6 or seen[v] then return end
		if type(v) ~= "table" and type(v) ~= "userdata" then return end
		seen[v] = true
		local ok, iterate, state, first = pcall(pairs, v)
		if not ok then return end
		for k, x in iterate, state, first do
			if bad[k] then found[#found + 1] = k end
			walk(x, depth + 1)
			local mt = getmetatable(x)
			assert(type(mt) ~= "table" or mt == nil, "an open metatable")
		end
	end
	for _, root in ipairs { _G, string, table, math, utf8, evenhand, f, evenhand.project } do
		walk(root, 0)
		for name in pairs(bad) do
			local ok, v = pcall(function() return root[name] end)
			assert(not ok or v == nil, name)
		end
	end
	assert(#found == 0, table.concat(found, " "))
	assert(not pcall(function() string.rep = nil end) and not pcall(rawset, string, "rep", 1))
	assert(not pcall(function() getmetatable("").__index = {} end) and not pcall(setmetatable, "", {}))
	return "ok"
end }
