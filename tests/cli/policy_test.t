# policy test: specs in the sandbox; their numbers are the core's, and what goes wrong is said with file and line.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

root=$PWD
j() { json "$tap_dir/try.out" "$1"; }
spec() { cat >"$tap_dir/x_spec.lua"; } # spec on stdin
run() { try "$EVENHAND" policy test "$@"; }

# ---- the specs of the tree, which run under busted too ----

for pair in "four_fifths" "evaluator_screen" "examples/own_policy/benchmark_gap.lua" \
	"four_fifths tests/lua/evenhand_spec.lua" "four_fifths tests/lua/own_policy_spec.lua"; do
	# shellcheck disable=SC2086
	exits "test $pair: passes" 0 "$EVENHAND" policy test $pair
	unlike "with nothing that failed" "$out" '^not ok'
	is "with a plan of as many cases as there are" "$(printf '%s\n' "$out" | tail -1)" \
		"1..$(printf '%s\n' "$out" | grep -c '^ok')"
done
try "$EVENHAND" policy test tests/lua/four_fifths_spec.lua
is "test: by the spec's own file" "$status" 0

for file in tests/lua/shipped/*_spec.lua; do
	exits "the spec of the shipped $(basename "$file" _spec.lua)" 0 "$EVENHAND" policy test "$file"
done

# ---- decisions made up, audited by the core ----

cat >"$tap_dir/cells.py" <<'E'
CELLS = (("E1", "J1", "female", 40, 9), ("E1", "J1", "male", 35, 22), ("E1", "J2", "female", 30, 4),
         ("E1", "J2", "male", 25, 13), ("E2", "J1", "female", 50, 25), ("E2", "J1", "male", 50, 26),
         ("E2", "J2", "female", 20, 11), ("E2", "J2", "male", 21, 10))
E
PYTHONPATH=$tap_dir python3 -c '
from cells import CELLS
print("evaluator_id,candidate_id,position_id,decision,sex")
k = 0
for who, where, group, n, selected in CELLS:
    for i in range(n):
        k += 1
        print(who, "C%d" % k, where, "advance" if i < selected else "reject", group, sep=",")
' >"$tap_dir/d.csv"
"$EVENHAND" rates "$tap_dir/d.csv" --class sex --stratum position_id --min 10 --reference rest --json \
	>"$tap_dir/r.json" 2>/dev/null
PYTHONPATH=$tap_dir python3 -c '
import json, sys
from cells import CELLS
d = json.load(open(sys.argv[1]))
print("it(\"has the numbers of evenhand rates\", function()")
for who, where, group, n, selected in CELLS:
    print("\tfacts.evaluator(\"%s\"):position(\"%s\"):group(\"%s\", %d, %d)" % (who, where, group, n, selected))
print("\tlocal r = run({ name = \"n\", api = 1, version = \"1\", check = function() return \"ok\" end })")
for e in d["attributes"][0]["evaluators"]:
    for f in e["groups"]:
        for name in ("n", "selected", "rate", "impact_ratio", "mh_ratio", "p_cmh", "q", "shortfall", "detectable"):
            if f.get(name) is not None:
                print("\tassert.near(%r, r.%s.%s.%s, %r)" % (f[name], e["evaluator"], f["group"], name,
                      abs(f[name]) * 1e-12))
print("end)")' "$tap_dir/r.json" >"$tap_dir/x_spec.lua"
run evaluator_screen "$tap_dir/x_spec.lua"
is "a fixture has every number of rates, to twelve digits" "$status $(printf '%s' "$out" | grep -m1 '^#')" "0 "
is "more than thirty of them" "$([ "$(grep -c 'assert\.near' "$tap_dir/x_spec.lua")" -gt 30 ] && echo yes)" yes

cat >"$tap_dir/x.lua" <<'E'
local function check(f)
	if f.ratio_below then
		return { verdict = "watch", reason = "below " .. f.limit.num .. "/" .. f.limit.den }
	end
	return f.pooled and "cannot_conclude" or "ok"
end
return {
	name = "x", api = 1, version = "1", attributes = { "sex", "race" }, intersect = { { "sex", "race" } },
	needs = { "ratio_below", "limit" }, check = check,
	summarise = function(findings)
		local changes = {}
		for place, f in ipairs(findings) do
			if f.verdict == "watch" and not f.pooled then
				changes[place] = { verdict = "notify" }
			end
		end
		return changes
	end,
	compute = function(project)
		local where = { stage = "S1", group = "female" }
		local rows = evenhand.counts({ by = { "stage" }, class = "sex", where = where })
		return { {
			attribute = "sex", group = "female", reference = "male", stage = "S1", verdict = "ok",
			reason = project.as_of .. " " .. rows[1].n,
		} }
	end,
}
E
spec <<'E'
describe("x", function()
	local calls = 0
	before_each(function()
		calls = calls + 1
		facts.evaluator("E1"):stage("S1"):group({ sex = "female", race = "b" }, 40, 8)
			:group({ sex = "male", race = "w" }, 40, 30):stage("S2")
			:group({ sex = "female", race = "w" }, 40, 20):group({ sex = "male", race = "b" }, 40, 22)
	end)
	it("judges, then summarises", function()
		local r = run(policy)
		assert.equal("notify", r.E1.female.verdict)
		assert.equal("below 4/5", r.E1.female.reason)
		assert.equal("watch", r.pooled.female.verdict)
		assert.equal(80, r.E1.female.n)
	end)
	it("crosses attributes, and may be asked with another limit", function()
		local r = run(policy, { limit = { 1, 10 } })
		assert.equal("ok", r.E1["female x b"].verdict)
		assert.equal(40, r.E1["sex x race.female x b"].n)
	end)
	it("has the policy's own findings counted by the core", function()
		facts.project({ as_of = "2026-05-04" })
		local own = run().own[1]
		assert.equal("2026-05-04 40", own.reason)
		assert.same({ 40, 8, 40, 30 }, { own.n, own.selected, own.ref_n, own.ref_selected })
		assert.near(8 / 30, own.impact_ratio, 1e-12)
	end)
	it("hands over facts as check gets them", function()
		local f = facts.evaluator("E7"):group("female", 10, 1):group("male", 10, 9):facts("female")
		assert.equal("E7", f.evaluator)
		assert.error_matches(function() return f.persons end, "not declared")
		assert.has_error(function() f.n = 1 end)
	end)
	it("forgets the decisions of the case before", function()
		assert.error_matches(function() return run().E7 end, "no evaluator E7")
		assert.equal(5, calls)
	end)
	it("knows pooled decisions, and predicted classes", function()
		facts.pooled():group("female", 205, 60):group("male", 200, 123)
		facts.evaluator("E2"):predicted({ female = 0.9, male = 0.1 }, 60, 10)
			:predicted({ female = 0.1, male = 0.9 }, 60, 40):group("female", 30, 5):group("male", 30, 20)
		local r = run()
		assert.equal(205 + 80 + 30, r.pooled.female.n)
		assert.equal(30, r.E2.female.n)
		assert.equal(120, r.E2.female.provenance.refused) -- nothing tells how good they are
	end)
	it("makes a policy's error a policy_error of that finding", function()
		local function check(f) return f.pooled and "ok" or nil end
		local broken = { name = "b", api = 1, version = "1", check = check }
		local r = run(broken)
		assert.equal("policy_error", r.E1.female.verdict)
		assert.equal("ok", r.pooled.female.verdict)
	end)
	pending("is not written yet")
end)
E
run "$tap_dir/x.lua"
is "the spec beside a policy is found and passes" "$status $(printf '%s\n' "$out" | grep -c '^ok')" "0 8"
[ "$status" -eq 0 ] || printf '%s\n' "$out" "$err" | sed 's/^/# /'
like "a pending case is counted and shown" "$out" '# SKIP'
run "$tap_dir/x.lua" --json
is "as a document" "$(j '[d["schema"], d["policy"], sorted(set(c["outcome"] for c in d["cases"])), d["error"]]')" \
	'["evenhand.policy_test/1", "x", ["passed", "pending"], null]'
mkdir "$tap_dir/tests"
mv "$tap_dir/x_spec.lua" "$tap_dir/tests/"
run "$tap_dir/x.lua"
is "the one in tests/ too" "$status" 0
rm -r "${tap_dir:?}/tests"
exits "no spec at all" 1 "$EVENHAND" policy test "$tap_dir/x.lua"
like "says where one would be" "$err" 'x_spec\.lua beside'

# ---- what goes wrong ----

spec <<'E'
describe("bad", function()
	it("differs", function()
		assert.equal(1, 2)
	end)
	it("raises", function()
		policy.check({ ratio_below = true })
	end)
	it("is misspelt", function()
		assert.is_ture(true)
	end)
	it("counts too many", function()
		facts.evaluator("E1"):group("female", 5, 6)
	end)
	it("looks equal", function()
		assert.same({ a = { 1, 2 } }, { a = { 1, 3 } })
	end)
	it("wants an error", function()
		assert.has_error(function() end)
	end)
	it("is fine", function() end)
end)
E
run "$tap_dir/x.lua"
is "cases that fail: exit status, one good" "$status $(printf '%s\n' "$out" | grep -c '^ok')" "1 1"
like "a failed assertion: file, line, both values" "$out" 'x_spec\.lua:3: expected 1, got 2'
like "an error in the policy: the line of the spec and of the policy" "$out" 'x_spec\.lua:6: x\.lua:3: attempt to index'
like "an assertion that there is not" "$out" 'x_spec\.lua:9: there is no assert\.is_ture'
like "counts that cannot be" "$out" 'x_spec\.lua:12: a group has two integers'
like "tables that differ are shown" "$out" 'x_spec\.lua:15: expected the same as \{ a = \{ 1, 2 \} \}'
like "an error that did not come" "$out" 'x_spec\.lua:18: expected an error'
bad() { # WHAT PATTERN, spec on stdin
	spec
	exits "$1" 1 timeout 8 "$EVENHAND" policy test "$tap_dir/x.lua"
	like "is said" "$out $err" "$2"
}
bad "a spec that never ends" 'x_spec\.lua:2: refused: instruction budget' <<'E'
it("is fine", function() end)
it("never ends", function() while true do end end)
E
like "after the cases that had ended" "$out" '^ok 1 - is fine'
bad "a spec that is no Lua" 'x_spec\.lua:1: ' <<'E'
it("x" function
E
bad "a spec without a case" 'has no case' <<'E'
local x = 1
E
bad "a spec that reaches for the system" "x_spec.lua:1: attempt to index a nil value .global 'os'" <<'E'
it("x", function() os.execute("true") end)
E
bad "a spec that reads elsewhere" 'not at hand' <<'E'
it("x", function() dofile("/etc/passwd.lua") end)
E
bad "memory" 'not enough memory' <<'E'
it("x", function() local t = {} while true do t[#t + 1] = string.rep("x", 100000) .. #t end end)
E
bad "no decisions" 'nobody was judged' <<'E'
it("x", function() run() end)
E
bad "more persons than there is room for" 'persons' <<'E'
it("x", function() facts.evaluator("E1"):group("female", 10000000, 1) run() end)
E
cd "$tap_dir" || exit 1
printf 'return { name = "y", api = 2 }\n' >y.lua
exits "a policy that does not load" 1 "$EVENHAND" policy test y.lua x_spec.lua
like "is said" "$err" 'api = 1'
for name in eu_strict small_cells evaluator_screen; do
	exits "$name: its spec runs wherever the command is started" 0 "$EVENHAND" policy test $name
done
cd "$root" || exit 1
finish
