-- What the prompt of `evenhand policy repl` shows and completes. Runs in the same locked worker as a policy
-- (lua/repl.c, which hands over `host`).

local host = ...

local WIDTH, NAME, DEEPEST, LONGEST = 78, 24, 4, 200 -- NAME: room for the key of a table in a table

local is_name = "^[%a_][%w_]*$"

local function key_text(key, show)
	return type(key) == "string" and key:find(is_name) and key or "[" .. show(key) .. "]"
end

local show

-- The members of a table, of facts or of a library, as texts: first those of a list, then the others with their keys;
-- and the names of those that are nil here, as facts without a value are.
local function members(value, depth, seen)
	local parts, without, n = {}, {}, 0
	for _, key in ipairs(host.keys(value)) do
		if #parts >= LONGEST then
			parts[#parts + 1] = "..."
			break
		end
		local ok, inner = pcall(function() return value[key] end)
		local text = ok and show(inner, depth + 1, seen) or "(error)"
		if ok and inner == nil then
			without[#without + 1] = tostring(key)
		elseif key == n + 1 then
			n = key
			parts[#parts + 1] = text
		else
			parts[#parts + 1] = key_text(key, show) .. " = " .. text
		end
	end
	return parts, without
end

-- Texts beside each other, in lines that are no wider than the screen.
local function wrap(parts, separator, indent)
	local lines, line = {}, ""
	for i, part in ipairs(parts) do
		local text = part .. (i < #parts and separator or "")
		if line ~= "" and #indent + #line + 1 + #text > WIDTH then
			lines[#lines + 1], line = indent .. line, ""
		end
		line = line == "" and text or line .. " " .. text
	end
	lines[#lines + 1] = line ~= "" and indent .. line or nil
	return table.concat(lines, "\n")
end

-- One line where it fits, else several; keys are sorted.  A large table inside another one is named by its size: who
-- wants to see it asks for it.
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
	local parts, without = members(value, depth, seen)
	seen[value] = nil
	local line = "{ " .. table.concat(parts, ", ") .. " }"
	if #without > 0 and depth == 0 then
		return "{\n" .. wrap(parts, ",", "  ") .. "\n}\nnil: " .. wrap(without, ",", "     "):sub(6)
	elseif #parts == 0 then
		return #without > 0 and string.format("{ %d without a value }", #without) or "{}"
	elseif #line <= WIDTH - depth * NAME and not line:find("\n", 1, true) then
		return line
	elseif depth > 0 then
		return string.format("{ %d members }", #parts + #without)
	end
	return "{\n" .. wrap(parts, ",", "  ") .. "\n}"
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
