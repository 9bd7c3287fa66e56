--- A policy with summarise for the bench: the default verdict of a finding, and then a look at all of them together.

local function check(f)
	if f.is_reference then
		return { verdict = "ok", rule = "reference", reason = "This is the reference group." }
	end
	if f.ratio == nil then
		return "cannot_conclude"
	end
	local text = string.format("%s: ratio of %s %s, corrected p %s", evenhand.subject_text(f), f.group,
		evenhand.ratio_text(f.ratio, f.limit), evenhand.p_text(f.q))
	return { verdict = f.ratio_below and "watch" or "ok", rule = "ratio", reason = text }
end

-- Of each evaluator the lowest of the ratios below the limit is said to be so.
local function summarise(findings)
	local lowest, changes = {}, {}
	for i, f in ipairs(findings) do
		local before = lowest[f.evaluator]
		if f.verdict == "watch" and (before == nil or f.ratio < findings[before].ratio) then
			lowest[f.evaluator] = i
		end
	end
	for _, i in pairs(lowest) do
		local f = findings[i]
		local reason = f.reason .. "; the lowest of this evaluator"
		changes[i] = { verdict = "watch", rule = "lowest", reason = reason }
	end
	return changes
end

return {
	name = "summarise",
	api = 1,
	version = "1.0",
	limit = { 4, 5 },
	reference = "rest",
	check = check,
	summarise = summarise,
}
