--- Helper library for policy authors: the global `evenhand` inside the sandbox.
-- Plain Lua without side effects, so that a spec can load it outside the program as well:
-- `_G.evenhand = dofile("scripts/evenhand.lua")`. Described in evenhand-policy(5).

local evenhand = { api = 1 }

local plain_pairs = pairs
local rank = { number = 1, string = 2, boolean = 3 }

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

local function sorted_keys(t)
	local keys = {}
	for key in next, t do
		if rank[type(key)] == nil then
			error("pairs: a " .. type(key) .. " as a key has no order; use numbers, strings or booleans", 3)
		end
		keys[#keys + 1] = key
	end
	table.sort(keys, before)
	return keys
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
			local value = rawget(t, keys[i])
			if value ~= nil then
				return keys[i], value
			end
		end
	end
end

--- A ratio as text: three decimals, and as many more as it takes not to look like the limit.
-- `limit` is a table with num and den (facts.limit), or nil.
function evenhand.ratio_text(ratio, limit)
	if ratio == nil then
		return "undefined"
	end
	local text = string.format("%.3f", ratio)
	if limit ~= nil then
		local bound = limit.num / limit.den
		local digits = 3
		while ratio ~= bound and tonumber(text) == bound and digits < 9 do
			digits = digits + 1
			text = string.format("%." .. digits .. "f", ratio)
		end
	end
	return text
end

--- "4/5"
function evenhand.limit_text(limit)
	return string.format("%d/%d", limit.num, limit.den)
end

--- A share as text: 0.253 is "25.3 %".
function evenhand.percent(share)
	if share == nil then
		return "undefined"
	end
	return string.format("%.1f %%", share * 100)
end

--- A probability as text: "0.031", "0.0004", "below 0.0001", "undefined".
function evenhand.p_text(p)
	if p == nil then
		return "undefined"
	elseif p < 0.0001 then
		return "below 0.0001"
	elseif p < 0.01 then
		return string.format("%.4f", p)
	end
	return string.format("%.3f", p)
end

--- An interval as text: "0.210 to 0.650"; an end that is not there is "no upper end" or "no lower end".
function evenhand.interval_text(interval)
	local low = interval.low ~= nil and string.format("%.3f", interval.low) or "no lower end"
	local high = interval.high ~= nil and string.format("%.3f", interval.high) or "no upper end"
	return low .. " to " .. high
end

--- A number with its noun: count(1, "person") is "1 person", count(3, "person") "3 persons".
function evenhand.count(n, noun)
	return string.format("%d %s%s", n, noun, n == 1 and "" or "s")
end

--- "a", "a and b", "a, b and c"
function evenhand.list(items)
	local n = #items
	if n <= 1 then
		return items[1] or ""
	end
	return table.concat(items, ", ", 1, n - 1) .. " and " .. items[n]
end

--- What the group is compared with, in words.
function evenhand.reference_text(facts)
	if facts.reference == "rest" then
		return "the rest"
	end
	return facts.reference
end

--- Who decided, in words: the evaluator's id, or all of them.
function evenhand.subject_text(facts)
	local who = facts.pooled and "All evaluators together" or facts.evaluator
	if facts.position ~= "" then
		who = who .. " (position " .. facts.position .. ")"
	end
	return who
end

return evenhand
