-- The modelled outcome: evenhand policy test evaluator_deviation tests/lua/shipped/evaluator_deviation_spec.lua
-- Paired counts: shared case "main" of paired decisions (both 40, first 3, second 12, neither 25: exact p 0.03515625).

-- In the reference both sides differ by chance only.
local EVEN = { n = 80, both = 40, first_only = 8, second_only = 8, neither = 24, split = 0, p = 1 }

-- McNemar's mid-p as the program gives it, from a row of Pascal's triangle: P(X <= low) + P(X < low).
local function mid_p(counts)
	local n, row = counts.first_only + counts.second_only, { 1.0 }
	if n == 0 then
		return nil
	end
	for _ = 1, n do
		local next_row = { 1.0 }
		for k = 2, #row do
			next_row[k] = row[k - 1] + row[k]
		end
		next_row[#row + 1] = 1.0
		row = next_row
	end
	local sum, low = 0, math.min(counts.first_only, counts.second_only)
	for k = 0, low do
		sum = sum + (k < low and 2 or 1) * row[k + 1]
	end
	return math.min(1, sum / 2 ^ n)
end

-- The paired counts of a finding: in the group, and in its reference.
local function with_pairs(counts, others)
	others = others or EVEN
	return {
		pairs = counts.n, first = counts.first_only, second = counts.second_only, split = 0,
		ref_pairs = others.n, ref_first = others.first_only, ref_second = others.second_only, ref_split = 0,
		p = mid_p(counts),
	}
end

local MAIN = { n = 80, both = 40, first_only = 3, second_only = 12, neither = 25, split = 0, p = 0.03515625 }
local CLEAR = { n = 80, both = 40, first_only = 0, second_only = 20, neither = 20, split = 0, p = 2 / 2 ^ 20 }

local function finding(evaluator, change)
	local f = {
		evaluator = evaluator, attribute = "sex", group = "female", position = "", pooled = false,
		is_reference = false, reference = "male", persons = 40, ref_persons = 40, basis = "known", ratio = 0.5,
		ratio_below = true, q = 0.001, em = { guard = "" },
		benchmark = { evaluators = 3, impact_ratio = 0.95, same = "candidates" },
		limit = { num = 4, den = 5 }, min_group = 10, alpha = 0.05, why = {},
	}
	for key, value in pairs(change or {}) do
		f[key] = value
	end
	return f
end

local function judged(paired, list)
	for _, f in ipairs(list) do
		f.paired = f.paired or paired
		local v = policy.check(f)
		f.verdict, f.rule, f.reason = v.verdict, v.rule, v.reason
	end
	for place, v in pairs(policy.summarise(list)) do
		list[place].verdict, list[place].rule, list[place].reason, list[place].scope = v.verdict, v.rule,
			v.reason, v.scope
	end
	return list
end

local FAIR = { ratio = 0.95, ratio_below = false }

describe("a deviation", function()
	it("is a potential violation of this evaluator when all tests bear it", function()
		local list = judged(with_pairs(MAIN, { n = 60, first_only = 12, second_only = 3, p = 0.03515625 }),
			{ finding("E1") })
		assert.equal("notify", list[1].verdict)
		assert.equal("individual", list[1].scope)
		assert.matches("E1 on female: ratio 0%.500, second set of 3 evaluators 0%.950", list[1].reason)
		assert.matches("of 80 persons whom both judged the second set alone advanced 12, the evaluator alone 3; "
			.. "of 60 of male 3 and 12", list[1].reason)
		assert.matches("exact paired p 0%.035, corrected by Holm for 1 comparison 0%.035", list[1].reason)
		assert.matches("corrected p of the ratio 0%.0010", list[1].reason)
		assert.matches("difference to male 0%.0028, corrected for 1 comparison 0%.0028", list[1].reason)
		-- hypergeometric masses of 12 of 15 against 3 of 15, summed by hand: 0.0028143
	end)

	it("is remarked where more were compared: Holm for all of them", function()
		local list = judged(with_pairs(MAIN, { n = 60, first_only = 12, second_only = 3, p = 0.03515625 }),
			{ finding("E1"), finding("E2", FAIR) })
		assert.equal("watch", list[1].verdict)
		assert.matches("the paired test does not bear it", list[1].reason)
		assert.matches("corrected by Holm for 2 comparisons 0%.070", list[1].reason)
		assert.equal("ok", list[2].verdict)
	end)

	it("is remarked where the evaluator is as harsh to the reference", function()
		local f = judged(with_pairs(CLEAR, CLEAR), { finding("E1") })[1]
		assert.equal("watch", f.verdict)
		assert.matches("harsh to all, as far as can be seen", f.reason)
		-- harsher to the reference, and no less surely so
		local harsher = { n = 80, first_only = 0, second_only = 40, p = 2 / 2 ^ 40 }
		local less = { n = 80, first_only = 10, second_only = 30, p = 0.0022 }
		assert.equal("deviation, severity not excluded", judged(with_pairs(less, harsher),
			{ finding("E1") })[1].rule)
	end)

	it("corrects the difference by Holm for all compared", function()
		local others = { n = 60, first_only = 4, second_only = 14, p = 0.0309 } -- difference: 0.041455
		assert.equal("notify", judged(with_pairs(CLEAR, others), { finding("E1") })[1].verdict)
		assert.equal("deviation, severity not excluded", judged(with_pairs(CLEAR, others),
			{ finding("E1"), finding("E2", FAIR) })[1].rule)
	end)

	it("counts two groups of an evaluator as one difference, three as three", function()
		local others = { n = 60, first_only = 4, second_only = 14, p = 0.0309 }
		local turned = { group = "male", reference = "rest", ratio = 2, ratio_below = false }
		local list = { finding("E1", { reference = "rest" }), finding("E1", turned) }
		assert.equal("notify", judged(with_pairs(CLEAR, others), list)[1].verdict)
		assert.matches("corrected by Holm for 2 comparisons .* corrected for 1 comparison 0%.04", list[1].reason)
		turned.group = "other"
		list = { finding("E1"), finding("E1", turned), finding("E1", { group = "male", ratio_below = false }) }
		assert.equal("deviation, severity not excluded", judged(with_pairs(CLEAR, others), list)[1].rule)
		assert.matches("corrected for 3 comparisons 0%.12", list[1].reason)
	end)

	it("is remarked where they nowhere disagreed on the reference", function()
		local f = judged(with_pairs(CLEAR, { n = 80, first_only = 0, second_only = 0, p = 1 }),
			{ finding("E1") })[1]
		assert.equal("deviation, severity not excluded", f.rule)
	end)

	it("is remarked where the ratio itself is not borne by its test", function()
		for _, q in ipairs({ 0.05, false }) do
			local f = finding("E1")
			f.q = q or nil
			f = judged(with_pairs(CLEAR), { f })[1]
			assert.equal("watch", f.verdict)
			assert.matches("the test of the ratio does not bear it", f.reason)
		end
		assert.equal("notify", judged(with_pairs(CLEAR), { finding("E1", { q = 0.049 }) })[1].verdict)
	end)

	it("of a group from the rest is held against the rest as a whole", function()
		local list = judged(with_pairs(CLEAR, { n = 12, first_only = 6, second_only = 2, p = 0.289 }), {
			finding("E1", { reference = "rest" }),
			finding("E2", { group = "male", ratio = 0.9, ratio_below = false }),
			finding("E2", { group = "other", ratio = 0.9, ratio_below = false }),
		})
		assert.equal("notify", list[1].verdict)
		assert.matches("of 12 of the rest 2 and 6", list[1].reason)
	end)

	it("has the exact p of any counts, from the mid-p", function()
		local function text(first, second, n)
			local f = judged(with_pairs({ n = n or 2000, first_only = first, second_only = second }),
				{ finding("E1") })[1]
			return f.reason:match("exact paired p (%S+),")
		end
		assert.equal("1.000", text(0, 0))
		assert.equal("1.000", text(5, 5))
		assert.equal("1.000", text(5, 6))
		assert.equal("0.267", text(4, 9)) -- 2 (1 + 13 + 78 + 286 + 715) / 2^13
		assert.equal("0.116", text(480, 531)) -- a mass that underflows when taken straight
	end)

	it("is remarked where no candidate is shared", function()
		for _, same in ipairs({ "strata", "positions" }) do
			local list = judged(with_pairs({ n = 0, first_only = 0, second_only = 0 }),
				{ finding("E1", { benchmark = { evaluators = 3, impact_ratio = 0.95, same = same } }) })
			assert.equal("watch", list[1].verdict)
			assert.matches("cannot be paired", list[1].reason)
		end
	end)

	it("the other way round is none", function()
		local turned = { n = 80, both = 40, first_only = 12, second_only = 3, neither = 25, p = 0.03515625 }
		assert.equal("watch", judged(with_pairs(turned), { finding("E1") })[1].verdict)
	end)
end)

describe("ten pairs", function()
	it("are enough", function()
		local ten = { n = 10, both = 0, first_only = 0, second_only = 9, neither = 1, p = 0.00390625 }
		local others = { n = 10, both = 0, first_only = 8, second_only = 2, neither = 0, p = 0.109375 }
		assert.equal("notify", judged(with_pairs(ten, others), { finding("E1") })[1].verdict)
		others.n = 9
		assert.equal("too_few", judged(with_pairs(ten, others), { finding("E1") })[1].verdict)
	end)

	it("and nine are not", function()
		local nine = { n = 9, both = 0, first_only = 0, second_only = 9, neither = 0, p = 0.00390625 }
		local f = judged(with_pairs(nine), { finding("E1") })[1]
		assert.equal("too_few", f.verdict)
		assert.matches("at least 10 pairs of each", f.reason)
	end)
end)

describe("the limit", function()
	it("at exactly 4/5 is not below", function()
		assert.equal("ok", policy.check(finding("E1", { ratio = 0.8, ratio_below = false })).verdict)
	end)

	it("holds for the second set too: at 4/5 it is not below, under it the process is addressed", function()
		assert.equal("deviation, test to come",
			policy.check(finding("E1", { benchmark = { evaluators = 3, impact_ratio = 0.8 } })).rule)
		local v = policy.check(finding("E1", { benchmark = { evaluators = 3, impact_ratio = 0.799 } }))
		assert.equal("watch", v.verdict)
		assert.matches("it concerns the process", v.reason)
	end)
end)

describe("nothing is said", function()
	it("below 10 persons of a group", function()
		assert.equal("too_few", policy.check(finding("E1", { persons = 9 })).verdict)
		assert.equal("too_few", policy.check(finding("E1", { ref_persons = 9 })).verdict)
	end)

	it("without a second set, of all together, or of few known ones behind a guard", function()
		assert.equal("no second set", policy.check(finding("E1", { benchmark = { evaluators = 0 } })).rule)
		assert.equal("cannot_conclude", policy.check(finding("", { pooled = true })).verdict)
		assert.equal("guard of predicted classes", policy.check(finding("E1",
			{ basis = "known", persons = 3, em = { guard = "weak" } })).rule)
		assert.not_equal("cannot_conclude",
			policy.check(finding("E1", { basis = "known", em = { guard = "weak" } })).verdict)
	end)
end)

describe("in the program", function()
	it("pairs nobody where no candidate is shared", function()
		facts.evaluator("E1"):group("female", 40, 10):group("male", 40, 30)
		facts.evaluator("E2"):group("female", 40, 30):group("male", 40, 30)
		assert.not_equal("notify", run().E1.female.verdict)
		local p = evenhand.paired({ evaluator = "E1", class = "sex", group = "female" })
		assert.equal(0, p.n)
		assert.equal(1, p.p)
	end)

	it("refuses to pair what is not there", function()
		facts.evaluator("E1"):group("female", 40, 10):group("male", 40, 30)
		run()
		assert.error_matches(function()
			evenhand.paired({ evaluator = "E9", class = "sex", group = "female" })
		end, "no evaluator \"E9\"")
		assert.error_matches(function()
			evenhand.paired({ evaluator = "E1", class = "sex", group = "none" })
		end, "sex has no group \"none\"")
		assert.error_matches(function()
			evenhand.paired({ evaluator = "E1", class = "sex", group = "female", colour = 1 })
		end, "colour")
	end)
end)
