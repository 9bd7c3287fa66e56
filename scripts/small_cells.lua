--- small_cells: which cells are too small to leave the tool (engineering limit, facts/law.md 6).
-- A cell of fewer than k persons is marked too_few and its reason names no number: k = 5, or 10 where a candidate of
-- the project is outside the United States, or where nothing is known of the places.  Where
-- one single cell of a table falls out, the total would give it away: the next smallest is marked with it.

local format = string.format

local K_US, K_EU = 5, 10

local least -- k in force, found once

local function k_of(list)
	if list == nil then
		return K_EU
	end
	for _, place in ipairs(list) do
		if place.candidates > 0 and place.code:sub(1, 3) ~= "US-" and place.code ~= "US" then
			return K_EU
		end
	end
	return K_US
end

local function k()
	if least == nil then
		least = k_of(evenhand.project ~= nil and evenhand.project.jurisdictions or nil)
	end
	return least
end

local function small(group, more)
	return {
		verdict = "too_few",
		rule = "small cell",
		reason = format("%s: fewer than %d persons or beside such a cell; its numbers must not leave the "
			.. "tool%s.", group, k(), more or ""),
	}
end

local function check(f)
	if f.persons < k() then
		return small(f.group)
	end
	return {
		verdict = "ok",
		rule = "not a small cell",
		reason = format("%s: at least %d persons; nothing is said about rates.", f.group, k()),
	}
end

-- Cells that add up to one total: a scope and an attribute.
local function tables_of(findings)
	local tables, order = {}, {}
	for place, f in ipairs(findings) do
		local key = f.evaluator .. "\n" .. f.position .. "\n" .. f.attribute
		if tables[key] == nil then
			tables[key] = { small = 0 }
			order[#order + 1] = tables[key]
		end
		local t = tables[key]
		if f.verdict == "too_few" then
			t.small = t.small + 1
		elseif f.verdict == "ok" and (t.next == nil or f.persons < findings[t.next].persons) then
			t.next = place
		end
	end
	return order
end

local function summarise(findings)
	local changes = {}
	for _, t in ipairs(tables_of(findings)) do
		if t.small == 1 and t.next ~= nil then
			changes[t.next] = small(findings[t.next].group, ": the total would give the other one away")
		end
	end
	return changes
end

return {
	name = "small_cells",
	api = 1,
	version = "1.0",
	author = "Evenhand",
	limit = { 4, 5 },
	min_group = K_US,
	min_total = 1,
	min_share = 0,
	family = "none",
	classes = "known",
	needs = { "persons" },
	check = check,
	summarise = summarise,
}
