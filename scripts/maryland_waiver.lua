--- maryland_waiver: was a face measured in Maryland without the signed waiver? (L&E 3-717; facts/law.md 4)
-- The waiver has four fields: the applicant's name, the day of the interview, the consent to facial recognition in the
-- interview, and whether the waiver was read.  All four must be there before anything is measured; the program's own
-- gate asks the same.  It judges how the project is run, not groups; where a waiver is missing, no finding that rests
-- on inferred classes is allowed.

local format = string.format
local count = evenhand.count
local places = evenhand.library("places")

local HERE = "US-MD"

local function check(f)
	local place = evenhand.project ~= nil and places.of(evenhand.project, HERE) or nil
	local missing = place ~= nil and place.waiver_missing or 0
	return places.check(f, missing, "waiver missing", format("%s measured in Maryland without a complete waiver: "
		.. "no finding may rest on inferred classes.", count(missing, "candidate")),
		"This policy looks at waivers, not at groups: see its finding about the project.")
end

local function findings(_, place)
	if place.waiver_missing == 0 then
		return {
			{
				subject = "waiver",
				verdict = "ok",
				rule = "waivers complete",
				reason = format("%s measured in Maryland, each with all four fields of the waiver.",
					count(place.measured, "candidate")),
			},
		}
	end
	return {
		{
			subject = "waiver",
			verdict = "notify",
			rule = "waiver missing",
			reason = format("Potential violation of policy maryland_waiver: %s of %d measured in Maryland "
				.. "without all four fields of the waiver.", count(place.waiver_missing, "candidate"),
				place.measured),
		},
	}
end

local function compute(project)
	return places.compute(project, HERE, "Maryland", findings)
end

return {
	name = "maryland_waiver",
	api = 1,
	version = "1.0",
	author = "Evenhand",
	pack = {
		name = "Maryland facial recognition waiver",
		source = "Md. Code, Labor and Employment 3-717",
		from = "unknown",
		note = "In force; its first day is not known here: check the rule's text.",
	},
	limit = { 4, 5 },
	min_group = 1,
	min_total = 1,
	family = "none",
	needs = { "provenance" },
	check = check,
	compute = compute,
}
