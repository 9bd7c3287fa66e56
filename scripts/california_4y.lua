--- california_4y: four years of records, recent testing and a recorded response (2 CCR 11008 and following).
-- Anti-bias testing counts by quality, scope, recency, results and response: a test older than 12 months is remarked,
-- and so is a result that nobody answered.  What an audit finds below the limit is a result to answer, never a
-- violation by itself: the pack knows no pass mark.  Sex and age may be inferred, nothing else.
-- Decision data are kept four years; what is taken away by a request leaves its aggregate behind.

local format = string.format
local line, places = evenhand.library("reference_line"), evenhand.library("places")
local count = evenhand.count

local HERE, KEEP_YEARS, TEST_MONTHS = "US-CA", 4, 12

local WORDS = {
	below = "result to answer",
	beside = " A result to answer: record what was done.",
	fine = "test result",
}

local function check(f)
	return line.check(f, WORDS)
end

-- ---- the project ----

local function months_back(day, months)
	local at = tonumber(day:sub(1, 4)) * 12 + tonumber(day:sub(6, 7)) - 1 - months
	return format("%04d-%02d%s", at // 12, at % 12 + 1, day:sub(8))
end

-- 29 February four years later is there again, but in 2100.
local function years_on(day, years)
	return format("%04d%s", tonumber(day:sub(1, 4)) + years, day:sub(5))
end

local function about(subject, kind, rule, text)
	return { subject = subject, verdict = kind, rule = rule, reason = text }
end

local function about_test(project)
	local day = project.declarations.test_date
	if day == nil then
		return about("test", "watch", "no test declared",
			"No anti-bias test is declared (evenhand policy declare test_date).")
	end
	if day < months_back(project.as_of, TEST_MONTHS) then
		return about("test", "watch", "test older than 12 months",
			format("The last anti-bias test is of %s: older than %d months.", day, TEST_MONTHS))
	end
	return about("test", "ok", "test of the last 12 months", format("The last anti-bias test is of %s.", day))
end

local function about_response(project)
	local n, since = project.notifications, project.declarations.response_recorded
	if since == nil or since > project.as_of then
		return about("response", "watch", "no response declared", "That the response to results is recorded is "
			.. "not declared (evenhand policy declare response_recorded).")
	end
	if n.pending > 0 then
		return about("response", "watch", "results without an answer", format("%s without an answer, the "
			.. "oldest for %s.", count(n.pending, "notification"), count(n.oldest_pending_days, "day")))
	end
	return about("response", "ok", "answered",
		format("Responses are recorded since %s; no notification is without one.", since))
end

local function about_models(project)
	local old = {}
	for _, model in ipairs(project.models) do
		if model.stale or model.trained == nil or model.trained < months_back(project.as_of, TEST_MONTHS) then
			old[#old + 1] = format("%s (%s)", model.attribute, model.stale and "stale" or model.trained
				or "no day")
		end
	end
	if #old > 0 then
		return about("models", "watch", "classifier older than 12 months", format("Trained and tested more "
			.. "than %d months ago, or stale: %s.", TEST_MONTHS, evenhand.list(old)))
	end
	return about("models", "ok", "classifiers", format("%s, none older than %d months.",
		count(#project.models, "classifier"), TEST_MONTHS))
end

local function about_hold(project)
	local held = {}
	for _, kind in ipairs({ "evaluations", "notifications" }) do
		local d = project.data[kind]
		if d.n > 0 and d.oldest ~= nil then
			held[#held + 1] = format("%s from %s until %s", kind, d.oldest, years_on(d.oldest, KEEP_YEARS))
		end
	end
	return about("hold", "ok", "kept four years", format("Keep decision data %d years: %s.", KEEP_YEARS,
		#held > 0 and "the oldest " .. evenhand.list(held) or "there are none with a day yet"))
end

local function findings(project)
	return { about_hold(project), about_test(project), about_response(project), about_models(project) }
end

local function compute(project)
	return places.compute(project, HERE, "California", findings)
end

return {
	name = "california_4y",
	api = 1,
	version = "1.1",
	author = "Evenhand",
	pack = {
		name = "California automated-decision systems",
		source = "2 CCR 11008 ff.",
		from = "2025-10-01",
		note = "Rules of the CPPA on automated decisions are not in it: write a policy of your own for them.",
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
