--- colorado_2027: documentation, notices and human review of Colorado SB 26-189, in force from 2027-01-01.
-- SB 26-189 repealed and re-enacted what SB 24-205 was.  Before its first day nothing is notified under it: the
-- program holds such a finding as watch and says why.  It judges how the project is run; what an audit finds below the
-- limit is remarked.  Sex and age may be inferred, everything else is declared only.  How long records are kept is not
-- known yet, and the rules of the attorney general are pending.

local format = string.format
local count = evenhand.count

local HERE = "US-CO"
local MAY_BE_INFERRED = { sex = true, age = true, age_band = true }
local DUTIES = {
	{ key = "documentation_pack",
		text = "the developer's documentation (uses, harmful uses, limits, human review)" },
	{ key = "training_data_summary", text = "the categories of training data" },
	{ key = "ai_notice", text = "the notice at the interaction" },
	{ key = "outcome_notice", text = "the notice after an adverse outcome" },
	{ key = "correction_process", text = "the way to have wrong data corrected" },
	{ key = "human_review", text = "review by a person who can change the outcome" },
}

local function verdict(kind, rule, reason)
	return { verdict = kind, rule = rule, reason = reason }
end

local function refused(f)
	if f.provenance.predicted == 0 then
		return nil
	end
	for half in (f.attribute .. " x "):gmatch("(.-) x ") do
		if not MAY_BE_INFERRED[half] then
			return verdict("not_allowed", "inferred classes", format("The class of %s was inferred: this "
				.. "pack takes %s as declared only.", count(f.provenance.predicted, "person"), half))
		end
	end
	return nil
end

local function check(f)
	if f.is_reference then
		return verdict("ok", "reference group", "The others are compared with this group.")
	end
	local no = refused(f)
	if no ~= nil then
		return no
	end
	if f.basis == "known" and (f.persons < f.min_group or f.ref_persons < f.min_group
		or f.persons + f.ref_persons < f.min_total) then
		return verdict("too_few", "minimum of persons", format("%s: %s of %s and %d of %s; at least %d of each "
			.. "and %d in all are needed.", evenhand.subject_text(f), count(f.persons, "person"), f.group,
			f.ref_persons, evenhand.reference_text(f), f.min_group, f.min_total))
	end
	if f.basis == "screening" and f.em.guard ~= "" then
		return verdict("cannot_conclude", "guard of predicted classes", format("%s: %s.", f.group, f.em.guard))
	end
	if f.ratio == nil or f.ratio_below == nil then
		return verdict("cannot_conclude", "ratio not defined", format("%s: the ratio is not defined (%s).",
			f.group, f.why.ratio or "not decidable at the limit"))
	end
	local limit = { num = f.limit.num, den = f.limit.den }
	local text = format("%s: %s against %s, %s %s, corrected p %s (%s, %s)", evenhand.subject_text(f), f.group,
		evenhand.reference_text(f), f.basis == "screening" and "estimated ratio" or "ratio",
		evenhand.ratio_text(f.ratio, limit), evenhand.p_text(f.q), f.family.method,
			count(f.family.size, "test"))
	if f.ratio_below and f.q ~= nil and f.q < f.alpha then
		return verdict("watch", "below the reference line", format("%s: below the reference line %s.", text,
			evenhand.limit_text(limit)))
	end
	return verdict("ok", "nothing to remark", text .. ".")
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

local function compute(project)
	if project == nil then
		return nil
	end
	local n = 0
	for _, place in ipairs(project.jurisdictions) do
		n = n + (place.code == HERE and place.candidates or 0)
	end
	if n == 0 then
		return { { subject = "scope", verdict = "ok", rule = "nobody here",
			reason = "No candidate is in Colorado." } }
	end
	local own = {}
	for i, duty in ipairs(DUTIES) do
		own[i] = about_duty(project, duty)
	end
	return own
end

return {
	name = "colorado_2027",
	api = 1,
	version = "1.0",
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
