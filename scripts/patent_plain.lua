--- patent_plain: the bare rule of the patent (US 10,685,329 B2): a ratio below the limit, and nothing else.
-- No minimum of persons, no test, no correction, no look at what one person changes.  At 20 decisions per group
-- such a rule speaks of 46 to 78 in 100 evaluators who treat all alike (facts/law.md 1): it is there to compare with,
-- it is never the default, and what it says is a reason to look with evaluator_screen.

local format = string.format
local ratio_text, limit_text = evenhand.ratio_text, evenhand.limit_text

local BARE = "Nothing else was asked: no minimum of persons, no test; where groups are small, most such findings are "
	.. "chance. See evaluator_screen."

local function sides_text(f)
	return format("%s: %d of %d %s selected, %s %d of %d", evenhand.subject_text(f), f.selected, f.n, f.group,
		evenhand.reference_text(f), f.ref_selected, f.ref_n)
end

local function check(f)
	if f.is_reference then
		return { verdict = "ok", rule = "reference group", reason = "The others are compared with this group." }
	end
	local below = f.ratio_below
	if below == nil then
		return {
			verdict = "cannot_conclude",
			rule = "ratio not defined",
			reason = format("%s; there is no ratio (%s).", sides_text(f), f.why.ratio
				or "not decidable at the limit"),
		}
	end
	local estimated = f.basis == "screening" and "estimated ratio " or "ratio "
	local text = format("%s; %s%s", sides_text(f), estimated, ratio_text(f.ratio, f.limit))
	if not below then
		return {
			verdict = "ok",
			rule = "not below the limit",
			reason = format("%s is not below %s.", text, limit_text(f.limit)),
		}
	end
	return {
		verdict = "notify",
		rule = "ratio below the limit",
		reason = format("Potential violation of policy patent_plain: %s is below %s. %s", text,
			limit_text(f.limit), BARE),
	}
end

return {
	name = "patent_plain",
	api = 1,
	version = "1.0",
	author = "Evenhand",
	limit = { 4, 5 },
	reference = "rest",
	min_group = 1,
	min_total = 1,
	min_share = 0,
	family = "none",
	needs = { "n", "selected", "ref_n", "ref_selected", "ratio", "ratio_below", "basis", "limit", "why" },
	check = check,
}
