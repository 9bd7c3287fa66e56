--- illinois_aivia: notice, consent, deletion, yearly counts of the Illinois AI Video Interview Act (820 ILCS 42).
-- Before the interview people are told that AI may analyse the video, how it works and what it looks at, and consent;
-- videos go only to people whose expertise is needed; on request they are deleted within 30 days, copies held by others
-- included.  Section 20: where AI alone decides who is seen in person, race and ethnicity (never inferred) of those who
-- were and were not, for the 12 months to 30 November, reported by 31 December.  It judges how the project is run, not
-- groups.  ZIP and postcode columns are refused at import by the program itself.

local format = string.format
local count = evenhand.count
local places = evenhand.library("places")

local HERE, DELETE_DAYS = "US-IL", 30
local RACE = { race = true, ethnicity = true }

local seen = {} -- of these what the data have, and where its classes come from

local function check(f)
	if RACE[f.attribute] and f.pooled and f.position == "" then
		seen[f.attribute] = evenhand.provenance_text(f)
	end
	return {
		verdict = "cannot_conclude",
		rule = "not about groups",
		reason = "This policy looks at notices, consents and terms, not at groups: see its findings about "
			.. "the project.",
	}
end

local function about(subject, verdict, rule, text)
	if verdict == "notify" then
		text = "Potential violation of policy illinois_aivia: " .. text
	end
	return { subject = subject, verdict = verdict, rule = rule, reason = text }
end

local function about_notice(project)
	local missing = {}
	for _, key in ipairs({ "ai_notice", "how_it_works_notice", "sharing_limited" }) do
		local since = project.declarations[key]
		if since == nil or since > project.as_of then
			missing[#missing + 1] = key
		end
	end
	if #missing > 0 then
		return about("notice", "notify", "notice not declared", format("%s not declared for the day of this "
			.. "run (evenhand policy declare).", evenhand.list(missing)))
	end
	return about("notice", "ok", "notice declared", "Notices and limited sharing are declared.")
end

-- Consent for `watch` is the consent to the analysis of the video.
local function about_consent(place)
	local c = place.consent.watch
	local granted = c ~= nil and c.granted or 0
	local text = format("%s in Illinois, %d with recordings or more measured, %d with consent to the analysis in "
		.. "force", count(place.candidates, "candidate"), place.measured, granted)
	if place.measured > granted then
		return about("consent", "notify", "measured without consent", text
			.. format(": %d at the least measured without.", place.measured - granted))
	end
	if granted < place.candidates and place.recordings > 0 then
		return about("consent", "watch", "consent missing", text
			.. ": the others' videos must not be analysed.")
	end
	return about("consent", "ok", "consents there", text .. ".")
end

local function about_deletion(place)
	local c = place.consent.watch
	local withdrawn = c ~= nil and c.withdrawn or 0
	if withdrawn > 0 and place.recordings > 0 then
		return about("deletion", "watch", "30 days", format("%s withdrawn or refused, and %s known "
			.. "in Illinois: a video asked for is deleted within %d days of the request, at whoever has a "
			.. "copy.", count(withdrawn, "consent"), count(place.recordings, "recording"), DELETE_DAYS))
	end
	return about("deletion", "ok", "nothing withdrawn", "No consent to the analysis is withdrawn.")
end

-- The 12 months to the last 30 November: first and last month.
local function report_months(as_of)
	local year = tonumber(as_of:sub(1, 4))
	if as_of < format("%04d-11-30", year) then
		year = year - 1
	end
	return format("%04d-12", year - 1), format("%04d-11", year)
end

-- Decisions on candidates in Illinois in the months of the report by group: "black 12 of 30".
local function counts_text(attribute, first, last)
	local groups, at, untimed = {}, {}, 0
	for _, row in ipairs(evenhand.counts({ by = { "period" }, class = attribute,
		where = { jurisdiction = HERE } })) do
		local name = row.group or "of no known class"
		if row.period == "" then
			untimed = untimed + row.n
		elseif row.period >= first and row.period <= last then
			if at[name] == nil then
				at[name] = { name = name, n = 0, selected = 0 }
				groups[#groups + 1] = at[name]
			end
			at[name].n, at[name].selected = at[name].n + row.n, at[name].selected + row.selected
		end
	end
	table.sort(groups, function(a, b)
		return a.name < b.name
	end)
	for i, g in ipairs(groups) do
		groups[i] = format("%s %d of %d", g.name, g.selected, g.n)
	end
	local text = #groups > 0 and evenhand.list(groups) or "no decision in these months"
	return untimed > 0 and format("%s; %s without a day", text, count(untimed, "decision")) or text
end

local function report_text(project, attribute)
	local first, last = report_months(project.as_of)
	-- a table whose decisions carry no days cannot be counted by month
	local dated, text = pcall(counts_text, attribute, first, last)
	if not dated then
		return "the decisions carry no days: no months can be counted"
	end
	return format("%s, advanced, %s to %s: %s", attribute, first, last, text)
end

local function about_report(project, attribute, classes)
	local text = format("%s (candidates in Illinois). Of the whole project: %s",
		report_text(project, attribute), classes)
	if project.as_of:sub(6, 7) == "12" then
		return about("report." .. attribute, "watch", "report due",
			format("Section 20 report due by %s-12-31. %s", project.as_of:sub(1, 4), text))
	end
	return about("report." .. attribute, "ok", "section 20 counts", "Section 20: " .. text)
end

local function findings(project, place)
	local own = { about_notice(project), about_consent(place), about_deletion(place) }
	local alone = project.declarations.aivia_ai_alone
	if alone == nil then
		own[#own + 1] = about("report", "watch", "not declared",
			"Whether AI alone decides who is seen in person is not declared (evenhand policy declare "
			.. "aivia_ai_alone yes|no): section 20 hangs on it.")
	elseif alone == "no" then
		own[#own + 1] = about("report", "ok", "section 20 does not ask",
			"AI alone decides about nobody: declared.")
	else
		for attribute, classes in pairs(seen) do
			own[#own + 1] = about_report(project, attribute, classes)
		end
	end
	seen = {}
	return own
end

local function compute(project)
	return places.compute(project, HERE, "Illinois", findings)
end

return {
	name = "illinois_aivia",
	api = 1,
	version = "1.1",
	author = "Evenhand",
	pack = {
		name = "Illinois AI Video Interview Act",
		source = "820 ILCS 42",
		from = "unknown",
		note = "In force, with section 20; the first days of both are not known here. That the deletion "
			.. "reaches backups is as the pack has it; check the Act.",
	},
	limit = { 4, 5 },
	min_group = 1,
	min_total = 1,
	family = "none",
	provenance = "declared",
	check = check,
	compute = compute,
}
