--- uk_monitoring: equality monitoring in the United Kingdom (DPA 2018 Sch 1 para 8 as the pack has it; ICO guidance).
-- One inferred class and nothing is said; how many of the others are declared and how many imported from another record
-- stands with every result.  A basis and a way to opt out are declared first, no
-- cell below 10 persons is spoken of, and it never speaks of one person: monitoring is not for decisions about
-- somebody, so that evaluators are not judged.  It looks whether the review of notifications is a real one.

local format = string.format

local K = 10 -- persons in a cell that may be printed
local REVIEWS = 5 -- answered notifications from which on "all confirmed" is remarked

local function verdict(kind, rule, reason)
	return { verdict = kind, rule = rule, reason = reason }
end

local function declared(key)
	local project = evenhand.project
	return project ~= nil and project.declarations[key] or nil
end

local function refused(f)
	if f.provenance.predicted > 0 then
		return verdict("not_allowed", "inferred classes", format("The class of %s was inferred: this pack "
			.. "takes no inferred class.", evenhand.count(f.provenance.predicted, "person")))
	end
	if not f.pooled then
		return verdict("cannot_conclude", "not about one person",
			"Equality monitoring looks at a process, not at a person.")
	end
	local missing = {}
	for _, key in ipairs({ "sch1_condition", "opt_out" }) do
		if declared(key) == nil then
			missing[#missing + 1] = key
		end
	end
	if #missing > 0 then
		return verdict("not_allowed", "basis not declared",
			format("Declare %s first (evenhand policy declare).", evenhand.list(missing)))
	end
	return nil
end

local function check(f)
	local no = refused(f)
	if no ~= nil then
		return no
	end
	if f.is_reference then
		return verdict("ok", "reference group", "The others are compared with this group.")
	end
	if f.persons < K or f.ref_persons < K then
		return verdict("too_few", "cell below 10", format("%s against %s: a cell has fewer than %d persons; "
			.. "its numbers are not printed.", f.group, evenhand.reference_text(f), K))
	end
	if f.ratio == nil or f.ratio_below == nil then
		return verdict("cannot_conclude", "ratio not defined", format("%s: the ratio is not defined (%s).",
			f.group, f.why.ratio or "not decidable at the limit"))
	end
	local limit = { num = f.limit.num, den = f.limit.den }
	-- rates without their counts: with those the rest of the other groups would give a small cell away
	local text = format("%s: %s of %s, %s of %s, ratio %s, corrected p %s (%s, %s)", evenhand.subject_text(f),
		evenhand.percent(f.rate), f.group, evenhand.percent(f.ref_rate), evenhand.reference_text(f),
		evenhand.ratio_text(f.ratio, limit), evenhand.p_text(f.q), f.family.method,
		evenhand.count(f.family.size, "test"))
	if f.ratio_below and f.q ~= nil and f.q < f.alpha then
		return verdict("watch", "below the reference line", format("%s: below the reference line %s. %s", text,
			evenhand.limit_text(limit), evenhand.provenance_text(f, K)))
	end
	return verdict("ok", "nothing to remark",
		format("%s. %s", text, evenhand.provenance_text(f, K)))
end

local function about_declaration(project, key, what)
	local value = project.declarations[key]
	return {
		subject = key,
		verdict = value ~= nil and "ok" or "watch",
		rule = value ~= nil and "declared" or "not declared",
		reason = value ~= nil and format("%s: declared (%s).", what, value)
			or format("%s is not declared (evenhand policy declare %s).", what, key),
	}
end

-- A review that always agrees cannot be told from none (ICO, 31 March 2026).
local function about_review(project)
	local n = project.notifications
	local answered = n.confirmed + n.rejected
	local text = format("%s confirmed, %d rejected, %d pending", evenhand.count(n.confirmed,
		"notification"), n.rejected, n.pending)
	if answered >= REVIEWS and n.rejected == 0 then
		return {
			subject = "review",
			verdict = "watch",
			rule = "all confirmed",
			reason = text .. ": every one was confirmed. A review has to be able to change the outcome.",
		}
	end
	if project.declarations.human_review == nil then
		return {
			subject = "review",
			verdict = "watch",
			rule = "review not declared",
			reason = text .. ". That a person who can change the outcome reviews is not declared (evenhand "
				.. "policy declare human_review).",
		}
	end
	return { subject = "review", verdict = "ok", rule = "review", reason = text .. "." }
end

local function compute(project)
	if project == nil then
		return nil
	end
	local n = 0
	for _, place in ipairs(project.jurisdictions) do
		local country = place.code:sub(1, 2) -- GB-ENG is in GB
		n = n + ((country == "GB" or country == "UK") and place.candidates or 0)
	end
	if n == 0 then
		return {
			{ subject = "scope", verdict = "ok", rule = "nobody here",
				reason = "No candidate is in the United Kingdom." },
		}
	end
	return {
		about_declaration(project, "sch1_condition", "The basis of equality monitoring"),
		about_declaration(project, "opt_out", "The way to opt out"),
		about_review(project),
	}
end

return {
	name = "uk_monitoring",
	api = 1,
	version = "1.1",
	author = "Evenhand",
	pack = {
		name = "UK equality monitoring",
		source = "DPA 2018 Sch 1 para 8; ICO guidance",
		from = "unknown",
		note = "Paragraph as the pack has it, its first day is not known here; check the text of the Act and "
			.. "what the Data (Use and Access) Act 2025 changed.",
	},
	limit = { 4, 5 },
	reference = "rest",
	min_group = K,
	min_total = 30,
	alpha = 0.05,
	family = "holm",
	provenance = "declared_only",
	needs = {
		"persons", "ref_persons", "rate", "ref_rate", "ratio", "ratio_below",
		"q", "family", "provenance",
		"limit", "alpha", "why",
	},
	check = check,
	compute = compute,
}
