-- The default policy, branch by branch, with plain tables (DESIGN.md 7).

_G.evenhand = dofile("scripts/evenhand.lua")
local policy = dofile("scripts/evaluator_screen.lua")

-- 10 of 40 against 30 of 40: ratio 1/3, well supported.
local function facts(change)
	local f = {
		evaluator = "E3", attribute = "sex", group = "female", position = "", pooled = false,
		is_reference = false,
		reference = "rest", n = 40, selected = 10, ref_n = 40, ref_selected = 30, persons = 20,
		ref_persons = 20,
		rate = 0.25, ref_rate = 0.75, below_two_percent = false, basis = "known", ratio = 1 / 3,
		ratio_below = true, strata = 1,
		q = 0.0002, family = { method = "bh", size = 24 }, shortfall = 10, flips = false, detectable = 0.45,
		em = { robust = false, guard = "", interval = {} }, peers = { ratio = 0.35, q = 0.001 },
		provenance = { declared = 40, imported = 0, predicted = 0, unknown = 0 },
		limit = { num = 4, den = 5 }, min_group = 10, min_total = 30, min_share = 0.02, alpha = 0.05, why = {},
	}
	for key, value in pairs(change or {}) do
		f[key] = value
	end
	return f
end

local function without(key, change)
	local f = facts(change)
	f[key] = nil
	return f
end

