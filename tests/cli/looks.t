# Growing data that are audited again, crossed attributes, and explain for every verdict: from outside.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

python3 - "$tap_dir" <<'E'
import sys
d = sys.argv[1]
def write(name, head, rows):
    with open(d + "/" + name, "w") as f:
        f.write(head + "\n" + "".join(",".join(r) + "\n" for r in rows))
people = ["C%03d" % i for i in range(240)]
race = ["Native Hawaiian or Pacific Islander (Not Hispanic or Latino)", "White (Not Hispanic or Latino)"]
# women of the first and men of the second race are selected half as often: neither attribute alone shows it
write("candidates.csv", "candidate_id,position_id,jurisdiction,declared.sex,declared.race",
      [(c, "clerk", "US-NY", "female" if i % 2 else "male", race[i // 2 % 2]) for i, c in enumerate(people)])
write("evaluators.csv", "evaluator_id", [("ANN",), ("BOB",), ("CYD",)])
def rows(part):
    out = []
    for i, c in enumerate(people):
        if i % 2 ** 6 // 32 != part:
            continue
        bad = (i % 2 == 1) == (i // 2 % 2 == 0)
        out.append(("ANN", c, "screen", "advance" if i // 4 % 4 < (1 if bad else 3) else "reject"))
        out.append(("BOB", c, "screen", "advance" if i // 4 % 4 < 2 else "reject"))
        if i < 12:
            out.append(("CYD", c, "screen", "advance"))
    return out
for part in (0, 1):
    write("part%d.csv" % part, "evaluator_id,candidate_id,stage,decision", rows(part))
E
p=$tap_dir/p
ok "a project" "$EVENHAND" init "$p"
pe() { "$EVENHAND" --project "$p" "$@"; }
for kind in evaluators candidates; do
	exits "import of $kind" 0 pe import $kind "$tap_dir/$kind.csv"
done
exits "of the first half of the decisions" 0 pe import evaluations "$tap_dir/part0.csv"

# ---- looks ----

try pe audit --json
is "the first audit is the first look, at p-values for one" "$(json "$tap_dir/try.out" '[run["looks"], run["look"]]')" \
	'["once", 1]'
exits "the rest is imported" 0 pe import evaluations "$tap_dir/part1.csv"
try pe audit --json
is "the second on more data is look 2" "$(json "$tap_dir/try.out" '[run["looks"], run["look"]]')" '["once", 2]'
like "and says so" "$err" 'look 2 on these data; p is for one look'
is "findings carry it" "$(json "$tap_dir/try.out" 'sorted({f["look"] for f in all_findings()})')" '[2]'
try pe audit --json
is "the same data again are no further look" "$(json "$tap_dir/try.out" 'run["look"]')" 2
cp "$tap_dir/try.out" "$tap_dir/once.json"
try pe audit --looks anytime --dry-run --json --family none
like "anytime is said" "$err" 'look 2 on these data; q corrects p-values that hold at any number of looks'
is "and corrected" \
	"$(json "$tap_dir/try.out" 'all(f["q"] == f["p_anytime"] and f["p_anytime"] >= f["p"] for f in all_findings()
		if f["q"] is not None)')" true
exits "another word is a usage error" 2 pe audit --looks twice
try pe explain ANN --group female --attribute sex
like "explain tells the look" "$(printf %s "$out" | tr -s '\n ' ' ')" 'look 2 on these data; p is for one look'
like "which audit and policy it is of" "$out" '^Audit run 3, .*, policy evaluator_screen '
try "$EVENHAND" rates "$tap_dir/part0.csv" --looks sometimes
is "rates takes the same words" "$status" 2
awk -F, 'NR == 1 { print $1 "," $2 "," $4 ",sex" }
	NR > 1 { print $1 "," $2 "," $4 "," (substr($2, 2) % 2 ? "f" : "m") }' \
	"$tap_dir/part0.csv" >"$tap_dir/table.csv"
try "$EVENHAND" rates "$tap_dir/table.csv" --class sex --looks anytime --family none --json
same='[run["looks"], run["look"], all(f["q"] == f["p_anytime"] for f in all_findings() if f["q"] is not None)]'
is "and corrects the same p" "$(json "$tap_dir/try.out" "$same")" \
	'["anytime", null, true]'

# ---- intersections ----

is "neither attribute alone is below the limit" \
	"$(json "$tap_dir/once.json" '[f for f in all_findings() if f["ratio_below"]]')" '[]'
try pe audit --intersect sex,race --json --dry-run
is "the crossed one has its pairs, with names of 69 bytes" \
	"$(json "$tap_dir/try.out" 'sorted({f["group"] for f in all_findings() if " x " in f["group"]})[0]')" \
	"female x Native Hawaiian or Pacific Islander (Not Hispanic or Latino)"
is "and finds what they hide" \
	"$(json "$tap_dir/try.out" 'sorted(notified())')" \
	'["ANN:female x Native Hawaiian or Pacific Islander (Not Hispanic or Latino)", "ANN:male x White (Not Hispanic or Latino)"]'
is "the family is larger" "$(json "$tap_dir/try.out" 'run["family"]["size"]')" 12
exits "an attribute that is not there is a usage error" 2 pe audit --intersect sex,age
cat >"$tap_dir/crossed.lua" <<-E
	return { name = "crossed", api = 1, version = "1", attributes = { "sex", "race" }, looks = "anytime",
		intersect = { { "sex", "race" } },
		gate = function(place, attribute) return attribute ~= closed end,
		check = function(f) if f.evaluator == "CYD" then error("no CYD") end
			return { verdict = f.anytime and "watch" or "ok", rule = "my rule " .. f.look,
				reason = f.attribute } end }
E
sed 's/closed/nil/' "$tap_dir/crossed.lua" >"$tap_dir/open.lua"
try pe audit --policy "$tap_dir/open.lua" --json
is "a policy can ask for both" \
	"$(json "$tap_dir/try.out" '[run["looks"],
		sorted({f["reason"] for f in all_findings() if f["verdict"] == "watch"})]')" \
	'["anytime", ["race", "sex", "sex x race"]]'
is "and names its rule" \
	"$(json "$tap_dir/try.out" 'sorted({f["rule"] for f in all_findings() if f["verdict"] == "watch"})')" \
	'["my rule 2"]'
try pe explain CYD --attribute sex --group female
like "explain of a policy error says that nothing was judged" "$(printf %s "$out" | tr -s '\n ' ' ')" \
	'never read it as "no violation".*no CYD.*Mend the policy'
try pe explain all --attribute "sex x race"
like "all explains the findings on everybody together" "$out" 'all evaluators together, sex x race: '
like "with the policy's rule" "$out" "the policy's rule that spoke: my rule 2"
sed 's/closed/"race"/' "$tap_dir/crossed.lua" >"$tap_dir/shut.lua"
try pe audit --policy "$tap_dir/shut.lua" --json
like "a closed attribute is not crossed" "$err" 'sex is not crossed with race: the policy.s gate is closed for race'
is "nor is anything found on the pairs" \
	"$(json "$tap_dir/try.out" '[f for f in all_findings() if " x " in f["group"]]')" '[]'
try pe explain ANN --attribute race
like "explain of what is not allowed names the gate" "$(printf %s "$out" | tr -s '\n ' ' ')" \
	'not_allowed.*no verdict was formed.*No count would change this'
exits "an audit by the default policy" 0 pe audit --quiet
try pe explain CYD --attribute sex --group female
like "too few says what could have been found" "$(printf %s "$out" | tr -s '\n ' ' ')" \
	'too_few.*minimum of persons.*smallest ratio that could be found with power .8 is .*four times out of five, about [0-9]* persons'
try pe explain nobody
like "an id that is none names where they are listed" "$err" 'evenhand evaluators'
finish
