# calibrate: what a policy would do to the innocent and the guilty here; seeded; it leaves nothing but a journal entry.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
ok "a project with known decisions" make_project "$project"
before=$(state_of "$project" | grep -v calibrate)

try ev calibrate --reps 40 --json
is "calibrate exits with 0" "$status" 0
cp "$tap_dir/try.out" "$tap_dir/a.json"
doc() { json "$tap_dir/a.json" "$1"; }
is "the document names its schema and what was drawn" \
	"$(doc '[d[k] for k in ("schema", "seed", "repetitions", "asked", "biased", "effect")]')" \
	'["evenhand.calibrate/1", 1, 40, 40, 1, 0.55]'
is "and the design" "$(doc '[d["design"][k] for k in ("decisions", "evaluators", "candidates", "strata")]')" \
	'[1440, 12, 60, 2]'
is "with the rate of the project's decisions" "$(doc 'abs(d["design"]["rate"] - (10 * 72 + 36 + 60) / 1440) < 1e-12')" \
	true
is "everybody is innocent without bias" \
	"$(doc '[d["policies"][0]["no_bias"][k]["n"] for k in ("innocent", "guilty")]')" '[480, 0]'
is "and one of twelve is not with it" \
	"$(doc '[d["policies"][0]["planted_bias"][k]["n"] for k in ("innocent", "guilty")]')" '[440, 40]'
is "a share nobody can have is null" "$(doc 'd["policies"][0]["no_bias"]["guilty"]["share_found"]')" null
is "every finding has a verdict: 24 in each run" \
	"$(doc '[abs(sum(d["policies"][0][s]["verdicts_per_run"].values()) - 24) < 1e-9
		for s in ("no_bias", "planted_bias")]')" '[true, true]'
is "each guilty one has a verdict on his group" \
	"$(doc 'abs(sum(d["policies"][0]["planted_bias"]["guilty"]["verdicts_per_run"].values()) - 1) < 1e-9')" true
is "the intervals hold the shares" "$(doc 'all(i[0] <= s <= i[1] for s, i in (
	(d["policies"][0][a][b][k], d["policies"][0][a][b][k + "_interval"])
	for a, b, k in (("no_bias", "innocent", "share_of_runs"), ("planted_bias", "guilty", "share_found"))))')" true
is "the bare limit accuses more innocents than the policy" \
	"$(doc 'd["policies"][0]["no_bias"]["four_fifths_alone"]["accused_per_run"] > 10 * max(0.1,
		d["policies"][0]["no_bias"]["innocent"]["accused_per_run"])')" true
like "people are told in a sentence" "$err" 'an innocent evaluator is accused in [0-9]+ of 40 audits \(95 % interval'

# ---- nothing is left behind, but for the journal ----

is "the journal has one entry with seed and counts" "$(ev journal show --tsv | grep -c \
	'calibrate	evaluator_screen	seed 1, 40 of 40 repetitions of 1440 decisions by 12 evaluators; ')" 1
is "nothing else changed" "$(state_of "$project" | grep -v calibrate)" "$before"
ok "the journal verifies" ev --quiet journal verify

# ---- seeds ----

try ev calibrate --reps 40 --json
ok "the same seed gives the same bytes" cmp "$tap_dir/a.json" "$tap_dir/try.out"
if command -v taskset >/dev/null 2>&1; then
	try taskset -c 0 "$EVENHAND" --project "$project" calibrate --reps 40 --json
	ok "and on one processor" cmp "$tap_dir/a.json" "$tap_dir/try.out"
else
	skip "and on one processor" "taskset is not installed"
fi
try ev calibrate --reps 40 --json --seed 2
ok "another seed gives others" test "$(cmp -s "$tap_dir/a.json" "$tap_dir/try.out" && echo same)" != same

# ---- what is planted ----

try ev calibrate --reps 20 --effect 0 --biased 3 --group sex=female --json
is "who lets no woman through is found by the default policy" \
	"$(json "$tap_dir/try.out" '[d["policies"][0]["planted_bias"]["guilty"][k] for k in ("n", "found")]')" \
	'[60, 60]'
try ev calibrate --reps 20 --effect 0.99 --group female --json
is "who hardly differs is not" \
	"$(json "$tap_dir/try.out" 'd["policies"][0]["planted_bias"]["guilty"]["share_found"] < 0.2')" true
try ev calibrate --reps 10 --share 0.5 --json
is "half of twelve are six" "$(json "$tap_dir/try.out" 'd["biased"]')" 6
try ev calibrate --reps 20 --detectable --json
is "the weakest bias that is found in 80 % lies between" \
	"$(json "$tap_dir/try.out" '(lambda x: 0 < x["effect"] < 0.55 and x["share_found"] >= 0.8)(
		d["policies"][0]["detectable"])')" true
try ev calibrate --reps 5 --detectable --json --min 31
is "or nowhere, where nobody can be judged" "$(json "$tap_dir/try.out" 'd["policies"][0]["detectable"]')" \
	'{"effect": null, "share_found": null, "undefined": "not_detectable"}'
is "and every verdict then is too_few" \
	"$(json "$tap_dir/try.out" 'd["policies"][0]["no_bias"]["verdicts_per_run"]["too_few"]')" 24.0

# ---- policies ----

try ev calibrate --reps 20 --policy evaluator_screen --policy four_fifths --tsv
is "a row for each policy and scenario" \
	"$(printf '%s\n' "$out" | awk -F'\t' 'NR == 1 { n = NF } NF != n { print "row", NR } { print $1, $2 }' |
		paste -sd, -)" \
	"policy scenario,evaluator_screen no_bias,evaluator_screen planted_bias,four_fifths no_bias,four_fifths planted_bias"
