--- retention: how long each class of data is kept, at the least and at the most, and where rules pull apart.
-- Terms are those of facts/law.md 7, engineering limits that an organisation changes by a policy of its own.  A
-- conflict between places (California's four years against three in Illinois) is shown, never resolved in silence.  A
-- legal hold stands before every destruction.  Nothing is destroyed by it: it says what is due.

local format = string.format

-- months; keep: at the least, destroy: at the most; nil = no term
local CLASSES = {
	{ kind = "vectors", name = "feature vectors", destroy = 36, biometric = true },
	{ kind = "posteriors", name = "inferred classes", destroy = 36, biometric = true },
	{ kind = "classes", name = "known classes of candidates", destroy = 48 },
	{ kind = "evaluations", name = "evaluator decisions", keep = 48 },
	{ kind = "notifications", name = "notifications", keep = 48 },
	{ kind = "journal", name = "the journal", keep = 6, default = 72 },
}
local SUMMARY_MONTHS = 6 -- of Local Law 144, after the last use
local RECORDING_DAYS = 30

local function check()
	return {
		verdict = "cannot_conclude",
		rule = "not about groups",
		reason = "This policy looks at terms, not at groups: see its findings about the project.",
	}
end

local function about(subject, verdict, rule, text)
	return { subject = subject, verdict = verdict, rule = rule, reason = text }
end

local LAST_DAY = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

-- The day so many months later; where the month is too short, its last day.
local function months_on(day, months)
	local at = tonumber(day:sub(1, 4)) * 12 + tonumber(day:sub(6, 7)) - 1 + months
	local year, month = at // 12, at % 12 + 1
	local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
	local last = month == 2 and leap and 29 or LAST_DAY[month]
	return format("%04d-%02d-%02d", year, month, math.min(tonumber(day:sub(9, 10)), last))
end

local function codes_of(project)
	local codes = {}
	for _, place in ipairs(project.jurisdictions) do
		codes[place.code] = place.candidates > 0 or nil
	end
	return codes
end

local function term_text(class, oldest)
	local parts = {}
	if class.keep ~= nil then
		parts[#parts + 1] = format("kept until %s at the least", months_on(oldest, class.keep))
	end
	if class.destroy ~= nil then
		parts[#parts + 1] = format("destroyed by %s at the latest", months_on(oldest, class.destroy))
	end
	if class.default ~= nil then
		parts[#parts + 1] = format("by default until %s", months_on(oldest, class.default))
	end
	return evenhand.list(parts)
end

local function about_class(project, class)
	local d = project.data[class.kind]
	if d.n == 0 or d.oldest == nil then
		return about(class.kind, "ok", "nothing kept", format("Of %s nothing with a day is kept.", class.name))
	end
	local text = format("%s: %d, the oldest of %s, %s", class.name:gsub("^%l", string.upper), d.n, d.oldest,
		term_text(class, d.oldest))
	local over = class.destroy ~= nil and months_on(d.oldest, class.destroy) < project.as_of
	local done = class.biometric and project.declarations.purpose_satisfied
	if not over and not (done and done <= project.as_of) then
		return about(class.kind, "ok", "within the term", text .. ".")
	end
	local why = over and "past the engineering limit of policy retention"
		or "the purpose is satisfied since " .. done
	local hold = project.declarations.legal_hold
	if hold ~= nil and hold <= project.as_of then
		return about(class.kind, "watch", "due, under legal hold",
			format("%s: %s, and a legal hold stands since %s: nothing is destroyed.", text, why, hold))
	end
	return about(class.kind, "notify", "due for destruction",
		format("Potential violation of policy retention: %s: %s.", text, why))
end

local function about_recordings(project, codes)
	local d = project.data.recordings
	local text = format("Recordings: %d known; the program keeps no frames", d.n)
	if codes["US-IL"] then
		text = format("%s; in Illinois a video is deleted within %d days of a request", text, RECORDING_DAYS)
	end
	return about("recordings", "ok", "never stored", text .. ".")
end

-- Records of consent have no term in months: they stand as long as what they allow, and as long as somebody may sue.
local function about_consents(project)
	local d = project.data.consents
	if d.n == 0 then
		return about("consents", "ok", "nothing kept", "No consent is recorded.")
	end
	return about("consents", "ok", "no term in months", format("Records of consent: %d, the oldest of %s; kept "
		.. "while the processing goes on and until claims from it have lapsed. What a withdrawal covers is "
		.. "taken away at once, its record stays.", d.n, d.oldest or "no day"))
end

-- Of Local Law 144 what people declare is all that is known.
local function about_summary(project)
	local said = project.declarations
	if said.audit_date == nil and said.audit_posted == nil then
		return nil
	end
	if said.last_use == nil then
		return about("ll144_summary", "ok", "in use", format("The summary of the bias audit (Local Law 144) "
			.. "stays posted while the tool is used and %d months longer (evenhand policy declare "
			.. "last_use).", SUMMARY_MONTHS))
	end
	local last = months_on(said.last_use, SUMMARY_MONTHS)
	local over = last < project.as_of
	return about("ll144_summary", "ok", over and "term over" or "within the term", format("The summary of the "
		.. "bias audit (Local Law 144) %s posted until %s, %d months after the last use.",
		over and "had to stay" or "stays", last, SUMMARY_MONTHS))
end

local function about_ugesp(project, codes)
	local us = false
	for code in pairs(codes) do
		us = us or code == "US" or code:sub(1, 3) == "US-"
	end
	if not us or project.data.evaluations.n == 0 then
		return nil
	end
	return about("ugesp_records", "ok", "as the pack has it", "Records of adverse impact (UGESP): two years after "
		.. "the impact has ended, selection records one year, both longer while a charge is open (29 CFR "
		.. "1607.15 and 1602.14, as the pack has it; check the rules' text).")
end

local function about_conflicts(project, codes)
	local own, vectors = {}, project.data.vectors
	if codes["US-CA"] and codes["US-IL"] and vectors.n > 0 then
		own[#own + 1] = about("conflict.vectors", "watch", "terms pull apart",
			"Feature vectors: California keeps decision-system data 4 years, Illinois destroys biometric "
			.. "data when the purpose is met or after 3. Decide by place and write it down.")
	end
	local eu = false
	for code in pairs(codes) do
		eu = eu or (code ~= "US" and code:sub(1, 3) ~= "US-")
	end
	if eu and codes["US-CA"] and project.data.evaluations.n > 0 then
		own[#own + 1] = about("conflict.evaluations", "watch", "terms pull apart",
			"Evaluator decisions: California keeps them 4 years, storage limitation (GDPR, as the pack has "
			.. "it) as short as possible. Decide by place and write it down.")
	end
	return own
end

local function about_policy(project)
	local since = project.declarations.retention_policy
	if since == nil or since > project.as_of then
		return about("policy", "watch", "no policy declared",
			"A written retention policy is not declared (evenhand policy declare retention_policy).")
	end
	return about("policy", "ok", "policy declared", format("A written retention policy is in force since %s.",
		since))
end

local function compute(project)
	if project == nil then
		return nil
	end
	local own, codes = { about_policy(project) }, codes_of(project)
	for _, class in ipairs(CLASSES) do
		own[#own + 1] = about_class(project, class)
	end
	own[#own + 1] = about_recordings(project, codes)
	own[#own + 1] = about_consents(project)
	own[#own + 1] = about_summary(project)
	own[#own + 1] = about_ugesp(project, codes)
	for _, conflict in ipairs(about_conflicts(project, codes)) do
		own[#own + 1] = conflict
	end
	return own
end

return {
	name = "retention",
	api = 1,
	version = "1.0",
	author = "Evenhand",
	limit = { 4, 5 },
	min_group = 1,
	min_total = 1,
	family = "none",
	check = check,
	compute = compute,
}
