--- colorado_2027: documentation, notices and human review of Colorado SB 26-189, in force from 2027-01-01.
-- SB 26-189 repealed and re-enacted what SB 24-205 was.  Before its first day nothing is notified under it: the
-- program holds such a finding as watch and says why.  It judges how the project is run; what an audit finds below the
-- limit is remarked.  Sex and age may be inferred, nothing else.  How long records are kept is not
-- known yet, and the rules of the attorney general are pending.

local format = string.format
local line, places = evenhand.library("reference_line"), evenhand.library("places")

local HERE = "US-CO"
local DUTIES = {
	{ key = "documentation_pack",
		text = "the developer's documentation (uses, harmful uses, limits, human review)" },
	{ key = "training_data_summary", text = "the categories of training data" },
	{ key = "ai_notice", text = "the notice at the interaction" },
	{ key = "outcome_notice", text = "the notice after an adverse outcome" },
	{ key = "correction_process", text = "the way to have wrong data corrected" },
	{ key = "human_review", text = "review by a person who can change the outcome" },
}

local WORDS = { below = "below the reference line", beside = "", fine = "nothing to remark" }

local function check(f)
	return line.check(f, WORDS)
end

local function about_duty(project, duty)
	local since = project.declarations[duty.key]
	if since ~= nil and since <= project.as_of then
		return { subject = duty.key, verdict = "ok", rule = "declared",
			reason = format("%s: declared since %s.", duty.text:gsub("^%l", string.upper), since) }
	end
	return {
		subject = duty.key,
		verdict = "notify",
		rule = "not declared",
		reason = format("Potential violation of policy colorado_2027: %s: not declared for the day of this run "
			.. "(evenhand policy declare %s).", duty.text, duty.key),
	}
end

local function findings(project)
	local own = {}
	for i, duty in ipairs(DUTIES) do
		own[i] = about_duty(project, duty)
	end
	return own
end

local function compute(project)
	return places.compute(project, HERE, "Colorado", findings)
end

return {
	name = "colorado_2027",
	api = 1,
	version = "1.1",
	author = "Evenhand",
	pack = {
		name = "Colorado automated decisions",
		source = "SB 26-189, signed 2026-05-14",
		from = "2027-01-01",
		note = "Rules of the attorney general are pending and the length of record retention is not known: "
			.. "check both.",
	},
	limit = { 4, 5 },
	reference = "highest",
	min_group = 10,
	min_total = 30,
	alpha = 0.05,
	family = "holm",
	needs = {
		"persons", "ref_persons", "basis", "ratio", "ratio_below", "q", "family", "em", "provenance", "limit",
		"min_group", "min_total", "alpha", "why",
	},
	check = check,
	compute = compute,
}
