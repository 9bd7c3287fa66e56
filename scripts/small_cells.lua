--- small_cells: which cells are too small to leave the tool (engineering limit, facts/law.md 6).
-- A cell of fewer than k persons is marked too_few and its reason names no number: k = 5, or 10 where a candidate of
-- the project is outside the United States, or where nothing is known of the places.
--
-- Printed cells and totals must not give a marked one away by subtraction.  A reader knows the total of every row of
-- an attribute (an evaluator, a position, or all together), and that all together is the sum of the evaluators, and the
-- sum of the positions, group by group.  Every cell stands in two of these sums, with opposite signs when they are
-- written out: sums are vertices, marked cells are edges between them, and a marked cell can be computed exactly when
-- its edge is a bridge.  So that further cells are marked until every marked one lies on a circle: in a row its next
-- smallest, elsewhere those of the fewest persons that close one.
--
-- Pairs of classes ("sex x race") add up to both attributes: a row with one marked cell, of its pairs or of either
-- attribute, is marked in all pairs, and no evaluator or position alone, so that in a row four pairs, and two rows, can
-- change with all sums as they are.  This concerns sums; that no count is below 0 may still narrow a cell down.

local format = string.format

local K_US, K_EU = 5, 10

local BESIDE = ": sums with others would give a small one away"
local BARE = "; its sums give it away all the same: leave the whole table out"

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

-- ---- one attribute as a graph: vertices are sums, edges are cells ----

local function vertex(t, names, name)
	local v = names[name]
	if v == nil then
		v = t.n + 1
		t.n, names[name], t.at[v] = v, v, {}
	end
	return v
end

local function edge(t, cell, from, to)
	local i = #t.cells + 1
	t.cells[i], t.from[i], t.to[i] = cell, from, to
	table.insert(t.at[from], i)
	table.insert(t.at[to], i)
end

-- The ends of the cells of all together: the sum of the evaluators and that of the positions; where one is not reported
-- the row's own total stands for it.
local function close_table(t)
	for _, cell in ipairs(t.alone) do
		local one, other = t.sums.evaluator[cell.group], t.sums.position[cell.group]
		if one == nil or other == nil then
			one, other = vertex(t, t.rows, "all"), one or other or vertex(t, t.sums, "none")
		end
		edge(t, cell, one, other)
	end
end

local function new_table()
	return {
		n = 0, at = {}, cells = {}, from = {}, to = {}, alone = {}, rows = {},
		sums = { evaluator = {}, position = {} },
	}
end

local function row_of(f)
	return f.evaluator ~= "" and "evaluator " .. f.evaluator or f.position ~= "" and "position " .. f.position
		or "all"
end

