--- eu_strict: the strict reading for candidates in the EU and the EEA (AI Act, GDPR; facts/law.md 3 to 6).
-- Race, religion, politics, union membership, orientation and every other special category: never inferred (AI Act Art
-- 5(1)(g); the program's own gate holds whatever this text says); of known class only with an Art 9 basis and a DPIA on
-- record, and the reason says how many are declared and how many imported.  Sex and age inferred only with both.  No
-- cell below 10 persons is spoken of.  No finding about an evaluator before the workers were told, and none that a
-- program confirms by itself: a person decides.

local format = string.format
local count, percent, p_text, ratio_text = evenhand.count, evenhand.percent, evenhand.p_text, evenhand.ratio_text

local K = 10 -- persons in a cell that may be printed
local LOG_MONTHS, LOG_DAYS = 6, 183
local ORDINARY = { sex = true, age = true, age_40 = true, age_band = true } -- no special category of Art 9 GDPR
local EEA = " AT BE BG CY CZ DE DK EE ES FI FR GR EL HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO EU "

local function verdict(kind, rule, reason, scope)
	return { verdict = kind, rule = rule, reason = reason, scope = scope }
end

local function declared(key)
	local project = evenhand.project
	return project ~= nil and project.declarations[key] or nil
end

-- "sex x race" is special when one of its halves is.
local function special(attribute)
	for half in (attribute .. " x "):gmatch("(.-) x ") do
		if not ORDINARY[half] then
			return true
		end
	end
	return false
end

local function missing_declarations()
	local missing = {}
	for _, key in ipairs({ "art9_basis", "dpia" }) do
		if declared(key) == nil then
			missing[#missing + 1] = key
		end
	end
	return missing
end

-- May anything be said about this attribute here?  nil, or the verdict.
local function refused(f)
	local inferred, special_category = f.provenance.predicted + f.provenance.refused, special(f.attribute)
	if inferred > 0 and special_category then
		return verdict("not_allowed", "special category inferred", format("%s of %s was "
			.. "inferred: special categories are never inferred here (AI Act Art 5(1)(g)).", f.attribute,
			count(inferred, "person")))
	end
	local missing = (inferred > 0 or special_category) and missing_declarations() or {}
	if #missing > 0 then
		return verdict("not_allowed", "basis not declared",
			format("%s is %s: declare %s first (evenhand policy declare).", f.attribute, inferred > 0
			and "inferred" or "a special category", evenhand.list(missing)))
	end
	if not f.pooled and declared("worker_notice") == nil then
		return verdict("not_allowed", "workers not told",
			"Nothing is said about an evaluator before the evaluators were told: declare worker_notice "
			.. "(Art 26(7), as the pack has it; check the rule's text).")
	end
	return nil
end

-- Predicted classes have no heads to count: persons of the group are its expected share of all judged persons.
local function persons(f)
	local p = f.provenance
	if f.basis ~= "screening" or f.em.n == nil then
		return f.persons, f.ref_persons
	end
	local known, decisions = f.persons + f.ref_persons, f.n + f.ref_n
	local per_person = known > 0 and decisions / known or 1
	local all = p.declared + p.imported + p.predicted
	local group = math.min(all, math.floor(f.em.n / per_person + 0.5))
	return group, all - group
end

local function scope_of(f)
	local peers = f.peers
	local stands_out = not f.pooled and peers.q ~= nil and peers.ratio ~= nil
		and peers.q < f.alpha and peers.ratio < 1
	return stands_out and "individual" or "systemic"
end

local function judge(f)
	local limit = { num = f.limit.num, den = f.limit.den }
	local bound = evenhand.limit_text(limit)
	local text = format("%s: %s against %s, %s %s", evenhand.subject_text(f), f.group, evenhand.reference_text(f),
		f.basis == "screening" and "estimated ratio" or "ratio", ratio_text(f.ratio, limit))
	if not f.ratio_below then
		return verdict("ok", "not below the limit", format("%s, not below %s.", text, bound))
	end
	local missing = {}
	if f.q == nil or f.q >= f.alpha then
		missing[#missing + 1] = format("corrected p %s (%s, %s) is not below %s", p_text(f.q), f.family.method,
			count(f.family.size, "test"), f.alpha)
	end
	if f.shortfall == nil or f.shortfall < 1 then
		missing[#missing + 1] = "the shortfall is less than one person"
	end
	if f.flips == true then
		missing[#missing + 1] = "the swap of one person would turn the order round"
	end
	if #missing > 0 then
		return verdict("watch", "below the limit, evidence missing",
			format("%s, below %s. No potential violation is reported: %s.", text, bound,
				evenhand.list(missing)))
	end
	return verdict("notify", "below the limit, all evidence there",
		format("Potential violation of policy eu_strict: %s, below %s, corrected p %s (%s, %s). A person "
		.. "decides after hearing the evaluator; no finding is confirmed by a program alone.", text, bound,
		p_text(f.q), f.family.method, count(f.family.size, "test")), scope_of(f))
end

local function check(f)
	if f.is_reference then
		return verdict("ok", "reference group", "The others are compared with this group.")
	end
	local no = refused(f)
	if no ~= nil then
		return no
	end
	local group, rest = persons(f)
	if group < K or rest < K then
		local reason = format("%s against %s: a cell has fewer than %d persons; its numbers are not printed.",
			f.group, evenhand.reference_text(f), K)
		if f.em.guard ~= "" then
			return verdict("cannot_conclude", "guard of predicted classes",
				format("%s: %s. Of known class alone: %s", f.group, f.em.guard, reason))
		end
		return verdict("too_few", "cell below 10", reason)
	end
	if f.ratio == nil or f.ratio_below == nil then
		return verdict("cannot_conclude", "ratio not defined", format("%s: the ratio is not defined (%s); rate "
			.. "%s.", f.group, f.why.ratio or "not decidable at the limit", percent(f.rate)))
	end
	local v = judge(f)
	if special(f.attribute) then
		v.reason = format("%s %s", v.reason, evenhand.provenance_text(f, K))
	end
	return v
end

-- ---- the project ----

-- "2026-11-30", six months back "2026-05-30": dates compare as text.
local function months_back(day, months)
	local at = tonumber(day:sub(1, 4)) * 12 + tonumber(day:sub(6, 7)) - 1 - months
	return format("%04d-%02d%s", at // 12, at % 12 + 1, day:sub(8))
end

local function candidates_here(project)
	local n, inferred = 0, 0
	for _, place in ipairs(project.jurisdictions) do
		-- DE-BY is in DE
		if EEA:find(" " .. place.code:sub(1, 2) .. " ", 1, true) then
			n = n + place.candidates
			for attribute, many in pairs(place.inferred) do
				inferred = inferred + (special(attribute) and many or 0)
			end
		end
	end
	return n, inferred
end

local function about_declaration(project, key, what)
	local value = project.declarations[key]
	if value ~= nil then
		return { subject = key, verdict = "ok", rule = "declared",
			reason = format("%s: declared (%s).", what, value) }
	end
	return {
		subject = key,
		verdict = "notify",
		rule = "not declared",
		reason = format("Potential violation of policy eu_strict: %s is not declared (evenhand policy declare "
			.. "%s).", what, key),
	}
end

local function about_logs(project)
	local journal = project.data.journal
	if journal.n == 0 then
		return { subject = "logs", verdict = "watch", rule = "no log", reason = "The journal is empty." }
	end
	local days = tonumber(project.declarations.log_retention_days)
	if days ~= nil and days < LOG_DAYS then
		return {
			subject = "logs",
			verdict = "notify",
			rule = "log kept too short",
			reason = format("Potential violation of policy eu_strict: logs are kept %d days (declared), "
				.. "six months are %d or more.", days, LOG_DAYS),
		}
	end
	local since = months_back(project.as_of, LOG_MONTHS)
	if journal.oldest ~= nil and journal.oldest <= since then
		return {
			subject = "logs",
			verdict = "ok",
			rule = "log of six months",
			reason = format("The journal goes back to %s, beyond %d months.", journal.oldest, LOG_MONTHS),
		}
	end
	return {
		subject = "logs",
		verdict = "ok",
		rule = "log younger than six months",
		reason = format("The journal goes back to %s: keep it at least %d months.", journal.oldest or "no day",
			LOG_MONTHS),
	}
end

local function compute(project)
	if project == nil then
		return nil
	end
	local n, inferred = candidates_here(project)
	if n == 0 then
		return {
			{ subject = "scope", verdict = "ok", rule = "nobody here",
				reason = "No candidate is in the EU or the EEA." },
		}
	end
	local own = {
		about_declaration(project, "dpia",
			"the data protection impact assessment (Art 35 GDPR, as the pack has it)"),
		about_declaration(project, "art9_basis",
			"the basis for special categories (Art 9 GDPR, as the pack has it)"),
		about_declaration(project, "worker_notice",
			"the notice to evaluators (AI Act Art 26(7), as the pack has it)"),
		about_logs(project),
	}
	if inferred > 0 then
		own[#own + 1] = {
			subject = "inferred",
			verdict = "notify",
			rule = "special category inferred",
			reason = format("Potential violation of policy eu_strict: %s of special categories stored for "
				.. "candidates in the EU or the EEA.", count(inferred, "inferred class")),
		}
	end
	return own
end

return {
	name = "eu_strict",
	api = 1,
	version = "1.1",
	author = "Evenhand",
	pack = {
		name = "EU strict",
		source = "Regulation (EU) 2024/1689 Art 5; GDPR",
		from = "2025-02-02",
		note = "The day is that of Art 5. Duties of Annex III (recruitment, evaluation of workers) from "
			.. "2027-12-02 by the Omnibus of 2026, whose publication is not confirmed: check the Official "
			.. "Journal.",
	},
	limit = { 4, 5 },
	reference = "rest",
	min_group = K,
	min_total = 30,
	alpha = 0.05,
	family = "holm",
	needs = {
		"n", "ref_n", "persons", "ref_persons", "rate", "basis", "ratio", "ratio_below",
		"q", "family", "shortfall",
		"flips", "em", "peers", "provenance", "limit", "alpha", "why",
	},
	check = check,
	compute = compute,
}
