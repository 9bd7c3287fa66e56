-- What the prompt of `evenhand policy repl` shows and completes. Runs in the same locked worker as a policy
-- (lua/repl.c, which hands over `host`).

local host = ...

local WIDTH, DEEPEST, LONGEST = 100, 4, 200

local is_name = "^[%a_][%w_]*$"

local function key_text(key, show)
	return type(key) == "string" and key:find(is_name) and key or "[" .. show(key) .. "]"
end

local show

-- The members of a table, of facts or of a library, as texts: first those of a list, then the others with their keys.
local function members(value, depth, seen)
	local parts, n = {}, 0
	for _, key in ipairs(host.keys(value)) do
		if #parts >= LONGEST then
			parts[#parts + 1] = "..."
			break
		end
		local ok, inner = pcall(function() return value[key] end)
		local text = ok and show(inner, depth + 1, seen) or "(error)"
		if key == n + 1 then
			n = key
			parts[#parts + 1] = text
		else
			parts[#parts + 1] = key_text(key, show) .. " = " .. text
		end
	end
	return parts
end

-- One line where it fits, else a line for each member; keys are sorted.
function show(value, depth, seen)
	depth, seen = depth or 0, seen or {}
	local kind = type(value)
	if kind == "string" then
		return (string.format("%q", value):gsub("\\\n", "\\n"))
	elseif kind ~= "table" and kind ~= "userdata" then
		return tostring(value)
	elseif seen[value] then
		return "(above)"
	elseif depth >= DEEPEST then
		return "{...}"
	end
	seen[value] = true
	local parts = members(value, depth, seen)
	seen[value] = nil
	local line = "{ " .. table.concat(parts, ", ") .. " }"
	if #parts == 0 then
		return "{}"
	elseif #line + 2 * depth <= WIDTH and not line:find("\n", 1, true) then
		return line
	end
	local indent = string.rep("  ", depth)
	return "{\n" .. indent .. "  " .. table.concat(parts, ",\n" .. indent .. "  ") .. "\n" .. indent .. "}"
end

-- Names that go on from the end of a line: "x = f.ra" gives f.rate and others.
local function complete(line, env)
	local path, last = line:match("([%w_%.]-)([%w_]*)$")
	local at, names = env, {}
	for name in path:gmatch("[%w_]+") do
		local ok, inner = pcall(function() return at[name] end)
		if not ok or (type(inner) ~= "table" and type(inner) ~= "userdata") then
			return names
		end
		at = inner
	end
	for _, key in ipairs(host.keys(at)) do
		if type(key) == "string" and key:sub(1, #last) == last and key:find(is_name) then
			names[#names + 1] = path .. key
		end
	end
	return names
end

return show, complete