-- A copy of what is needed: facts are dearer to read.
local function tables_of(findings)
	local tables, order = {}, {}
	for place, f in ipairs(findings) do
		local name = f.attribute
		local t = tables[name]
		if t == nil then
			t = new_table()
			tables[name], order[#order + 1] = t, name
		end
		local cell = { place = place, group = f.group, row = row_of(f), persons = f.persons,
			hidden = f.verdict == "too_few" }
		if cell.row == "all" then
			table.insert(t.alone, cell)
		else
			local side = f.evaluator ~= "" and t.sums.evaluator or t.sums.position
			edge(t, cell, vertex(t, t.rows, cell.row), vertex(t, side, cell.group))
		end
	end
	for _, name in ipairs(order) do
		close_table(tables[name])
	end
	return tables, order
end

-- In a row with a single marked cell the next smallest is marked too: what follows has fewer circles to look for.
local function hide_in_rows(t)
	for _, v in pairs(t.rows) do
		local hidden, next_cell = 0, nil
		for _, i in ipairs(t.at[v]) do
			local cell = t.cells[i]
			if cell.hidden then
				hidden = hidden + 1
			elseif next_cell == nil or cell.persons < next_cell.persons then
				next_cell = cell
			end
		end
		if hidden == 1 and next_cell ~= nil then
			next_cell.hidden = true
		end
	end
end

-- The first marked cell that lies on no circle and is not known to have none; nil where there is none left.
local function find_bridge(t)
	local seen, count, found = {}, 0, nil
	local function visit(v, via)
		count = count + 1
		local own, low = count, count
		seen[v] = own
		for _, i in ipairs(t.at[v]) do
			local cell = t.cells[i]
			if cell.hidden and i ~= via then
				local w = t.from[i] == v and t.to[i] or t.from[i]
				local back = seen[w]
				local reach = back or visit(w, i)
				if reach < low then
					low = reach
				end
				if back == nil and reach > own and not cell.bare then
					found = i
				end
			end
		end
		return low
	end
	for v = 1, t.n do
		if found == nil and seen[v] == nil then
			visit(v, nil)
		end
	end
	return found
end

-- Marks the cells of the fewest persons that close a circle with cell i: the shortest way between its ends, on which
-- marked cells cost nothing.  False where there is no way.
local function close_circle(t, i)
	local from, to, cells = t.from, t.to, t.cells
	local cost, through, changed = { [from[i]] = 0 }, {}, true
	local function reach(v, edge_at, price)
		if price < (cost[v] or math.huge) then
			cost[v], through[v], changed = price, edge_at, true
		end
	end
	while changed do
		changed = false
		for at, cell in ipairs(cells) do
			if at ~= i then
				local price = cell.hidden and 0 or cell.persons + 1
				local a, b = from[at], to[at]
				local at_a, at_b = cost[a], cost[b]
				if at_a ~= nil and (at_b == nil or at_a + price < at_b) then
					reach(b, at, at_a + price)
				elseif at_b ~= nil and (at_a == nil or at_b + price < at_a) then
					reach(a, at, at_b + price)
				end
			end
		end
	end
	local v = to[i]
	if cost[v] == nil then
		return false
	end
	while v ~= from[i] do
		local at = through[v]
		cells[at].hidden = true
		v = from[at] == v and to[at] or from[at]
	end
	return true
end

local function hide_beside(t)
	hide_in_rows(t)
	local i = find_bridge(t)
	while i ~= nil do
		t.cells[i].bare = not close_circle(t, i)
		i = find_bridge(t)
	end
end

-- ---- pairs of classes ----

local function hidden_rows(rows, t)
	for _, cell in ipairs(t ~= nil and t.cells or {}) do
		if cell.hidden then
			rows[cell.row] = true
		end
	end
end

-- Rows of pairs by kind, each with its persons.
local function rows_of(t)
	local rows, order = {}, {}
	for _, cell in ipairs(t.cells) do
		local row = rows[cell.row]
		if row == nil then
			row = { name = cell.row, kind = cell.row:match("^%a+"), persons = 0 }
			rows[cell.row], order[#order + 1] = row, row
		end
		row.persons = row.persons + cell.persons
	end
	return order
end

-- Of one kind alone the sum would give the only one away: the smallest other row of that kind goes with it, or all
-- together where there is none.
local function take_another(marked, rows, kind)
	local n, best = 0, nil
	for _, row in ipairs(rows) do
		if row.kind == kind then
			if marked[row.name] then
				n = n + 1
			elseif best == nil or row.persons < best.persons then
				best = row
			end
		end
	end
	if n == 1 then
		marked[best ~= nil and best.name or "all"] = true
	end
	return n
end

local function hide_pairs(t, one, other)
	local marked, rows = {}, rows_of(t)
	for _, part in ipairs({ t, one or false, other or false }) do
		hidden_rows(marked, part or nil)
	end
	take_another(marked, rows, "evaluator")
	take_another(marked, rows, "position")
	if marked.all then
		-- all together is one row of each sum: another of each must be free to change with it
		for _, kind in ipairs({ "evaluator", "position" }) do
			local first
			for _, row in ipairs(rows) do
				if row.kind == kind and (first == nil or marked[row.name] and not marked[first.name]
					or marked[row.name] == marked[first.name] and row.persons < first.persons) then
					first = row
				end
			end
			if first ~= nil then
				marked[first.name] = true
			end
		end
	end
	for _, cell in ipairs(t.cells) do
		cell.hidden = cell.hidden or marked[cell.row] == true
	end
end

local function summarise(findings)
	local tables, order = tables_of(findings)
	local changes, pairs_at = {}, {}
	for _, name in ipairs(order) do
		local one, other = name:match("^(.-) x (.+)$")
		if one ~= nil and (tables[one] ~= nil or tables[other] ~= nil) then
			pairs_at[#pairs_at + 1] = { tables[name], tables[one], tables[other] }
		else
			hide_beside(tables[name])
		end
	end
	for _, p in ipairs(pairs_at) do
		hide_pairs(p[1], p[2], p[3])
	end
	for _, name in ipairs(order) do
		for _, cell in ipairs(tables[name].cells) do
			local f = findings[cell.place]
			if cell.bare then
				changes[cell.place] = small(cell.group, BARE)
			elseif cell.hidden and f.verdict ~= "too_few" then
				changes[cell.place] = small(cell.group, BESIDE)
			end
		end
	end
	return changes
end

return {
	name = "small_cells",
	api = 1,
	version = "1.1",
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
