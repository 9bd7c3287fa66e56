--- benchmark_gap: an own policy, as an example for evenhand-policy(5).
-- Looks at one thing: how far an evaluator's ratio lies below that of the second set of evaluators (the modelled
-- outcome). One wide gap is a remark; two wide gaps of the same evaluator become a notification in summarise().

local GAP = 0.20

local function gap_text(f)
	return string.format("%s on %s: ratio %s, the second set of %s %s", evenhand.subject_text(f), f.group,
		evenhand.ratio_text(f.ratio), evenhand.count(f.benchmark.evaluators, "evaluator"),
		evenhand.ratio_text(f.benchmark.impact_ratio))
end

local function check(f)
	if f.pooled or f.is_reference then
		return { verdict = "ok", reason = "Only single evaluators are compared with the second set." }
	end
	if f.persons < f.min_group or f.ref_persons < f.min_group then
		return {
			verdict = "too_few",
			reason = string.format("%s and %d; at least %d each are needed.",
				evenhand.count(f.persons, "person"),
				f.ref_persons, f.min_group),
		}
	end
	if f.benchmark.deviation == nil then
		return { verdict = "cannot_conclude", reason = "There is no second set of evaluators to compare with." }
	end
	if f.benchmark.deviation < -GAP then
		return { verdict = "watch", reason = gap_text(f) .. ": the gap is wider than " .. GAP .. "." }
	end
	return { verdict = "ok", reason = gap_text(f) .. "." }
end

local function summarise(findings)
	local watched, changes = {}, {}
	for _, f in ipairs(findings) do
		if f.verdict == "watch" then
			watched[f.evaluator] = (watched[f.evaluator] or 0) + 1
		end
	end
	for place, f in ipairs(findings) do
		if f.verdict == "watch" and watched[f.evaluator] >= 2 then
			local reason = f.reason .. " It is not the only one."
			changes[place] = { verdict = "notify", scope = "individual", reason = reason }
		end
	end
	return changes
end

return {
	name = "benchmark_gap",
	api = 1,
	version = "1.0",
	min_group = 10,
	needs = { "ratio", "benchmark", "persons", "ref_persons", "min_group" },
	check = check,
	summarise = summarise,
}
