--- ll144: what both tables of New York City's Local Law 144 say: who is in none, and what is said of the audit itself.
-- A shipped library (evenhand-policy(5), LIBRARIES) of nyc_ll144_selection and nyc_ll144_scoring.

local format = string.format

local LINE = { 4, 5 } -- the reference line 0.80
local FEW = 30

local function verdict(kind, rule, reason)
	return { verdict = kind, rule = rule, reason = reason }
end

local function small_text(n)
	return n < FEW and format(" Small numbers: %d in this category.", n) or ""
end

-- Behind the reason of a category: where the classes in its table come from, and how many are in none.  The rule takes
-- no inferred demographics (facts/law.md 3); imported ones are none, and what it says of them its text must tell.
local function classes_text(f)
	local from = f.provenance
	local text = " " .. evenhand.provenance_text(f)
	if from.imported > 0 then
		text = text .. " Whether imported ones may stand in the table: check the rule's text."
	end
	if from.unknown > 0 then
		text = format("%s %s of unknown class, not in the table.", text, evenhand.count(from.unknown, "person"))
	end
	return text
end

-- What stands in the way of a table with this finding, or nil.
local function outside(f)
	if f.provenance.predicted > 0 then
		return verdict("not_allowed", "inferred classes",
			format("The class of %s was inferred. The rule takes no inferred demographics: no ratio is "
			.. "formed.", evenhand.count(f.provenance.predicted, "person")))
	end
	if not f.pooled then
		return verdict("ok", "not in the tables",
			"The rule has no table about a single evaluator: nothing is said here.")
	end
	return nil
end

-- ---- the project: what is said of the audit; nothing here notifies ----

local NOTICE_DAYS = 10 -- business days before use

local LAST_DAY = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

-- The day so many months later; where the month is too short, its last day.
local function months_on(day, months)
	local at = tonumber(day:sub(1, 4)) * 12 + tonumber(day:sub(6, 7)) - 1 + months
	local year, month = at // 12, at % 12 + 1
	local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
	local last = month == 2 and leap and 29 or LAST_DAY[month]
	return format("%04d-%02d-%02d", year, month, math.min(tonumber(day:sub(9, 10)), last))
end

local function about(subject, kind, rule, text)
	return { subject = subject, verdict = kind, rule = rule, reason = text }
end

local function about_audit(said, as_of)
	if said.audit_date == nil then
		return about("audit", "watch", "no audit declared",
			"No bias audit is declared (evenhand policy declare audit_date).")
	end
	if months_on(said.audit_date, 12) < as_of then
		return about("audit", "watch", "audit older than a year",
			format("The bias audit is of %s: older than one year.", said.audit_date))
	end
	return about("audit", "ok", "audit of the last year", format("The bias audit is of %s.", said.audit_date))
end

local function about_auditor(said)
	if said.auditor == nil or said.auditor_independent ~= "yes" then
		return about("auditor", "watch", "working paper", "Working paper, not an independent bias audit: no "
			.. "auditor is declared who took no part in use, development or distribution of the tool.")
	end
	return about("auditor", "ok", "auditor declared", format("Auditor, declared independent: %s.", said.auditor))
end

local function about_notice(said)
	local days = tonumber(said.notice_days_before_use)
	if days == nil or days < NOTICE_DAYS then
		return about("notice", "watch", "notice before use",
			format("Candidates are told %s business days before use (declared); the pack asks for %d.",
			days ~= nil and format("%d", days) or "no number of", NOTICE_DAYS))
	end
	return about("notice", "ok", "notice before use", format("Candidates are told %d business days before use.",
		days))
end

local function about_posting(said, as_of)
	if said.audit_posted == nil or said.audit_posted > as_of then
		return about("posting", "watch", "summary not posted",
			"That the summary is posted is not declared (evenhand policy declare audit_posted).")
	end
	local last = said.last_use
	return about("posting", "ok", "summary posted", format("The summary is posted since %s: keep it until %s.",
		said.audit_posted, last ~= nil and months_on(last, 6) or "six months after the last use"))
end

-- What the head of the summary has to say, and that the tool decides about nobody.
local function about_texts(said)
	local missing = {}
	for _, key in ipairs({ "aedt_role", "data_explanation", "data_source", "tool_distribution_date" }) do
		if said[key] == nil then
			missing[#missing + 1] = key
		end
	end
	if #missing > 0 then
		return about("summary", "watch", "head of the summary",
			format("The head of the summary lacks %s (evenhand policy declare).", evenhand.list(missing)))
	end
	return about("summary", "ok", "head of the summary", format("Source of the data: %s. Role of the tool: %s.",
		said.data_source, said.aedt_role))
end

local function compute(project)
	if project == nil then
		return nil
	end
	local said, as_of = project.declarations, project.as_of
	return {
		about_audit(said, as_of), about_auditor(said), about_notice(said), about_posting(said, as_of),
		about_texts(said),
	}
end

return {
	LINE = LINE, classes_text = classes_text, compute = compute, outside = outside, small_text = small_text,
	verdict = verdict,
}
