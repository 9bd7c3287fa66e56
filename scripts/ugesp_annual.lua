--- ugesp_annual: the yearly adverse-impact determination of the Uniform Guidelines (29 CFR 1607.4 and 1607.15).
-- By sex and race as declared: every job, every stage of it and the bottom line (1607.4C; Connecticut v. Teal, 457 U.S.
-- 440: a bottom line that looks even is no answer for a stage that does not).  Ratio to the group with the highest
-- rate, by integers; a smaller difference counts when it is significant, a larger one may not where numbers are small
-- (1607.4D).  Groups below 2 % are listed and not compared (1607.15, as the pack has it; check the rule's text).

local format = string.format
local stages = evenhand.library("stages")
local p_text, ratio_text, side_text = evenhand.p_text, evenhand.ratio_text, stages.side_text

local seen, alpha, limit = {}, 0.05, { num = 4, den = 5 }

local function supported(m, q)
	return m.beyond and q ~= nil and q < alpha
end

-- What 1607.4D and question 21 of the Questions and Answers say beside the ratio.
local function remarks(m, q, size, effects)
	local text = format("; shortfall %s; %s, corrected by Holm for %s p %s", effects.shortfall
		and format("%.1f", effects.shortfall) or "undefined", m.text or "no test", evenhand.count(size, "test"),
		p_text(q))
	if effects.flips then
		text = text .. "; small numbers: one different person would turn it round"
	end
	return text
end

-- c: selected, n, ref_selected, ref_n, group, reference, where (text); m of measure(); q in its family of size tests.
local function judge(c, m, q, size)
	local below, why = evenhand.below(c.selected, c.n, c.ref_selected, c.ref_n, limit)
	if below == nil then
		return "cannot_conclude", "ratio not defined", format("%s: %s against %s: there is no ratio (%s).",
			c.where, c.group, c.reference, why)
	end
	local effects = evenhand.effects(c.selected, c.n, c.ref_selected, c.ref_n)
	local bound = evenhand.limit_text(limit)
	local text = format("%s: %s, %s, ratio %s", c.where, side_text(c.selected, c.n, c.group),
		side_text(c.ref_selected, c.ref_n, c.reference),
		ratio_text(evenhand.impact_ratio(c.selected, c.n, c.ref_selected, c.ref_n), limit))
	local more = m.p ~= nil and remarks(m, q, size, effects) or format("; no test (%s)", m.why or "empty_group")
	local lower = c.selected * c.ref_n < c.ref_selected * c.n
	if below and supported(m, q) and not effects.flips then
		return "notify", "below 4/5 and significant",
			format("Potential violation of policy ugesp_annual: %s, below %s%s.", text, bound, more)
	end
	if below then
		return "watch", "below 4/5, evidence missing", format("%s, below %s%s. Look at a longer period (as the "
			.. "pack has it; check the rule's text).", text, bound, more)
	end
	if lower and supported(m, q) then
		return "watch", "not below 4/5, yet significant", format("%s, not below %s%s. A smaller difference "
			.. "counts when it is significant and of practical weight.", text, bound, more)
	end
	return "ok", "not below 4/5", format("%s, not below %s%s.", text, bound, more)
end

local function check(f)
	if not seen[f.attribute] then
		seen[f.attribute], alpha = true, f.alpha
		limit = { num = f.limit.num, den = f.limit.den }
	end
	if not f.pooled then
		return {
			verdict = "cannot_conclude",
			rule = "not about evaluators",
			reason = "The determination is about jobs and their stages, not about single evaluators.",
		}
	end
	if f.is_reference then
		return { verdict = "ok", rule = "reference group", reason = "This group has the highest rate." }
	end
	if f.below_two_percent then
		return {
			verdict = "too_few",
			rule = "below 2 % (1607.15)",
			reason = format("%s: %d of %d selected; less than %g %% of the persons: listed, not compared.",
				f.group, f.selected, f.n, f.min_share * 100),
		}
	end
	return stages.judge_facts(f, judge)
end

-- Why the data are kept, and from where the shares of the 2 % rule are; terms as the pack has them.
local function about_records(project)
	local missing = {}
	for _, key in ipairs({ "eeo_basis", "labor_force_share" }) do
		if project.declarations[key] == nil then
			missing[#missing + 1] = key
		end
	end
	local text = "Keep the records of this determination until 2 years after the impact ended, others 1 year, "
		.. "longer once a charge is filed (as the pack has it; check the rule's text)."
	if #missing > 0 then
		text = format("Not declared: %s (evenhand policy declare); the shares here are those of the persons "
			.. "judged. %s", evenhand.list(missing), text)
	end
	return { subject = "records", verdict = #missing > 0 and "watch" or "ok", rule = "records", reason = text }
end

local function compute(project)
	local own = stages.findings(seen, judge)
	seen = {}
	if project ~= nil and #own < 10000 then
		own[#own + 1] = about_records(project)
	end
	return own
end

return {
	name = "ugesp_annual",
	api = 1,
	version = "1.1",
	author = "Evenhand",
	pack = {
		name = "UGESP",
		source = "29 CFR 1607",
		from = "1978",
		note = "The rescission of UGESP was on the agenda of the EEOC in July 2026 (RIN 3046-AB43): look "
			.. "whether it was published, and give the pack its last day.",
	},
	attributes = { "sex", "race" },
	limit = { 4, 5 },
	reference = "highest",
	min_group = 1,
	min_total = 1,
	min_share = 0.02,
	alpha = 0.05,
	family = "holm",
	provenance = "declared",
	ratio = "plain",
	needs = {
		"n", "selected", "ref_n", "ref_selected", "persons", "ref_persons",
		"below_two_percent", "p", "p_method",
		"q", "family", "alpha", "limit", "min_share", "provenance", "why",
	},
	check = check,
	compute = compute,
}