local function expect(verdict, words, f)
	local v = policy.check(f)
	assert.equal(verdict, v.verdict, v.reason)
	assert.is_truthy(v.reason:find(words, 1, true), "no \"" .. words .. "\" in: " .. v.reason)
	assert.is_true(#v.reason <= 639)
	assert.is_nil(v.reason:lower():find("unlawful", 1, true))
	return v
end

describe("its settings", function()
	it("are those of the design", function()
		assert.same({ "evaluator_screen", 1, "1.1", "rest", 10, 30, 0.05, "bh" }, { policy.name, policy.api,
			policy.version,
			policy.reference, policy.min_group, policy.min_total, policy.alpha, policy.family })
		assert.same({ 4, 5 }, policy.limit)
		assert.is_nil(policy.attributes)
	end)
end)

describe("what one ratio hides", function()
	it("is said when the plain ratio falls on the other side of the limit", function()
		local f = facts({ ratio = 1.058, mh_ratio = 1.058, impact_ratio = 0.682, below_limit = true,
			ratio_below = false })
		expect("ok", "The plain ratio 0.682 is below the limit: who was judged where", f)
	end)

	it("is said when the strata differ by the test that holds, and not when nothing says so", function()
		expect("notify", "The strata differ (Breslow-Day p 0.0021)",
			facts({ p_homogeneity = 0.0021, homogeneity_test = "breslow_day" }))
		expect("notify", "The strata differ (Liang-Self p 0.0021)",
			facts({ p_homogeneity = 0.0021, homogeneity_test = "liang_self" }))
		local v = expect("notify", "Potential", facts({ p_breslow_day = 0.0001, p_homogeneity = 0.4,
			homogeneity_test = "liang_self", mh_ratio = 1 / 3, below_limit = true, strata = 4 }))
		assert.is_nil(v.reason:find("strata", 1, true))
	end)

	it("is not said to be nothing where no test can tell", function()
		expect("notify", "Strata not tested.", facts({ mh_ratio = 1 / 3, strata = 4,
			below_limit = true, p_breslow_day = 0.0001 }))
		local v = expect("notify", "Potential", facts({ mh_ratio = 1 / 3, strata = 1, below_limit = true }))
		assert.is_nil(v.reason:find("not tested", 1, true))
		expect("notify", "This ratio is the stratified one; the plain one beside it is 0.333.",
			facts({ mh_ratio = 1 / 3, impact_ratio = 1 / 3 }))
	end)

	it("keeps a pooled estimate from a claim that does not hold within the evaluators", function()
		local f = facts({ pooled = true, evaluator = "", basis = "screening", mh_ratio = 1.02, q = 0.001,
			em = { ratio = 0.7, interval = { low = 0.6, high = 0.8 }, robust = true, guard = "", n = 30 } })
		expect("watch", "within evaluators and strata the ratio of the known classes is 1.020", f)
	end)
end)

describe("a potential violation", function()
	it("is individual when the evaluator differs from the others as well", function()
		local v = expect("notify", "Potential violation of policy evaluator_screen", facts())
		assert.equal("individual", v.scope)
		for _, figure in ipairs({ "10 of 40", "25.0 %", "30 of 40", "0.333", "4/5", "0.0002", "24 tests",
			"10.0 persons", "0.350" }) do
			assert.is_truthy(v.reason:find(figure, 1, true), figure)
		end
	end)

	it("is systemic when the evaluator is like the others, is the better one, or has none", function()
		assert.equal("systemic", expect("notify", "concerns the process", facts({ peers = { ratio = 0.9,
			q = 0.05 } })).scope)
		assert.equal("systemic", expect("notify", "concerns the process", facts({ peers = { ratio = 1.4,
			q = 0.001 } })).scope)
		assert.equal("systemic",
			expect("notify", "Nothing sets this evaluator beside others", facts({ peers = {} })).scope)
	end)

	it("of all evaluators together is systemic", function()
		local v = expect("notify", "All evaluators together", facts({ pooled = true, evaluator = "" }))
		assert.equal("systemic", v.scope)
	end)

	it("needs a ratio below the limit", function()
		expect("ok", "0.800 is not below 4/5", facts({ ratio = 0.8, ratio_below = false }))
	end)

	it("needs evidence below alpha after correction; alpha itself is not enough", function()
		expect("watch", "corrected p 0.050 (bh, 24 tests) is not below 0.05", facts({ q = 0.05 }))
		expect("watch", "corrected p undefined", without("q"))
		expect("notify", "Potential violation", facts({ q = 0.0499 }))
	end)

	it("needs at least one person of shortfall", function()
		expect("watch", "0.99 is less than one person", facts({ shortfall = 0.99 }))
		expect("watch", "shortfall is not defined", without("shortfall"))
		expect("notify", "Potential violation", facts({ shortfall = 1 }))
	end)

	it("must not hang on the swap of one person; a swap that cannot be made does not count", function()
		expect("watch", "swap of one person", facts({ flips = true }))
		expect("notify", "Potential violation", without("flips"))
	end)

	it("that is not supported names everything that is missing", function()
		local v = expect("watch", "less than one person and the swap", facts({ q = 0.3, shortfall = 0.5,
			flips = true }))
		assert.is_nil(v.scope)
		assert.is_truthy(v.reason:find("No potential violation is reported", 1, true))
	end)
end)

describe("too few", function()
	it("are nine in the group or in the rest, or 29 in all", function()
		expect("too_few", "9 persons of female", facts({ persons = 9, ref_persons = 40 }))
		expect("too_few", "9 of the rest", facts({ persons = 40, ref_persons = 9 }))
		expect("too_few", "30 in all", facts({ persons = 14, ref_persons = 15 }))
		expect("notify", "Potential violation", facts({ persons = 10, ref_persons = 20 }))
	end)

	it("says what could have been found", function()
		expect("too_few", "Only a ratio of 0.450 or less could have been found", facts({ persons = 9 }))
		expect("too_few", "No ratio at all could have been found", without("detectable", { persons = 9 }))
	end)

	it("are groups below two per cent, before anything else", function()
		expect("too_few", "less than 2 %", facts({ below_two_percent = true, persons = 100 }))
	end)
end)

describe("no answer", function()
	it("is given for an undefined ratio", function()
		local f = without("ratio", { selected = 0, ref_selected = 0, why = { ratio = "nobody_selected" } })
		f.ratio_below = nil
		expect("cannot_conclude", "nobody_selected", f)
	end)

	it("is not needed where only the group had anybody selected", function()
		local f = without("ratio", { selected = 5, ref_selected = 0,
			why = { ratio = "reference_none_selected" } })
		f.ratio_below = nil
		expect("ok", "not the one that fares worse", f)
	end)

	it("is needed about the reference itself", function()
		expect("ok", "reference group", facts({ is_reference = true, persons = 10 }))
	end)

	it("is never read off a reference of too few persons", function()
		expect("too_few", "E3 judged 9 persons of female, the reference group; at least 10 are needed",
			facts({ is_reference = true, persons = 9 }))
		expect("too_few", "1 person of female", facts({ is_reference = true, persons = 1 }))
	end)

	it("counts predicted persons of the reference by their estimate, and nothing without one", function()
		local function screened(n)
			return facts({ is_reference = true, basis = "screening", persons = 1, ref_persons = 1, n = 1,
				ref_n = 1, em = { n = n, guard = "", interval = {} } })
		end
		expect("ok", "reference group", screened(30))
		expect("too_few", "9 persons of female", screened(9))
		expect("ok", "reference group", screened(nil))
	end)
end)

describe("screening with predicted classes", function()
	local function screening(em, change)
		local base = {
			ratio = 0.42, weighted = 0.61, n = 60, selected = 15, robust = true, guard = "",
			interval = { low = 0.2, high = 0.75 },
		}
		for key, value in pairs(em or {}) do
			base[key] = value
		end
		local f = facts({
			basis = "screening", ratio = base.ratio, em = base, persons = 15, ref_persons = 15, n = 30,
			ref_n = 30,
			provenance = { declared = 30, imported = 0, predicted = 30, unknown = 0 },
		})
		for key, value in pairs(change or {}) do
			f[key] = value
		end
		return f
	end

	it("notifies, says screening, and grades", function()
		expect("notify", "robust: the weighted estimate is below too", screening())
		expect("notify", "assumption-dependent", screening({ robust = false }))
		local v = expect("notify", "screening with predicted classes", screening())
		assert.equal("individual", v.scope)
		assert.is_truthy(v.reason:find("Potential violation of policy evaluator_screen", 1, true))
	end)

	it("does not look at shortfall and swap", function()
		expect("notify", "screening", screening({}, { shortfall = 0.1, flips = true }))
	end)

	it("needs an interval that excludes 1 and a corrected p", function()
		expect("watch", "does not exclude 1", screening({ interval = { low = 0.2, high = 1.0 } }))
		expect("watch", "does not exclude 1", screening({ interval = { low = 0.2 } }))
		expect("watch", "is not below 0.05", screening({}, { q = 0.2 }))
		expect("ok", "is not below 4/5", screening({ ratio = 0.95 }, { ratio_below = false }))
	end)

	-- what the core hands over when a guard refuses the estimate: known classes, nothing estimated
	local function refused(change)
		local f = facts({
			em = { guard = "classifier too weak: lower end of its AUC interval 0.600, needed 0.8",
				robust = false, interval = {} },
			provenance = { declared = 30, imported = 10, predicted = 0, unknown = 160, refused = 150 },
		})
		for key, value in pairs(change or {}) do
			f[key] = value
		end
		return f
	end

	it("is refused below the guards, and what is known of class decides, with its share told", function()
		local told = "Predicted classes are refused (classifier too weak); known: 40 of 200 persons (20.0 %)."
		local v = expect("notify", told, refused())
		assert.equal("individual", v.scope)
		assert.is_truthy(v.reason:find("10 of 40 decisions on female", 1, true))
		expect("watch", told, refused({ q = 0.2 }))
		expect("ok", told, refused({ ratio = 0.9, ratio_below = false }))
		local f = refused({ selected = 0, ref_selected = 0 })
		f.ratio, f.ratio_below = nil, nil
		expect("cannot_conclude", told, f)
	end)

	it("is no reason to say that there are too few", function()
		local v = expect("cannot_conclude", "predicted classes: classifier too weak: lower end of its AUC "
			.. "interval 0.600, needed 0.8. Of known class alone: E3 judged 9 persons of female",
			refused({ persons = 9, ref_persons = 40 }))
		assert.equal("guard of predicted classes", v.rule)
		expect("cannot_conclude", "the reference group", refused({ is_reference = true, persons = 3 }))
		expect("too_few", "less than 2 %", refused({ below_two_percent = true }))
	end)

	it("counts expected persons for the minima", function()
		-- 30 known persons, two decisions each; 12 expected decisions are 6 persons of 60
		expect("too_few", "6 persons of female", screening({ n = 12 }))
		expect("notify", "screening", screening({ n = 20 }))
		expect("too_few", "30 in all", screening({ n = 28 }, {
			provenance = { declared = 20, imported = 0, predicted = 9, unknown = 0 },
		}))
	end)
end)
