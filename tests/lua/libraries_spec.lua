-- The shipped libraries and the table of their names (scripts/meta/evenhand.lua is made from it) say the same.

_G.evenhand = dofile("scripts/evenhand.lua")

-- { stages = { findings = true, ... }, ... } as the stub has them
local function described()
	local out, at = {}, nil
	for line in io.lines("scripts/meta/evenhand.lua") do
		local class = line:match("^%-%-%-@class (.+)$")
		if class ~= nil then
			local name = class:match("^evenhand%.library%.([a-z0-9_]+)$")
			at = name ~= nil and {} or nil
			out[name or ""] = at
		elseif at ~= nil then
			local field = line:match("^%-%-%-@field (%S+)")
			if field ~= nil then
				at[field] = true
			end
		end
	end
	return out
end

describe("the shipped libraries", function()
	local names = described()

	it("are the files of scripts/library", function()
		local files, listed = {}, {}
		local list = io.popen("ls scripts/library")
		for file in list:lines() do
			files[#files + 1] = file:match("^(.*)%.lua$")
		end
		list:close()
		for name in pairs(names) do
			listed[#listed + 1] = name
		end
		table.sort(listed)
		table.sort(files)
		assert.same(files, listed)
	end)

	it("have what the table says of them and nothing else", function()
		for name, fields in pairs(names) do
			local has = {}
			for key in pairs(dofile("scripts/library/" .. name .. ".lua")) do
				has[key] = true
			end
			assert.same(fields, has, name)
		end
	end)
end)
