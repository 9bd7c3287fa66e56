-- The published and computed cases of the audit statistics, through the functions that policies call.
-- The test (test_primitives.c) puts the cases in front: local CASES = {...}
-- luacheck: globals CASES

local function same(got, why, want, tolerance)
	if want == "inf" then
		return got == nil and why == "unbounded"
	end
	local reason = want:match("^undefined:(.*)$")
	if reason ~= nil then
		return got == nil and why == reason
	end
	local value = tonumber(want)
	return got ~= nil and value ~= nil and math.abs(got - value) <= math.max(math.abs(value) * tolerance, 1e-300)
end

local where, checked = "", 0

local function expect(column, want, got, why, tolerance)
	if want == "not_listed" then
		return
	end
	checked = checked + 1
	if not same(got, why, want, tolerance or 1e-9) then
		error(("%s %s: %s (%s), expected %s"):format(where, column, tostring(got), tostring(why), want), 0)
	end
end

local function expect_flag(column, want, got, why)
	if got == true then
		got = 1
	elseif got == false then
		got = 0
	end
	expect(column, want, got, why)
end

-- nil, reason or a table of the two ends
local function expect_interval(column, row, interval, why)
	local low, high = row[column .. "_lo"], row[column .. "_hi"]
	if interval == nil then
		expect(column .. "_lo", low, nil, why)
		expect(column .. "_hi", high, nil, why)
	else
		expect(column .. "_lo", low, interval.low, interval.why.low)
		expect(column .. "_hi", high, interval.high, interval.why.high)
	end
end

local function two_by_two(c)
	local a, n1, b, n2 = c.a, c.n1, c.b, c.n2
	local function test(column, name, statistic_column)
		if c[column] == "not_listed" then
			return
		end
		local p, why, statistic = evenhand.test(name, a, n1, b, n2)
		expect(column, c[column], p, why)
		if statistic_column ~= nil then
			expect(statistic_column, c[statistic_column], statistic, why)
		end
	end
	expect("rate_focal", c.rate_focal, evenhand.rate(a, n1))
	expect("impact_ratio", c.impact_ratio, evenhand.impact_ratio(a, n1, b, n2))
	expect_flag("below_four_fifths", c.below_four_fifths, evenhand.below(a, n1, b, n2, {4, 5}))
	expect_flag("below_four_fifths", c.below_four_fifths, evenhand.below(a, n1, b, n2, {num = 4, den = 5}))
	test("p_z_two_sided", "z", "z_pooled")
	test("p_chi2_yates", "chi2", "chi2_yates")
	test("p_g", "g", "g_statistic")
	test("p_fisher_two_sided", "fisher")
	test("p_fisher_less", "fisher_less")
	test("p_fisher_greater", "fisher_greater")
	test("p_midp_two_sided_a", "mid_p")
	expect_interval("katz", c, evenhand.interval(a, n1, b, n2, "katz"))
	expect_interval("koopman", c, evenhand.interval(a, n1, b, n2, "koopman"))
	expect_interval("mn", c, evenhand.interval(a, n1, b, n2, "miettinen_nurminen"))
	expect_interval("mn", c, evenhand.interval(a, n1, b, n2))
	expect_interval("log_adjusted", c, evenhand.interval(a, n1, b, n2, "adjusted_log"))
	expect_interval("wilson_focal", c, evenhand.rate_interval(a, n1))
	expect_interval("clopper_pearson_focal", c, evenhand.rate_interval(a, n1, "clopper_pearson"))
	expect_interval("jeffreys_focal", c, evenhand.rate_interval(a, n1, "jeffreys"))
	-- the file's own integrals leave 2e-15, which is 4e-9 of the smallest of them
	local posterior, none = evenhand.posterior(a, n1, b, n2, {4, 5})
	local tolerance = posterior ~= nil and posterior > 0 and posterior < 1e-4 and 1e-13 / posterior or nil
	expect("post_p", c["post_p_ir_below_0.8"], posterior, none, tolerance)
	local e = evenhand.effects(a, n1, b, n2)
	for column, name in pairs {
		odds_ratio = "odds_ratio", cohen_h = "cohen_h", phi = "phi", shortfall_ref = "shortfall",
		shortfall_pooled = "shortfall_pooled",
	} do
		expect(column, c[column], e[name], e.why[name])
	end
	expect_flag("flip_swap", c.flip_swap, e.flips, e.why.flips)
