--- Helper library for policy authors: the global `evenhand` inside the sandbox.
-- Plain Lua without side effects, so that a spec can load it outside the program as well:
-- `_G.evenhand = dofile("scripts/evenhand.lua")`. Described in evenhand-policy(5).

local evenhand = { api = 1 }

-- The sandbox hands over the rawget that also reads protected tables.
local plain_rawget = ... or rawget
local plain_next, plain_pairs = next, pairs
local type = type
local format = string.format
local rank = { number = 1, string = 2, boolean = 3 }
local RUN = 8 -- below this length insertion is cheaper than merging

-- Numbers first, then strings by bytes, then booleans; other keys have no order that could be repeated.
local function before(a, b)
	local ra, rb = rank[type(a)], rank[type(b)]
	if ra ~= rb then
		return ra < rb
	end
	if ra == 3 then
		return not a and b
	end
	return a < b
end

local function less_than(a, b)
	return a < b
end

local function insertion(list, lo, hi, less)
	for i = lo + 1, hi do
		local value, j = list[i], i - 1
		while j >= lo and less(value, list[j]) do
			list[j + 1] = list[j]
			j = j - 1
		end
		list[j + 1] = value
	end
end

-- from[lo..mid] and from[mid + 1..hi] into to; of equals the left one first.
local function merge(from, to, lo, mid, hi, less)
	local i, j = lo, mid + 1
	for k = lo, hi do
		if j > hi or (i <= mid and not less(from[j], from[i])) then
			to[k], i = from[i], i + 1
		else
			to[k], j = from[j], j + 1
		end
	end
end

-- A sorted copy of list[1..n].
local function sorted(list, n, less)
	local from, to, width = {}, {}, RUN
	for i = 1, n do
		from[i] = list[i]
	end
	for lo = 1, n, RUN do
		insertion(from, lo, math.min(lo + RUN - 1, n), less)
	end
	while width < n do
		for lo = 1, n, 2 * width do
			merge(from, to, lo, math.min(lo + width - 1, n), math.min(lo + 2 * width - 1, n), less)
		end
		from, to, width = to, from, 2 * width
	end
	return from
end

--- Sorts a list in place; equal elements keep their order. Inside the sandbox `table.sort` is this function: Lua's own
-- moves equals about and, in long lists, asks the clock where to divide. An error in less leaves the list as it was.
function evenhand.sort(list, less)
	if type(list) ~= "table" then
		error("bad argument #1 to 'sort' (table expected, got " .. type(list) .. ")", 2)
	end
	if less ~= nil and type(less) ~= "function" then
		error("bad argument #2 to 'sort' (function expected, got " .. type(less) .. ")", 2)
	end
	local n = #list
	if n > 1 and less ~= nil and less(list[1], list[1]) then
		error("invalid order function for sorting: it says that an element comes before itself", 2)
	end
	for i, value in ipairs(sorted(list, n, less or less_than)) do
		list[i] = value
	end
end

-- For the functions that policies call: level 3 is their caller.
local function check_key(key)
	if rank[type(key)] == nil then
		error("a " .. type(key)
			.. " as a key has no order that repeats; use numbers, strings or booleans as keys", 4)
	end
end

local function sorted_keys(t)
	local keys, n = {}, 0
	for key in plain_next, t do
		check_key(key)
		n = n + 1
		keys[n] = key
	end
	return sorted(keys, n, before)
end

local function smallest_key(t)
	local best
	for key in plain_next, t do
		check_key(key)
		if best == nil or before(key, best) then
			best = key
		end
	end
	return best
end

-- How many of the sorted keys are not after key.
local function place_of(keys, key)
	local lo, hi = 0, #keys
	while lo < hi do
		local mid = (lo + hi + 1) // 2
		if before(key, keys[mid]) then
			hi = mid - 1
		else
			lo = mid
		end
	end
	return lo
end

-- The walk that next_sorted is on: the keys are sorted once, not once per step.
local walk = {}

