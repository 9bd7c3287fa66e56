-- What a policy's spec sees beside the sandbox: describe, it, assertions, and decisions made up for a case. The part of
-- busted and luassert that specs of policies use, under the same names. Run by `evenhand policy test` in the same
-- locked worker as a policy (lua/spec.c, which hands over `host`); described in evenhand-policy(5).

local host = ...
local protected = host.protected

-- ---- values as text, and compared ----

local function show(value, depth)
	depth = depth or 0
	if type(value) == "string" then
		return string.format("%q", value)
	elseif math.type(value) == "float" and value == value and tonumber(tostring(value)) ~= value then
		return string.format("%.17g", value) -- as many digits as tell it from its neighbours
	elseif type(value) ~= "table" then
		return tostring(value)
	elseif depth > 3 then
		return "{...}"
	end
	local parts, n = {}, #value
	for i = 1, n do
		parts[i] = show(value[i], depth + 1)
	end
	local ok, why = pcall(function()
		for key, inner in pairs(value) do
			if math.type(key) ~= "integer" or key < 1 or key > n then
				local name = type(key) == "string" and key or "[" .. show(key, depth + 1) .. "]"
				parts[#parts + 1] = name .. " = " .. show(inner, depth + 1)
			end
		end
	end)
	if not ok then
		parts[#parts + 1] = "(" .. why .. ")"
	end
	return "{ " .. table.concat(parts, ", ") .. " }"
end

local function same(a, b, depth)
	if type(a) ~= "table" or type(b) ~= "table" then
		return a == b
	elseif a == b then
		return true
	elseif depth > 50 then
		return false
	end
	for key, value in pairs(a) do
		if not same(value, b[key], depth + 1) then
			return false
		end
	end
	for key in pairs(b) do
		if a[key] == nil then
			return false
		end
	end
	return true
end

-- ---- assertions ----

local checks = {}

-- Raised as a table: the handler (lua/spec.c) puts file and line of the spec in front.
local function fail(text, own)
	error({ failed = own ~= nil and tostring(own) .. ": " .. text or text }, 0)
end

local function expected(what, actual)
	return "expected " .. what .. ", got " .. show(actual)
end

function checks.equal(a, b, own)
	return a == b, expected(show(a), b), own
end

function checks.same(a, b, own)
	return same(a, b, 0), expected("the same as " .. show(a), b), own
end

function checks.near(a, b, tolerance, own)
	local ok = type(a) == "number" and type(b) == "number" and a - b <= tolerance and b - a <= tolerance
	return ok, expected(show(a) .. " within " .. show(tolerance), b), own
end

function checks.is_true(value, own)
	return value == true, expected("true", value), own
end

function checks.is_false(value, own)
	return value == false, expected("false", value), own
end

function checks.is_nil(value, own)
	return value == nil, expected("nil", value), own
end

function checks.truthy(value, own)
	return not not value, expected("a true value", value), own
end

function checks.falsy(value, own)
	return not value, expected("nil or false", value), own
end

function checks.matches(pattern, value, own)
	local found = type(value) == "string" and value:find(pattern) ~= nil
	return found, expected("a text that matches " .. show(pattern), value), own
end

local function plain_error(message)
	return type(message) == "string" and (message:gsub("^.-:%d+: ", "", 1)) or message
end

function checks.has_error(f, message, own)
	local ok, raised = pcall(f)
	if ok then
		return false, "expected an error, there was none", own
	elseif message == nil then
		return true, "expected no error, got " .. show(raised), own
	end
	return same(plain_error(raised), message, 0), expected("the error " .. show(message), plain_error(raised)), own
end

function checks.error_matches(f, pattern, own)
	local ok, raised = pcall(f)
	if ok then
		return false, "expected an error, there was none", own
	end
	local text = type(raised) == "string" and raised or show(raised)
	return text:find(pattern) ~= nil, expected("an error that matches " .. show(pattern), text), own
end

for _, t in ipairs({ "number", "string", "table", "boolean", "function", "userdata" }) do
	checks["is_" .. t] = function(value, own)
		return type(value) == t, expected("a " .. t, value), own
	end
end

local aliases = {
	equals = "equal", are_equal = "equal", is_equal = "equal", are_same = "same", is_same = "same",
	is_truthy = "truthy", is_falsy = "falsy", is_near = "near", has_errors = "has_error", errors = "has_error",
	error = "has_error", match = "matches", has_match = "matches", error_match = "error_matches",
	["true"] = "is_true", ["false"] = "is_false", ["nil"] = "is_nil",
}
-- words of luassert that only make it read well
local particles = { is = true, are = true, has = true, does = true, was = true }
local negations = { is_not = true, are_not = true, has_no = true, no = true, ["not"] = true, does_not = true }

local function find_check(name)
	local negative = false
	if checks[name] == nil and aliases[name] == nil then
		for _, prefix in ipairs({ "is_not_", "are_not_", "has_no_", "does_not_", "not_", "no_" }) do
			if name:sub(1, #prefix) == prefix then
				local rest = name:sub(#prefix + 1)
				negative = true
				name = checks["is_" .. rest] ~= nil and "is_" .. rest or rest
				break
			end
		end
	end
	return checks[aliases[name] or name], negative
end

local function assertions(negated)
	return setmetatable({}, {
		__call = function(_, value, message, ...)
			if not value then
				fail(message ~= nil and tostring(message) or "assertion failed!")
			end
			return value, message, ...
		end,
		__index = function(_, name)
			if particles[name] then
				return assertions(negated)
			elseif negations[name] then
				return assertions(not negated)
			end
			local check, negative = find_check(name)
			if check == nil then
				error("there is no assert." .. tostring(name), 2)
			end
			return function(...)
				local ok, text, own = check(...)
				if negated ~= negative then
					ok, text = not ok, "expected not: " .. text
				end
				if not ok then
					fail(text, own)
				end
			end
		end,
	})
end

-- ---- cases ----

local root = { name = "", items = {}, before = {}, after = {}, setup = {}, teardown = {} }
local group = root

local function describe(name, body)
	local inner = {
		name = tostring(name), parent = group, items = {}, before = {}, after = {}, setup = {}, teardown = {},
	}
	group.items[#group.items + 1] = { group = inner }
	group = inner
	local ok, why = protected(body)
	group = inner.parent
	if not ok then
		inner.items[#inner.items + 1] = { name = "(describe)", broken = why }
	end
end

local function it(name, body)
	group.items[#group.items + 1] = { name = tostring(name), body = body }
end

local function pending(name)
	group.items[#group.items + 1] = { name = tostring(name) }
end

local function adder(list)
	return function(body)
		group[list][#group[list] + 1] = body
	end
end

-- ---- decisions of a case ----

local cells, project = {}, nil

local function forget()
	cells, project = {}, nil
end

local function copy(t)
	local new = {}
	for key, value in pairs(t) do
		new[key] = value
	end
	return new
end

local POOL = 10 -- evaluators that facts.pooled() spreads its decisions on: what is in it is about none of them

local builder = {}
builder.__index = builder

local function put(self, cell, n, selected)
	cell.position, cell.stage, cell.question = self.at.position, self.at.stage, self.at.question
	cell.period, cell.jurisdiction = self.at.period, self.at.jurisdiction
	if self.evaluator ~= nil then
		cell.evaluator, cell.n, cell.selected = self.evaluator, n, selected
		cells[#cells + 1] = cell
		return self
	end
	for i = 1, POOL do
		local part = copy(cell)
		part.evaluator = string.format("P%02d", i)
		part.n, part.selected = (n + POOL - i) // POOL, (selected + POOL - i) // POOL
		if part.n > 0 then
			cells[#cells + 1] = part
		end
	end
	return self
end

local function counts(n, selected, level)
	if math.type(n) ~= "integer" or math.type(selected) ~= "integer" or n < 0 or selected < 0 or selected > n then
		error("a group has two integers, persons and how many of them advanced: :group(\"female\", 40, 12)",
			level + 1)
	end
end

-- class: the group's name, of the attribute in force, or a table such as {sex = "female", race = "black"}
function builder:group(class, n, selected)
	counts(n, selected, 2)
	if type(class) == "string" then
		class = { [self.at.attribute] = class }
	elseif type(class) ~= "table" then
		error("a group is a name or a table such as {sex = \"female\"}", 2)
	end
	return put(self, { class = class }, n, selected)
end

function builder:unknown(n, selected)
	counts(n, selected, 2)
	return put(self, { class = {} }, n, selected)
end

-- Persons whose class a model predicts: {female = 0.9, male = 0.1}
function builder:predicted(probability, n, selected)
	counts(n, selected, 2)
	probability = copy(probability)
	probability.attribute = self.at.attribute
	return put(self, { probability = probability }, n, selected)
end

for _, key in ipairs({ "attribute", "position", "stage", "question", "period", "jurisdiction" }) do
	builder[key] = function(self, value)
		self.at[key] = value
		return self
	end
end

local function new_builder(evaluator)
	local first = host.policy.attributes
	return setmetatable({ evaluator = evaluator, at = { attribute = first and first[1] or "sex" } }, builder)
end

local facts = {}

function facts.evaluator(id)
	if type(id) ~= "string" then
		error("facts.evaluator wants the evaluator's id: facts.evaluator(\"E1\")", 2)
	end
	return new_builder(id)
end

function facts.pooled()
	return new_builder(nil)
end

-- What compute(project) gets: the tables that are always there, and what the case says.
function facts.project(values)
	project = {
		as_of = "2026-01-01", jurisdictions = {}, declarations = {}, data = {}, models = {}, notifications = {},
		evaluators = 0, evaluators_notified = 0,
	}
	for key, value in pairs(values or {}) do
		project[key] = value
	end
	return project
end

-- ---- the policy on these decisions ----

local function place(result, f)
	local who
	if f.position ~= "" then
		result.positions[f.position] = result.positions[f.position] or {}
		who = result.positions[f.position]
	else
		local id = f.pooled and "pooled" or f.evaluator
		result[id] = result[id] or {}
		who = result[id]
	end
	who[f.attribute .. "." .. f.group] = f
	if who[f.group] == nil then
		who[f.group] = f
	end
end

local function looks_at(policy, attribute)
	if policy.attributes == nil or attribute:find(" x ", 1, true) then
		return true
	end
	for _, name in ipairs(policy.attributes) do
		if name == attribute then
			return true
		end
	end
	return false
end

local function ask(policy, fixture, list)
	for i, f in ipairs(list) do
		if looks_at(policy, f.attribute) then
			local ok, why = pcall(function()
				host.verdict(fixture, i, policy.check(f))
			end)
			if not ok then
				host.trouble(fixture, i, tostring(why))
			end
		end
	end
end

local function summarise(policy, fixture, list)
	if policy.summarise == nil then
		return
	end
	local changes = policy.summarise(list)
	for i, verdict in pairs(changes or {}) do
		host.verdict(fixture, i, verdict)
	end
end

local function run(policy, settings)
	policy = policy or host.policy
	local fixture, list, open = host.audit(cells, policy, settings)
	ask(policy, fixture, list)
	host.judged(fixture)
	local result = { all = open, positions = {}, own = {} }
	if policy.compute ~= nil then
		result.own = host.own(fixture, policy.compute(project or facts.project()))
	end
	summarise(policy, fixture, list)
	for _, f in ipairs(open) do
		place(result, f)
	end
	return setmetatable(result, {
		__index = function(_, key)
			error("the case has no evaluator " .. tostring(key)
				.. ": results are r.EVALUATOR.GROUP, r.pooled.GROUP, r.positions, r.own, r.all", 2)
		end,
	})
end

-- Facts as check() gets them: facts.evaluator("E1"):group(...):group(...):facts("female")
function builder:facts(wanted)
	local _, list = host.audit(cells, host.policy)
	for _, f in ipairs(list) do
		local mine = (self.evaluator == nil and f.pooled and f.position == "") or f.evaluator == self.evaluator
		if mine and f.attribute == self.at.attribute and (wanted == nil or f.group == wanted) then
			return f
		end
	end
	error("the case has no finding of " .. tostring(wanted), 2)
end

-- ---- running ----

local function full_name(item, of)
	local name = item.name
	while of ~= nil and of.name ~= "" do
		name, of = of.name .. ": " .. name, of.parent
	end
	return name
end

local function all(list)
	for _, body in ipairs(list) do
		local ok, why = protected(body)
		if not ok then
			return ok, why
		end
	end
	return true
end

local function hooks(of, list, outer_first)
	local chain = {}
	while of ~= nil do
		table.insert(chain, outer_first and 1 or #chain + 1, of)
		of = of.parent
	end
	for _, g in ipairs(chain) do
		local ok, why = all(g[list])
		if not ok then
			return ok, why
		end
	end
	return true
end

local function run_case(item, of)
	forget()
	if item.broken ~= nil then
		return host.report("error", full_name(item, of), item.broken.message)
	elseif item.body == nil then
		return host.report("pending", full_name(item, of), "")
	end
	local ok, why = hooks(of, "before", true)
	if ok then
		ok, why = protected(item.body)
	end
	local after_ok, after_why = hooks(of, "after", false)
	if ok and not after_ok then
		ok, why = after_ok, after_why
	end
	local outcome = ok and "passed" or why.failed and "failed" or "error"
	host.report(outcome, full_name(item, of), ok and "" or why.message)
end

local function run_group(g)
	local ok, why = all(g.setup)
	if not ok then
		return host.report("error", full_name({ name = "(setup)" }, g), why.message)
	end
	for _, item in ipairs(g.items) do
		if item.group ~= nil then
			run_group(item.group)
		else
			run_case(item, g)
		end
	end
	ok, why = all(g.teardown)
	if not ok then
		host.report("error", full_name({ name = "(teardown)" }, g), why.message)
	end
end

local names = {
	describe = describe, context = describe, it = it, test = it, spec = nil, pending = pending,
	before_each = adder("before"), after_each = adder("after"), setup = adder("setup"),
	teardown = adder("teardown"), lazy_setup = adder("setup"), lazy_teardown = adder("teardown"),
	assert = assertions(false), facts = facts, run = run, policy = host.policy,
	dofile = host.dofile, loadfile = host.loadfile,
}
names.spec = copy(names)

return names, function()
	run_group(root)
end
