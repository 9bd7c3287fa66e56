--- reference_line: what an audit finds beside a line that is no pass mark, as a remark.
-- A shipped library (evenhand-policy(5), LIBRARIES) of california_4y and colorado_2027.  Sex and age may be inferred,
-- everything else is of known class: its remarks say how many are declared and how many imported.

local format = string.format
local count = evenhand.count

local MAY_BE_INFERRED = { sex = true, age = true, age_40 = true, age_band = true }

local function verdict(kind, rule, reason)
	return { verdict = kind, rule = rule, reason = reason }
end

-- The attribute, or of a pair of them the half, that may not be inferred; or nil.
local function known_only(attribute)
	for half in (attribute .. " x "):gmatch("(.-) x ") do
		if not MAY_BE_INFERRED[half] then
			return half
		end
	end
	return nil
end

local function refused(f)
	local half = known_only(f.attribute)
	if half == nil or f.provenance.predicted == 0 then
		return nil
	end
	return verdict("not_allowed", "inferred classes", format("The class of %s was inferred: this pack takes no "
		.. "inferred %s.", count(f.provenance.predicted, "person"), half))
end

-- Where predicted classes were refused, the guard says more than that there are few known ones.
local function few(f, reason)
	if f.em.guard ~= "" then
		return verdict("cannot_conclude", "guard of predicted classes",
			format("%s: %s. Of known class alone: %s", f.group, f.em.guard, reason))
	end
	return verdict("too_few", "minimum of persons", reason)
end

--- check() of such a policy.  words: below (rule of a remark), beside (put behind its reason; may be ""), fine (rule
-- of the others).
local function check(f, words)
	if f.is_reference then
		return verdict("ok", "reference group", "The others are compared with this group.")
	end
	local no = refused(f)
	if no ~= nil then
		return no
	end
	if f.basis == "known" and (f.persons < f.min_group or f.ref_persons < f.min_group
		or f.persons + f.ref_persons < f.min_total) then
		return few(f, format("%s: %s of %s and %d of %s; at least %d of each and %d in all are needed.",
			evenhand.subject_text(f), count(f.persons, "person"), f.group, f.ref_persons,
			evenhand.reference_text(f), f.min_group, f.min_total))
	end
	if f.ratio == nil or f.ratio_below == nil then
		return verdict("cannot_conclude", "ratio not defined", format("%s: the ratio is not defined (%s).",
			f.group, f.why.ratio or "not decidable at the limit"))
	end
	local limit = { num = f.limit.num, den = f.limit.den }
	local text = format("%s: %s against %s, %s %s, corrected p %s (%s, %s)", evenhand.subject_text(f), f.group,
		evenhand.reference_text(f), f.basis == "screening" and "estimated ratio" or "ratio",
		evenhand.ratio_text(f.ratio, limit), evenhand.p_text(f.q), f.family.method,
		count(f.family.size, "test"))
	local classes = known_only(f.attribute) ~= nil and " " .. evenhand.provenance_text(f) or ""
	if f.ratio_below and f.q ~= nil and f.q < f.alpha then
		return verdict("watch", words.below, format("%s: below the reference line %s.%s%s", text,
			evenhand.limit_text(limit), words.beside, classes))
	end
	return verdict("ok", words.fine, format("%s.%s", text, classes))
end

return { check = check }
