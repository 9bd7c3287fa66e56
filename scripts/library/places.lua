--- places: the jurisdictions of a project, by code.
-- A shipped library (evenhand-policy(5), LIBRARIES) of the policies that are about one place.

-- Of the project's jurisdictions the one with that code, or nil.
local function of(project, code)
	for _, place in ipairs(project.jurisdictions) do
		if place.code == code then
			return place
		end
	end
	return nil
end

-- The finding about a project where nobody is: it says so and nothing else.
local function nobody(name)
	return {
		{ subject = "scope", verdict = "ok", rule = "nobody here",
			reason = "No candidate is in " .. name .. "." },
	}
end

--- compute() of such a policy: findings(project, place) where there are candidates, else that nobody is there.
local function compute(project, code, name, findings)
	local place = project ~= nil and of(project, code) or nil
	if project == nil then
		return nil
	end
	if place == nil or place.candidates == 0 then
		return nobody(name)
	end
	return findings(project, place)
end

--- check() of a policy that is not about groups: missing is how many were measured without what rule asks for.
local function check(f, missing, rule, refusal, looks_at)
	if missing > 0 and f.provenance.predicted > 0 then
		return { verdict = "not_allowed", rule = rule, reason = refusal }
	end
	return { verdict = "cannot_conclude", rule = "not about groups", reason = looks_at }
end

return { check = check, compute = compute, of = of }