--- Like next, in the order of pairs_sorted: the entry with the smallest key after this one, which may be gone by now.
-- Inside the sandbox `next` is this function.
function evenhand.next_sorted(t, key)
	if type(t) ~= "table" then
		error("bad argument #1 to 'next' (table expected, got " .. type(t) .. ")", 2)
	end
	if key == nil then
		walk = {}
		local first = smallest_key(t)
		if first == nil then
			return nil
		end
		return first, plain_rawget(t, first)
	end
	if rank[type(key)] == nil then
		error("invalid key to 'next'", 2)
	end
	if walk.table ~= t or walk.keys[walk.at] ~= key then
		local keys = sorted_keys(t)
		walk = { table = t, keys = keys, at = place_of(keys, key) }
	end
	while walk.at < #walk.keys do
		walk.at = walk.at + 1
		local found = walk.keys[walk.at]
		local value = plain_rawget(t, found)
		if value ~= nil then
			return found, value
		end
	end
	walk = {}
	return nil
end

--- The pairs of a table in a fixed order. Inside the sandbox `pairs` is this function.
-- Entries may be removed or changed on the way; one added on the way is not visited.
-- Facts, and tables with `__pairs`, bring their own order.
function evenhand.pairs_sorted(t)
	local kind, meta = type(t), getmetatable(t)
	if kind ~= "table" and kind ~= "userdata" then
		error("pairs wants a table, not a " .. kind, 2)
	end
	if kind == "userdata" or (type(meta) == "table" and meta.__pairs ~= nil) then
		return plain_pairs(t)
	end
	local keys, i = sorted_keys(t), 0
	return function()
		while i < #keys do
			i = i + 1
			local value = plain_rawget(t, keys[i])
			if value ~= nil then
				return keys[i], value
			end
		end
	end
end

-- What the text functions are given: a wrong argument is named with the function and the mend. Level 3 is the caller.
local function refuse(name, text)
	error("evenhand." .. name .. ": " .. text, 4)
end

local function kind_of(value)
	return value == nil and "nil" or "a " .. type(value)
end

-- Neither NaN nor infinite: the difference to itself is 0. The functions that are called for every finding look at that
-- themselves, and come here for the words.
local function check_number(name, what, value)
	if type(value) ~= "number" then
		refuse(name, what .. " is " .. kind_of(value) .. ": give a number, or nil where there is none")
	elseif value - value ~= 0 then
		refuse(name, what .. " is " .. (value ~= value and "not a number (NaN)" or "infinite")
			.. ": test what it is divided by first")
	end
end

local function check_fields(name, what, value, wanted)
	local kind = type(value)
	if kind ~= "table" and kind ~= "userdata" then
		refuse(name, what .. " is " .. kind_of(value) .. ": give " .. wanted)
	end
end

-- facts.limit, {num = 4, den = 5} or {4, 5}, as the functions in C take it.
local function limit_parts(name, limit)
	if type(limit) == "userdata" then
		return limit.num, limit.den
	end
	check_fields(name, "limit", limit, "facts.limit or two integers, such as {4, 5}")
	local num, den
	if plain_rawget(limit, 1) ~= nil then
		num, den = plain_rawget(limit, 1), plain_rawget(limit, 2)
	else
		num, den = limit.num, limit.den
	end
	if math.type(num) ~= "integer" or math.type(den) ~= "integer" or num < 1 or den < 1 then
		refuse(name, "limit is no fraction: give facts.limit or two integers above 0, such as {4, 5}")
	end
	return num, den
end

--- A ratio as text: three decimals, and as many more as it takes not to look like the limit.
-- `limit` is facts.limit, {4, 5} or nil. What is as near to it as a number can be counts as the limit.
function evenhand.ratio_text(ratio, limit)
	if ratio == nil then
		return "undefined"
	end
	if type(ratio) ~= "number" or ratio - ratio ~= 0 then
		check_number("ratio_text", "ratio", ratio)
	end
	local text = format("%.3f", ratio)
	if limit ~= nil then
		local num, den = limit_parts("ratio_text", limit)
		local bound, digits = num / den, 3
		local apart = ratio > bound and ratio - bound or bound - ratio
		local near = apart < 0.001 and apart > 1e-15 * bound
		while near and tonumber(text) == bound and digits < 24 do
			digits = digits + 1
			text = format("%." .. digits .. "f", ratio)
		end
	end
	return text
