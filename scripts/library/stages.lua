--- stages: what the yearly tables of jobs have in common: each stage of a job by itself, and its bottom line.
-- A shipped library (evenhand-policy(5), LIBRARIES); ofccp_2sd and ugesp_annual judge what it counts
-- and tests, four_fifths counts with it.
-- Pooled two-sample z; Fisher's exact test in its place where there are fewer than 30 in all, or where an expected cell
-- is below 5.

local format = string.format
local percent, p_text = evenhand.percent, evenhand.p_text

local TWO_SD_P = 0.0455002638963584 -- two-sided p of 2.0 standard deviations
local SD, MIN_N, MIN_EXPECTED = 2.0 - 1e-12, 30, 5 -- 20 of 50 against 30 of 50 is exactly 2.0, but for rounding

local staged -- several stages, asked once

-- What the tests say of one table of persons: Fisher's where all are fewer than 30 or an expected cell is below 5.
local function measure(selected, n, ref_selected, ref_n)
	local all, advanced = n + ref_n, selected + ref_selected
	local small = all < MIN_N
	-- expected cells below 5, in integers: n * advanced / all < 5
	for _, side in ipairs({ n, ref_n }) do
		small = small or side * advanced < MIN_EXPECTED * all or side * (all - advanced) < MIN_EXPECTED * all
	end
	if small then
		local p, why = evenhand.test("fisher", selected, n, ref_selected, ref_n)
		local beyond = p ~= nil and p <= TWO_SD_P
		return { p = p, why = why, beyond = beyond, text = "Fisher's exact test, p " .. p_text(p) }
	end
	local p, why, z = evenhand.test("z", selected, n, ref_selected, ref_n)
	return {
		p = p, why = why, beyond = z ~= nil and (z >= SD or z <= -SD),
		text = z ~= nil and format("%.2f standard deviations (pooled z, p %s)", z, p_text(p)) or nil,
	}
end

-- Do the decisions fall in several stages?  Sample facts have none to count.
local function has_stages()
	if staged == nil then
		local counted, rows = pcall(evenhand.counts, { by = { "stage" } })
		staged = counted and #rows > 1
	end
	return staged
end

-- Of a finding: the same where decisions are persons; else the test that keeps a person's decisions together.  Stages
-- are tested one by one: whoever came to a later one passed the earlier, so that their sum follows no test.
local function measure_facts(f)
	if has_stages() then
		return { why = "decisions of several stages are tested stage by stage, and as a bottom line" }
	end
	if f.persons == f.n and f.ref_persons == f.ref_n and f.n > 0 and f.ref_n > 0 then
		return measure(f.selected, f.n, f.ref_selected, f.ref_n)
	end
	return {
		p = f.p, why = f.why.p, beyond = f.p ~= nil and f.p <= TWO_SD_P,
		text = format("%s, p %s", f.p_method, p_text(f.p)),
	}
end

local function side_text(selected, n, name)
	return format("%d of %d %s (%s)", selected, n, name, percent(selected / n))
end

