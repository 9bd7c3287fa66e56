-- Two standard deviations: evenhand policy test ofccp_2sd tests/lua/shipped/ofccp_2sd_spec.lua
-- Numbers: Teal (z -3.757, p 0.00017), the test data of "R for HR" (70 of 160, 42 of 114: z -1.144), question 21.

local function stage_of(r, stage, group)
	for _, f in ipairs(r.own) do
		if f.reason:find("Stage " .. stage, 1, true) and f.group == group then
			return f
		end
	end
	return nil
end

local function total(n, selected, ref_n, ref_selected)
	facts.pooled():attribute("sex"):group("female", n, selected):group("male", ref_n, ref_selected)
	return run().pooled.female
end

describe("2.0 standard deviations", function()
	it("are reached at exactly 2.0: 20 of 50 against 30 of 50", function()
		local f = total(50, 20, 50, 30)
		assert.equal("notify", f.verdict)
		assert.matches("%-2%.00 standard deviations %(pooled z, p 0%.046%)", f.reason)
	end)

	it("and not just below: 21 of 50 against 30 of 50", function()
		local f = total(50, 21, 50, 30)
		assert.equal("ok", f.verdict)
		assert.matches("Below 2%.0 standard deviations", f.reason)
	end)

	it("tell ratio, odds ratio and shortfall, and none of them decides", function()
		local f = total(114, 42, 160, 70)
		assert.equal("ok", f.verdict)
		assert.matches("42 of 114 female %(36%.8 %%%), 70 of 160 male %(43%.8 %%%)", f.reason)
		assert.matches("ratio 0%.842, odds ratio 0%.75, shortfall 7%.9", f.reason)
	end)
end)

describe("Fisher's exact test", function()
	it("does not stand at 30 in all", function()
		assert.matches("pooled z", total(15, 5, 15, 10).reason)
	end)

	it("stands at 29 in all", function()
		assert.matches("Fisher's exact test", total(14, 5, 15, 10).reason)
	end)

	it("does not stand where every expected cell is 5 or more", function()
		assert.matches("pooled z", total(10, 3, 30, 17).reason) -- 10 * 20 / 40 = 5
	end)

	it("stands where one is below 5, of 40 in all too: \"or\"", function()
		assert.matches("Fisher's exact test", total(10, 3, 30, 16).reason) -- 4.75
	end)

	it("finds nothing in question 21: one different person would turn it round", function()
		local f = total(10, 1, 20, 3)
		assert.equal("ok", f.verdict)
		assert.matches("Fisher's exact test, p 1%.000", f.reason)
		assert.matches("the swap of one person would turn the order round", f.reason)
	end)

	it("can reach the two-sided p of 2.0", function()
		assert.equal("notify", total(14, 0, 14, 9).verdict)
	end)
end)

describe("the stages", function()
	it("are tested each: Teal is found at the test", function()
		facts.pooled():attribute("race"):stage("test"):group("White", 259, 206):group("Black", 48, 26)
			:stage("bottom_line"):group("White", 259, 35):group("Black", 48, 11)
		local r = run()
		local f = stage_of(r, "test", "Black")
		assert.equal("notify", f.verdict)
		assert.matches("%-3%.76 standard deviations", f.reason)
		assert.matches("Corrected by Holm for 2 tests p 0%.0003", f.reason)
		assert.near(0.000171697905786, f.p_z, 1e-12)
		assert.equal("ok", stage_of(r, "bottom_line", "White").verdict) -- z -1.68
		assert.equal("cannot_conclude", r.pooled.Black.verdict) -- their sum follows no test
	end)

	it("are corrected together: what is 2.0 alone is remarked only", function()
		local b = facts.pooled():attribute("sex")
		for i = 1, 3 do
			b:stage("S" .. i):group("female", 50, 20):group("male", 50, 30)
		end
		local f = stage_of(run(), "S1", "female")
		assert.equal("watch", f.verdict)
		assert.matches("corrected by Holm for 3 tests p 0%.137", f.reason)
	end)
end)

describe("what it never does", function()
	it("is speak of single evaluators", function()
		facts.evaluator("E1"):group("female", 50, 5):group("male", 50, 40)
		assert.equal("cannot_conclude", run().E1.female.verdict)
	end)

	it("is use a predicted class", function()
		assert.equal("declared", policy.provenance)
		facts.pooled():group("female", 50, 20):group("male", 50, 30):predicted({ female = 0.9,
			male = 0.1 }, 100, 0)
		local f = run().pooled.female
		assert.matches("20 of 50 female", f.reason)
		assert.matches("100 persons of no known class", f.reason)
	end)

	it("is look beyond sex and race", function()
		assert.same({ "sex", "race" }, policy.attributes)
	end)

	it("is held today: the order was revoked, and the pack does not know since when", function()
		assert.equal("unknown", policy.pack.to)
	end)
end)
