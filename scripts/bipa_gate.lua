--- bipa_gate: is the Illinois biometric gate in order? (BIPA, 740 ILCS 14, with PA 103-0769; facts/law.md 4)
-- A complete written release before face or voice is measured (the program's own gate asks the same), a public written
-- retention policy with purpose and term, and vectors destroyed when the purpose is met or 3 years after the last
-- interaction, whichever comes first.  It judges how the project is run, not groups; where a release is missing, no
-- finding that rests on inferred classes is allowed.  Vectors are never exported: the program has no way to.

local format = string.format
local count = evenhand.count
local places = evenhand.library("places")

local YEARS = 3
local HERE = "US-IL"

local function release_missing()
	local place = evenhand.project ~= nil and places.of(evenhand.project, HERE) or nil
	return place ~= nil and place.release_missing or 0
end

local function check(f)
	local missing = release_missing()
	return places.check(f, missing, "release missing", format("%s measured in Illinois without a complete release: "
		.. "no finding may rest on inferred classes.", count(missing, "candidate")),
		"This policy looks at releases and terms, not at groups: see its findings about the project.")
end

local function notify(subject, rule, text)
	return { subject = subject, verdict = "notify", rule = rule,
		reason = format("Potential violation of policy bipa_gate: %s", text) }
end

local function fine(subject, rule, text)
	return { subject = subject, verdict = "ok", rule = rule, reason = text }
end

local function years_back(day, years)
	return format("%04d%s", tonumber(day:sub(1, 4)) - years, day:sub(5))
end

local function about_release(place)
	if place.release_missing > 0 then
		return notify("release", "release missing", format("%s of %d measured in Illinois without a complete "
			.. "written release.", count(place.release_missing, "candidate"), place.measured))
	end
	return fine("release", "releases complete", format("%s measured in Illinois, each with a complete release.",
		count(place.measured, "candidate")))
end

local function about_policy(project)
	local since = project.declarations.data_policy_published
	if since == nil or since > project.as_of then
		return notify("policy", "no published policy", "a public written retention policy is not declared "
			.. "(evenhand policy declare data_policy_published).")
	end
	if project.declarations.retention_term_days == nil then
		return notify("policy", "no term", "the term of the biometric data is not declared (evenhand policy "
			.. "declare retention_term_days).")
	end
	return fine("policy", "policy declared", format("A written retention policy is public since %s, with a term of "
		.. "%s days.", since, project.declarations.retention_term_days))
end

-- The oldest vector of all places: the program keeps no day of the last interaction, so that the day of measuring
-- stands for it, which is never later.
local function about_term(project)
	local vectors = project.data.vectors
	if vectors.n == 0 or vectors.oldest == nil then
		return fine("term", "no vectors", "No feature vectors are kept.")
	end
	local text = format("%s kept, the oldest of %s", count(vectors.n, "feature vector"), vectors.oldest)
	local met = project.declarations.purpose_satisfied
	if met ~= nil and met <= project.as_of then
		return notify("term", "purpose satisfied",
			format("%s, and the purpose is satisfied since %s. Destroy them.", text, met))
	end
	if vectors.oldest < years_back(project.as_of, YEARS) then
		return notify("term", "older than 3 years",
			format("%s: more than %d years. Destroy what has passed its term.", text, YEARS))
	end
	return fine("term", "within 3 years", format("%s: within %d years of it.", text, YEARS))
end

local function findings(project, place)
	local own = { about_release(place) }
	if place.measured > 0 then
		own[#own + 1] = about_policy(project)
		own[#own + 1] = about_term(project)
	end
	return own
end

local function compute(project)
	return places.compute(project, HERE, "Illinois", findings)
end

return {
	name = "bipa_gate",
	api = 1,
	version = "1.0",
	author = "Evenhand",
	pack = {
		name = "Illinois BIPA",
		source = "740 ILCS 14, PA 103-0769",
		from = "unknown",
		note = "In force; its first day is not known here: check the Act. That relative spacing of features is "
			.. "a scan of face geometry is a reading, not a ruling.",
	},
	limit = { 4, 5 },
	min_group = 1,
	min_total = 1,
	family = "none",
	needs = { "provenance" },
	check = check,
	compute = compute,
}