-- The decisions on one attribute by job and stage: { position, stage, persons, once, groups = rows of counts }.
-- once: every person was decided on once in it, so that decisions are persons.
local function cells_of(attribute)
	local cells, at = {}, nil
	for _, row in ipairs(evenhand.counts({ by = { "position", "stage" }, class = attribute })) do
		if at == nil or at.position ~= row.position or at.stage ~= row.stage then
			at = { position = row.position, stage = row.stage, persons = 0, once = true, groups = {} }
			cells[#cells + 1] = at
		end
		if row.group ~= nil then
			at.persons = at.persons + row.persons
			at.once = at.once and row.persons == row.n
			at.groups[#at.groups + 1] = row
		end
	end
	return cells
end

local function several(cells, key)
	for _, cell in ipairs(cells) do
		if cell[key] ~= cells[1][key] then
			return true
		end
	end
	return false
end

-- Of the groups that are 2 % or more of the cell: the one with the highest rate.
local function highest(cell)
	local compared, counts = {}, {}
	for _, g in ipairs(cell.groups) do
		if 50 * g.persons >= cell.persons then
			compared[#compared + 1] = g
			counts[#counts + 1] = { group = g.group, selected = g.selected, n = g.n }
		end
	end
	local _, place = evenhand.rates(counts)
	return compared, compared[place]
end

-- Those who entered one job, and how many of them its last stage advanced: the total process, in persons.  The last
-- stage is the one with the fewest persons; nil where there is no single one, or somebody was decided on twice in a
-- stage: then decisions do not say who came through.
local function bottom_line(attribute, position, cells)
	local last, single, advanced = nil, false, {}
	for _, cell in ipairs(cells) do
		if cell.position == position then
			if not cell.once then
				return nil
			end
			if last == nil or cell.persons < last.persons then
				last, single = cell, last ~= nil
			elseif cell.persons == last.persons then
				single = false
			else
				single = true
			end
		end
	end
	if not single then
		return nil
	end
	for _, g in ipairs(last.groups) do
		advanced[g.group] = g.selected
	end
	local line = { position = position, persons = 0, once = true, groups = {}, last = last.stage }
	for _, row in ipairs(evenhand.counts({ class = attribute, where = { position = position } })) do
		if row.group ~= nil then
			line.persons = line.persons + row.persons
			line.groups[#line.groups + 1] = { group = row.group, n = row.persons, persons = row.persons,
				selected = advanced[row.group] or 0 }
		end
	end
	return line
end

local function place_text(cell)
	local of = cell.position == "" and "" or " of " .. cell.position
	if cell.last ~= nil then
		return format("Bottom line%s, in persons: advanced by the last stage %s of all who entered", of,
			cell.last)
	end
	return format("Stage %s%s", cell.stage == "" and "without a name" or cell.stage, of)
end

-- Every comparison in one cell, with its measure.  The numbers of a bottom line are persons, not the decisions that
-- evenhand counts beside it: they stand in the reason only.
local function compare(attribute, cell, jobs, out)
	local compared, best = highest(cell)
	for _, g in ipairs(compared) do
		if g ~= best and #out < 10000 then
			out[#out + 1] = {
				attribute = attribute, position = jobs and cell.position or nil, stage = cell.stage,
				selected = g.selected, n = g.n, ref_selected = best.selected, ref_n = best.n,
				group = g.group, reference = best.group, where = place_text(cell),
					counted = cell.last == nil,
				persons = g.persons, all = cell.persons,
				m = cell.once and measure(g.selected, g.n, best.selected, best.n)
					or { why = "persons were decided on more than once there" },
			}
		end
	end
end

local function comparisons(attribute, out)
	if not has_stages() then
		return
	end
	local cells, done = cells_of(attribute), {}
	local jobs = several(cells, "position")
	for _, cell in ipairs(cells) do
		compare(attribute, cell, jobs, out)
	end
	for _, cell in ipairs(cells) do
		local line = not done[cell.position] and bottom_line(attribute, cell.position, cells)
		done[cell.position] = true
		if line then
			compare(attribute, line, jobs, out)
		end
	end
end

--- Own findings for compute(): every comparison of the attributes that are keys of seen, by judge(c, m, q, size), which
-- gives verdict, rule and reason; c has selected, n, ref_selected, ref_n, group, reference, where; m is of measure();
-- q is corrected by Holm in its family of size tests.
local function findings(seen, judge)
	local list, ps, own = {}, {}, {}
	for attribute in pairs(seen) do
		comparisons(attribute, list)
	end
	staged = nil
	for i, c in ipairs(list) do
		ps[i] = c.m.p or false
	end
	local qs, size = evenhand.family(ps, "holm")
	for i, c in ipairs(list) do
		local verdict, rule, reason = judge(c, c.m, qs[i], size)
		own[i] = {
			attribute = c.attribute, group = c.group, reference = c.reference, position = c.position,
			stage = c.stage, verdict = verdict, rule = rule, reason = reason,
			n = c.counted and c.n or nil, selected = c.counted and c.selected or nil,
			ref_n = c.counted and c.ref_n or nil, ref_selected = c.counted and c.ref_selected or nil,
		}
	end
	return own
end

--- The same of a finding that check() has: verdict, rule, reason of all its decisions, by the same judge.
local function judge_facts(f, judge)
	local verdict, rule, reason = judge({
		selected = f.selected, n = f.n, ref_selected = f.ref_selected, ref_n = f.ref_n, group = f.group,
		reference = f.reference, where = f.position == "" and "All decisions"
			or "All decisions of " .. f.position,
	}, measure_facts(f), f.q, f.family.size)
	reason = format("%s %s", reason, evenhand.provenance_text(f))
	local unknown = f.provenance.unknown
	if unknown > 0 then
		reason = format("%s %s of no known class.", reason, evenhand.count(unknown, "person"))
	end
	return { verdict = verdict, rule = rule, reason = reason }
end

return {
	cells_of = cells_of, findings = findings, highest = highest, judge_facts = judge_facts, several = several,
	side_text = side_text,
}
