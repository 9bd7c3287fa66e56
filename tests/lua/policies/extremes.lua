-- Counts from 0 to 2^40 in every combination: each function answers with finite numbers or with a reason.

local sizes = {0, 1, 2, 3, 10, 1000, 1 << 20, (1 << 40) - 1, 1 << 40}

local function finite(x, what)
	if type(x) == "table" then
		for _, field in pairs(x) do
			finite(field, what)
		end
	elseif type(x) == "number" and not (x == x and x > -math.huge and x < math.huge) then
		error(what .. " gave " .. tostring(x), 0)
	end
end

-- Work that is refused for its size is an answer too.
local function call(name, ...)
	local got = table.pack(pcall(evenhand[name], ...))
	local what = name .. " " .. table.concat({...}, " ", 1, math.min(select("#", ...), 4))
	if not got[1] then
		assert(got[2]:find("more work than a whole run may do", 1, true), what .. ": " .. got[2])
		return
	end
	assert(got[2] ~= nil or type(got[3]) == "string" and got[3] ~= "", what .. ": nil without a reason")
	finite(got[2], what)
	finite(got[4], what)
end

local function parts(n)
	return {0, 1, n // 3, n - 1, n}
end

return {
	name = "extremes", api = 1, version = "1",
	check = function(facts)
		local step = facts.selected -- which of the sizes: one of them per run, for the budget's sake
		for i, n in ipairs(sizes) do
			for k, m in ipairs(sizes) do
				if (i * #sizes + k) % 10 == step % 10 then
					for _, a in ipairs(parts(n)) do
						for _, b in ipairs(parts(m)) do
							if a >= 0 and a <= n and b >= 0 and b <= m then
								call("impact_ratio", a, n, b, m)
								call("below", a, n, b, m, {4, 5})
								call("interval", a, n, b, m)
								call("interval", a, n, b, m, "koopman")
								call("interval", a, n, b, m, "katz")
								call("interval", a, n, b, m, "adjusted_log")
								call("effects", a, n, b, m)
								call("posterior", a, n, b, m, {4, 5})
								call("test", "z", a, n, b, m)
								call("test", "chi2", a, n, b, m)
								call("test", "g", a, n, b, m)
								if n + m < 3000 then
									call("test", "fisher", a, n, b, m)
									call("test", "mid_p", a, n, b, m)
								end
								finite(evenhand.strata({{a, n, b, m}, {b, m, a, n}}), "strata")
								finite(evenhand.power {n = n, ref_n = m, ref_rate = b / math.max(m, 1)}, "power")
							end
						end
					end
				end
			end
			for _, a in ipairs(parts(n)) do
				if a >= 0 and a <= n and i % 10 == step % 10 then
					call("rate", a, n)
					call("rate_interval", a, n)
					call("rate_interval", a, n, "clopper_pearson")
					call("rate_interval", a, n, "jeffreys")
				end
			end
		end
		return "ok"
	end,
}