end

local function stratified(c)
	local s = evenhand.strata(c.tables, {4, 5})
	for column, name in pairs {
		rr_mh = "ratio", cmh = "cmh", cmh_p = "p_cmh", or_mh = "odds_ratio", breslow_day = "breslow_day",
		breslow_day_p = "p_breslow_day", tarone_p = "p_tarone",
	} do
		expect(column, c[column], s[name], s.why[name])
	end
	expect_interval("rr_mh", c, s.interval, s.why.interval)
	expect_interval("or_mh", c, s.odds_interval, s.why.odds_interval)
	expect("pooled_ratio", c.pooled_ratio, evenhand.impact_ratio(c.all[1], c.all[2], c.all[3], c.all[4]))
	assert(s.below == (s.ratio < 0.8), where)
end

local function families(c)
	for method, want in pairs(c.q) do
		local q, size = evenhand.family(c.p, method)
		local tests = 0
		for i = 1, #want do
			expect(method .. " " .. i, want[i], q[i], q[i] == nil and want[i]:match("^undefined:(.*)$") or nil)
			tests = tests + (c.p[i] and 1 or 0)
		end
		assert(size == tests, where)
	end
end

local function against_others(c)
	for i, own in ipairs(c.evaluators) do
		local query = {strata = own.strata, others = {}, limit = {4, 5}}
		for k, other in ipairs(c.evaluators) do
			if k ~= i then
				query.others[#query.others + 1] = {strata = other.strata}
			end
		end
		local r = evenhand.benchmark(query)
		expect("rr_mh", own.rr_mh, r.ratio)
		-- leave-one-out, from the file's ratios and variances
		local weight, sum = 0, 0
		for k, other in ipairs(c.evaluators) do
			if k ~= i then
				weight = weight + 1 / tonumber(other.rr_mh_var_ln)
				sum = sum + math.log(tonumber(other.rr_mh)) / tonumber(other.rr_mh_var_ln)
			end
		end
		local apart = math.log(tonumber(own.rr_mh)) - sum / weight
		local se = math.sqrt(tonumber(own.rr_mh_var_ln) + 1 / weight)
		expect("peers_ratio", tostring(math.exp(apart)), r.peers_ratio)
		expect("z", tostring(apart / se), r.z)
		expect("low", tostring(math.exp(apart - 1.959963984540054 * se)), r.interval.low)
		expect("high", tostring(math.exp(apart + 1.959963984540054 * se)), r.interval.high)
		local within = {n = 0, selected = 0}
		for k, other in ipairs(c.evaluators) do
			if k ~= i and tonumber(other.rr_mh) > 0.8 then
				for _, stratum in ipairs(other.strata) do
					within.n, within.selected = within.n + stratum.n, within.selected + stratum.selected
				end
			end
		end
		assert(r.n == within.n and r.selected == within.selected, own.name)
	end
end

local function unconditional(c)
	expect("barnard", c.barnard, evenhand.test("barnard", c.a, c.n1, c.b, c.n2), nil, 1e-6)
	expect("boschloo", c.boschloo, evenhand.test("boschloo", c.a, c.n1, c.b, c.n2), nil, 1e-6)
end

local function frechet(c)
	local bounds = evenhand.unseen {cells = c.cells}
	expect("frechet_ratio_lo", c.lo, bounds.low)
	expect("frechet_ratio_hi", c.hi, bounds.high)
end

local kinds = {
	two_by_two = two_by_two, stratified = stratified, families = families, against_others = against_others,
	unconditional = unconditional, frechet = frechet,
}

return {
	name = "cases", api = 1, version = "1",
	check = function()
		for _, c in ipairs(CASES) do
			where = c.where
			kinds[c.kind](c)
		end
		return {verdict = "ok", reason = checked .. " values"}
	end,
}