cat >"$tap_dir/all.lua" <<-E
	return { name = "all", api = 1, version = "1", limit = { 4, 5 }, needs = { "n" },
		check = function(f) return { verdict = "notify", reason = "everybody", scope = "individual" } end }
E
try ev calibrate --reps 10 --policy "$tap_dir/all.lua" --json
is "who accuses everybody accuses all innocents and finds all guilty" \
	"$(json "$tap_dir/try.out" '[d["policies"][0]["no_bias"]["innocent"]["accused_per_run"],
		d["policies"][0]["planted_bias"]["guilty"]["share_found"]]')" '[12.0, 1.0]'
cat >"$tap_dir/closed.lua" <<-E
	return { name = "closed", api = 1, version = "1", limit = { 4, 5 }, needs = { "n" },
		gate = function() return false end,
		check = function(f) return { verdict = "ok", reason = "fine" } end }
E
exits "a policy whose gate is closed everywhere looks at nothing" 1 ev calibrate --reps 5 --policy "$tap_dir/closed.lua"
like "and that is said" "$err" 'look at no attribute in common'
cat >"$tap_dir/broken.lua" <<-E
	return { name = "broken", api = 1, version = "1", limit = { 4, 5 }, needs = { "n" },
		check = function(f) return f.n.x.y end }
E
journal=$(ev journal show --tsv)
exits "a policy that fails while it judges: no figures" 1 ev calibrate --reps 5 --policy "$tap_dir/broken.lua"
is "none at all" "$out" ""
exits "a policy that is none" 1 ev calibrate --policy no_such_policy
is "failures leave no entry" "$(ev journal show --tsv)" "$journal"

# ---- pairs ----

crossed=$tap_dir/crossed
ok "a second project" "$EVENHAND" --quiet init "$crossed"
# a second class across the first: half of either sex
awk -F, 'NR == 1 { print $0 ",declared.race" } NR > 1 { print $0 "," (int(NR / 2) % 2 ? "b" : "w") }' \
	"$project/tables/candidates.csv" >"$tap_dir/candidates.csv"
cr() { "$EVENHAND" --quiet --project "$crossed" "$@"; }
exits "a project with two classes: evaluators" 0 cr import evaluators "$project/tables/evaluators.csv"
exits "candidates" 0 cr import candidates "$tap_dir/candidates.csv"
exits "decisions" 0 cr import evaluations "$project/tables/evaluations.csv"
cat >"$tap_dir/pairs.lua" <<-E
	return { name = "pairs", api = 1, version = "1", limit = { 4, 5 }, needs = { "selected" }, min_group = 1,
		intersect = { { "sex", "race" } },
		check = function(f) if f.attribute == "sex x race" and f.selected == 0 then
			return { verdict = "notify", reason = "nobody", scope = "individual" } end
			return { verdict = "ok", reason = "some" } end }
E
try cr calibrate --policy "$tap_dir/pairs.lua" --reps 10 --effect 0 --biased 2 --group "sex x race=female x b" --json
is "bias against a pair is found by a policy that looks at pairs" \
	"$(json "$tap_dir/try.out" '[d["policies"][0]["planted_bias"]["guilty"][k] for k in ("n", "found")]')" \
	'[20, 20]'
is "and every finding on a pair has its verdict" \
	"$(json "$tap_dir/try.out" 'sum(d["policies"][0]["no_bias"]["verdicts_per_run"].values())')" 96.0
try cr calibrate --reps 5 --biased 12 --intersect sex,race --group "female x b" --effect 0 --json
is "--intersect adds pairs to a policy that names none" \
	"$(json "$tap_dir/try.out" '[sum(d["policies"][0]["no_bias"]["verdicts_per_run"].values()),
		d["policies"][0]["planted_bias"]["guilty"]["n"]]')" '[96.0, 60]'
exits "without it there are none" 1 cr calibrate --reps 5 --group "female x b"
exits "an attribute that is not there is a usage error" 2 cr calibrate --reps 5 --intersect sex,age

# ---- usage ----

exits "an effect of 1 is no bias" 2 ev calibrate --effect 1
exits "nor is a share of 0" 2 ev calibrate --share 0
exits "a number of evaluators and a share of them" 2 ev calibrate --share 0.5 --biased 3
exits "no repetition" 2 ev calibrate --reps 0
exits "a group that is none" 1 ev calibrate --group other
like "is named" "$err" "no group 'other'"
exits "more biased evaluators than there are" 1 ev calibrate --biased 13
like "is said" "$err" 'only 12 have judged'

# ---- the end by a signal ----

timeout --preserve-status -s INT -k 60 3 "$EVENHAND" --project "$project" calibrate --reps 100000 --json \
	>"$tap_dir/cut.json" 2>"$tap_dir/cut.err"
is "a signal ends it with 1" "$?" 1
like "and says so" "$(cat "$tap_dir/cut.err")" 'stopped on request'
is "with what was done" "$(json "$tap_dir/cut.json" '(0 < d["repetitions"] < d["asked"] and
	d["policies"][0]["no_bias"]["innocent"]["n"] == 12 * d["repetitions"])')" true
exits "a group that nobody has" 1 ev calibrate --group nobody --reps 2
like "is told with those that there are" "$err" "no group 'nobody' among .*, which is: .*sex=female"
finish