end

--- "4/5"
function evenhand.limit_text(limit)
	return format("%d/%d", limit_parts("limit_text", limit))
end

--- A share as text: 0.253 is "25.3 %".
function evenhand.percent(share)
	if share == nil then
		return "undefined"
	end
	if type(share) ~= "number" or share - share ~= 0 then
		check_number("percent", "share", share)
	end
	return format("%.1f %%", share * 100)
end

--- A probability as text: "0.031", "0.0004", "below 0.0001", "undefined".
function evenhand.p_text(p)
	if p == nil then
		return "undefined"
	end
	if type(p) ~= "number" or not (p >= 0 and p <= 1) then
		check_number("p_text", "p", p)
		error("evenhand.p_text: p is " .. format("%g", p) .. ": a probability is 0 to 1", 2)
	elseif p < 0.0001 then
		return "below 0.0001"
	elseif p < 0.01 then
		return format("%.4f", p)
	end
	return format("%.3f", p)
end

--- An interval as text: "0.210 to 0.650"; an end that is not there is "no upper end" or "no lower end".
function evenhand.interval_text(interval)
	check_fields("interval_text", "interval", interval, "a table with low and high, and test for nil before")
	local low, high = interval.low, interval.high
	if low ~= nil then
		check_number("interval_text", "low", low)
	end
	if high ~= nil then
		check_number("interval_text", "high", high)
	end
	return (low ~= nil and format("%.3f", low) or "no lower end") .. " to "
		.. (high ~= nil and format("%.3f", high) or "no upper end")
end

--- A number with its noun: count(1, "person") is "1 person", count(3, "person") "3 persons".
function evenhand.count(n, noun)
	if type(n) ~= "number" or n % 1 ~= 0 then
		error("evenhand.count: n is " .. (type(n) == "number" and format("%g", n) or kind_of(n))
			.. ": give a whole number", 2)
	elseif type(noun) ~= "string" then
		error("evenhand.count: noun is " .. kind_of(noun) .. ": give a word, such as \"person\"", 2)
	end
	return format("%d %s%s", n, noun, n == 1 and "" or "s")
end

--- "a", "a and b", "a, b and c"
function evenhand.list(items)
	if type(items) ~= "table" then
		error("evenhand.list: items is " .. kind_of(items) .. ": give a list of texts", 2)
	end
	local n = #items
	for i = 1, n do
		local item = items[i]
		if type(item) ~= "string" and type(item) ~= "number" then
			error("evenhand.list: place " .. i .. " is " .. kind_of(item) .. ": give a list of texts", 2)
		end
	end
	if n <= 1 then
		return items[1] or ""
	end
	return table.concat(items, ", ", 1, n - 1) .. " and " .. items[n]
end

--- What the group is compared with, in words.
function evenhand.reference_text(facts)
	if type(facts) ~= "userdata" then
		check_fields("reference_text", "its argument", facts, "the facts of a finding")
	end
	local reference = facts.reference
	return reference == "rest" and "the rest" or reference
end

--- Where the known classes of a finding's scope come from, in words: "Classes of persons: 120 declared, 30 imported
-- from another record."  least: a number of persons below it, 0 aside, is not printed.
function evenhand.provenance_text(facts, least)
	local from = facts.provenance
	local function number(n)
		return n > 0 and least ~= nil and n < least and format("fewer than %d", least) or format("%d", n)
	end
	return format("Classes of persons: %s declared, %s imported from another record.", number(from.declared),
		number(from.imported))
end

--- Who decided, in words: the evaluator's id, or all of them.
function evenhand.subject_text(facts)
	if type(facts) ~= "userdata" then
		check_fields("subject_text", "its argument", facts, "the facts of a finding")
	end
	local who = facts.pooled and "All evaluators together" or facts.evaluator
	local position = facts.position
	if position ~= "" then
		who = who .. " (position " .. position .. ")"
	end
	return who
end

return evenhand
