-- Terms: evenhand policy test retention tests/lua/shipped/retention_spec.lua

local function project(data, codes, declarations)
	local p = {
		as_of = "2026-11-30", declarations = declarations or {}, jurisdictions = {},
		data = {
			vectors = { n = 0 }, posteriors = { n = 0 }, evaluations = { n = 0 }, notifications = { n = 0 },
			journal = { n = 0 }, recordings = { n = 0 }, classes = { n = 0 }, consents = { n = 0 },
		},
	}
	for kind, oldest in pairs(data) do
		p.data[kind] = { n = 5, oldest = oldest }
	end
	for i, code in ipairs(codes or { "US-IL" }) do
		p.jurisdictions[i] = { code = code, candidates = 3 }
	end
	return p
end

local function about(subject, p)
	for _, f in ipairs(policy.compute(p)) do
		if f.subject == subject then
			return f
		end
	end
	return nil
end

describe("vectors and inferred classes", function()
	it("are within their term three years to the day", function()
		assert.equal("ok", about("vectors", project({ vectors = "2023-11-30" })).verdict)
		assert.equal("ok", about("posteriors", project({ posteriors = "2023-11-30" })).verdict)
	end)

	it("are due a day later", function()
		local f = about("vectors", project({ vectors = "2023-11-29" }))
		assert.equal("notify", f.verdict)
		assert.matches("5, the oldest of 2023%-11%-29, destroyed by 2026%-11%-29 at the latest", f.reason)
		assert.matches("past the engineering limit of policy retention", f.reason)
	end)

	it("are due when the purpose is satisfied", function()
		local f = about("vectors", project({ vectors = "2026-11-01" }, nil,
			{ purpose_satisfied = "2026-11-30" }))
		assert.equal("notify", f.verdict)
		assert.equal("ok", about("vectors", project({ vectors = "2026-11-01" }, nil,
			{ purpose_satisfied = "2026-12-01" })).verdict)
	end)

	it("wait for a legal hold", function()
		local f = about("vectors", project({ vectors = "2020-01-01" }, nil, { legal_hold = "2025-01-01" }))
		assert.equal("watch", f.verdict)
		assert.matches("nothing is destroyed", f.reason)
	end)
end)

describe("what is kept", function()
	it("is kept four years", function()
		local f = about("evaluations", project({ evaluations = "2020-01-15" }))
		assert.equal("ok", f.verdict)
		assert.matches("kept until 2024%-01%-15 at the least", f.reason)
	end)

	it("is the journal six months at the least and six years by default", function()
		local f = about("journal", project({ journal = "2026-08-31" }))
		assert.matches("kept until 2027%-02%-28 at the least and by default until 2032%-08%-31", f.reason)
	end)

	it("is never a frame", function()
		assert.matches("keeps no frames; in Illinois a video is deleted within 30 days",
			about("recordings", project({ recordings = "2026-01-01" })).reason)
	end)
end)

describe("what has a term of its own", function()
	it("known classes: four years at the most", function()
		assert.equal("ok", about("classes", project({ classes = "2022-11-30" })).verdict)
		assert.equal("notify", about("classes", project({ classes = "2022-11-29" })).verdict)
	end)

	it("records of consent: none in months", function()
		local f = about("consents", project({ consents = "2001-01-01" }))
		assert.equal("ok", f.verdict)
		assert.matches("5, the oldest of 2001%-01%-01; kept while", f.reason)
	end)

	it("the summary of Local Law 144: six months after the last use, where one is declared", function()
		local function summary(said)
			return about("ll144_summary", project({}, nil, said))
		end
		assert.is_nil(summary({}))
		assert.equal("in use", summary({ audit_date = "2026-01-01" }).rule)
		local f = summary({ audit_posted = "2025-01-01", last_use = "2026-05-30" })
		assert.equal("within the term", f.rule)
		assert.matches("stays posted until 2026%-11%-30", f.reason)
		f = summary({ audit_posted = "2025-01-01", last_use = "2026-05-29" })
		assert.equal("term over", f.rule)
		assert.matches("had to stay posted until 2026%-11%-29", f.reason)
	end)

	it("records of adverse impact: in the United States", function()
		assert.matches("29 CFR 1607", about("ugesp_records", project({ evaluations = "2026-01-01" })).reason)
		assert.is_nil(about("ugesp_records", project({ evaluations = "2026-01-01" }, { "DE" })))
		assert.is_nil(about("ugesp_records", project({})))
	end)
end)

describe("conflicts", function()
	it("are shown: California's four years against three in Illinois", function()
		local f = about("conflict.vectors", project({ vectors = "2026-01-01" }, { "US-CA", "US-IL" }))
		assert.equal("watch", f.verdict)
		assert.matches("Decide by place and write it down", f.reason)
		assert.is_nil(about("conflict.vectors", project({ vectors = "2026-01-01" }, { "US-CA" })))
		assert.is_nil(about("conflict.vectors", project({}, { "US-CA", "US-IL" })))
	end)

	it("are shown: California against storage limitation", function()
		assert.equal("watch", about("conflict.evaluations", project({ evaluations = "2026-01-01" },
			{ "DE", "US-CA" })).verdict)
		assert.is_nil(about("conflict.evaluations", project({ evaluations = "2026-01-01" }, { "DE" })))
	end)
end)

describe("a policy in writing", function()
	it("is remarked when it is missing", function()
		assert.equal("watch", about("policy", project({})).verdict)
		assert.equal("ok", about("policy", project({}, nil, { retention_policy = "2026-11-30" })).verdict)
		assert.equal("watch", about("policy", project({}, nil, { retention_policy = "2026-12-01" })).verdict)
	end)
end)
