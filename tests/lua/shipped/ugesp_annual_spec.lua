-- The yearly determination: evenhand policy test ugesp_annual tests/lua/shipped/ugesp_annual_spec.lua
-- Numbers: Teal, the Questions and Answers (rates 60, 45, 48, 51 %; question 21), constructed edges.

local function stage_of(r, stage, group)
	for _, f in ipairs(r.own) do
		if f.reason:find("Stage " .. stage, 1, true) and f.group == group then
			return f
		end
	end
	return nil
end

local function subject_of(r, subject)
	for _, f in ipairs(r.own) do
		if f.rule == subject then
			return f
		end
	end
	return nil
end

describe("Connecticut v. Teal", function()
	local function teal()
		facts.pooled():attribute("race"):stage("test"):group("White", 259, 206):group("Black", 48, 26)
			:stage("bottom_line"):group("White", 259, 35):group("Black", 48, 11)
		return run()
	end

	it("is a potential violation at the test", function()
		local f = stage_of(teal(), "test", "Black")
		assert.equal("notify", f.verdict)
		assert.matches("26 of 48 Black %(54%.2 %%%), 206 of 259 White %(79%.5 %%%), ratio 0%.681, below 4/5",
			f.reason)
		assert.matches("shortfall 12%.2; %-3%.76 standard deviations %(pooled z, p 0%.0002%), corrected by "
			.. "Holm for 2 tests p 0%.0003", f.reason)
		assert.equal("systemic", f.scope)
	end)

	it("and their sum has a ratio but no test", function()
		assert.matches("no test %(decisions of several stages", teal().pooled.Black.reason)
	end)

	it("while the bottom line, which favours the same group, is remarked only", function()
		local f = stage_of(teal(), "bottom_line", "White")
		assert.equal("watch", f.verdict)
		assert.matches("ratio 0%.590", f.reason)
	end)
end)

describe("the four fifths of the Questions and Answers", function()
	it("are 75 % found, exactly 80 % and 85 % not", function()
		facts.pooled():attribute("race"):group("White", 1000, 600):group("American Indian", 1000, 450)
			:group("Hispanic", 1000, 480):group("Black", 1000, 510)
		local r = run().pooled
		assert.equal("notify", r["American Indian"].verdict)
		assert.matches("ratio 0%.750, below 4/5", r["American Indian"].reason)
		assert.matches("ratio 0%.800, not below 4/5", r.Hispanic.reason)
		assert.matches("ratio 0%.850, not below 4/5", r.Black.reason)
	end)

	it("do not excuse a smaller difference that is significant", function()
		facts.pooled():attribute("sex"):group("male", 1000, 500):group("female", 1000, 400)
		local f = run().pooled.female
		assert.equal("watch", f.verdict)
		assert.equal("not below 4/5, yet significant", f.rule)
	end)

	it("do not stand on small numbers (question 21)", function()
		facts.pooled():attribute("sex"):group("male", 20, 3):group("female", 10, 1)
		local f = run().pooled.female
		assert.equal("watch", f.verdict)
		assert.matches("ratio 0%.667, below 4/5", f.reason)
		assert.matches("one different person would turn it round", f.reason)
		assert.matches("Fisher's exact test, p 1%.000", f.reason)
	end)

	it("do not notify what one different person would turn round, significant or not", function()
		facts.pooled():attribute("sex"):group("male", 10, 1):group("female", 400, 0)
		local f = run().pooled.female
		assert.equal("watch", f.verdict)
		assert.matches("Fisher's exact test, p 0%.024, corrected by Holm for 1 test", f.reason)
		assert.matches("one different person would turn it round", f.reason)
	end)

	it("need two standard deviations to notify", function()
		facts.pooled():attribute("sex"):group("male", 100, 50):group("female", 100, 39)
		local f = run().pooled.female
		assert.equal("watch", f.verdict)
		assert.matches("%-1%.57 standard deviations", f.reason)
	end)
end)

describe("the 2 % rule", function()
	it("lists a group of less and compares one of exactly 2 %", function()
		facts.pooled():attribute("race"):group("A", 978, 500):group("B", 20, 2):group("C", 2, 0)
		local r = run().pooled
		assert.not_equal("too_few", r.B.verdict)
		assert.equal("too_few", r.C.verdict)
		assert.matches("0 of 2 selected; less than 2 %% of the persons: listed, not compared", r.C.reason)
	end)
end)

describe("records", function()
	it("want a basis and the source of the shares", function()
		facts.pooled():group("male", 50, 25):group("female", 50, 25)
		facts.project({})
		local f = subject_of(run(), "records")
		assert.equal("watch", f.verdict)
		assert.matches("Not declared: eeo_basis and labor_force_share", f.reason)
	end)

	it("are content when both are declared", function()
		facts.pooled():group("male", 50, 25):group("female", 50, 25)
		facts.project({ declarations = { eeo_basis = "UGESP records", labor_force_share = "ACS 2024" } })
		assert.equal("ok", subject_of(run(), "records").verdict)
	end)
end)

describe("what it never does", function()
	it("is use a predicted class", function()
		facts.pooled():group("male", 50, 40):group("female", 50, 10):predicted({ female = 0.9,
			male = 0.1 }, 200, 200)
		local f = run().pooled.female
		assert.matches("10 of 50 female", f.reason)
		assert.matches("200 persons of no known class", f.reason)
	end)

	it("is call imported classes declared", function()
		facts.pooled():group("male", 50, 40):group("female", 50, 10):unknown(5, 0)
		assert.matches("100 declared, 0 imported from another record%. 5 persons of no known class",
			run().pooled.female.reason)
	end)

	it("is judge single evaluators", function()
		facts.evaluator("E1"):group("female", 50, 5):group("male", 50, 40)
		assert.equal("cannot_conclude", run().E1.female.verdict)
	end)
end)
