# The audit from outside: who is notified, who is not, what is printed, and that a broken policy never means "ok".
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
ok "a project with known decisions" make_project "$project"

# ---- verdicts ----

try ev audit --dry-run --json
is "audit exits with 0 though somebody is notified" "$status" 0
cp "$tap_dir/try.out" "$tap_dir/a.json"
doc() { json "$tap_dir/a.json" "$1"; }
is "the document names its schema" "$(doc '[d["schema"], run["schema"]]')" \
	'["evenhand.audit_runs/1", "evenhand.audit/1"]'
is "E07 is notified about women, nobody else about anything" "$(doc 'notified()')" '["E07:female"]'
is "as a finding about the evaluator" "$(doc 'find("E07", "female")["scope"]')" individual
is "with the counts of the table" "$(doc '[find("E07", "female")[k]
	for k in ("n", "selected", "ref_n", "ref_selected", "persons")]')" \
	'[60, 15, 60, 45, 30]'
is "the ratio" "$(doc 'abs(find("E07", "female")["impact_ratio"] - 1 / 3) < 1e-12')" true
is "the limit compared as integers" "$(doc 'find("E07", "female")["below_limit"]')" true
is "and an interval around it" "$(doc 'find("E07", "female")["interval"][0] < 1 / 3 < find("E07",
	"female")["interval"][1] < 0.8')" true
is "the evaluator who is harsh to everybody is ok" \
	"$(doc '[[find("E03", g)["verdict"], find("E03", g)["rate"], find("E03", g)["ratio"]]
	for g in ("female", "male")]')" \
	'[["ok", 0.3, 1.0], ["ok", 0.3, 1.0]]'
is "the pooled result is no violation" "$(doc '[pooled("female")["verdict"], pooled("male")["verdict"]]')" \
	'["ok", "ok"]'

# ---- the document of DESIGN.md 4.3 ----

is "source, rows, limit, reference, family" "$(doc '[run["source"].endswith("/p"), run["rows"], run["limit"],
	run["reference"], run["family"]]')" \
	'[true, 1440, [4, 5], "rest", {"method": "bh", "size": 12}]'
is "every finding has every field" "$(doc 'sorted({k for f in all_findings()
	for k in ("group n selected rate is_reference impact_ratio undefined "
	"below_limit interval interval_method z p_z p_fisher p_mid shortfall flips mh_ratio p_cmh p_breslow_day p_homogeneity homogeneity_test "
	"benchmark q detectable "
	"provenance verdict reason").split() if k not in f})')" '[]'
is "the benchmark too" "$(doc 'sorted(set("n selected rate impact_ratio deviation".split()) - set(find("E07",
	"female")["benchmark"]))')" '[]'
is "and the provenance" "$(doc '{k: v for k, v in find("E07", "female")["provenance"].items() if k != "unknown"}')" \
	'{"declared": 60, "imported": 0, "predicted": 0, "refused": 0}'
is "the benchmark is the eleven others" "$(doc '[find("E07", "female")["benchmark"][k]
	for k in ("evaluators", "n", "selected")]')" \
	'[11, 660, 378]'
is "what is not defined is null with a reason" \
	"$(doc '[[f["evaluator"], k] for f in all_findings() for k, v in f.items() if v is None
	and isinstance(f["n"], int)
	and k in "rate z p_z p_fisher p_mid shortfall mh_ratio p_cmh p_breslow_day p_homogeneity q detectable".split()
	and k not in f["why"]]')" '[]'
like "the policy is named with its hash" "$(doc '[run["policy"], run["policy_version"], run["policy_hash"]]')" \
	'^\["evaluator_screen", "1\.1", "[0-9a-f]{64}"\]$'
like "numbers have 17 significant digits" "$(grep '"rate"' "$tap_dir/a.json")" '"rate": 0\.59999999999999998,'

# ---- same input, same bytes; nothing stored by a dry run ----

journal=$(ev journal show)
try ev audit --dry-run --json
ok "two dry runs give the same bytes" cmp "$tap_dir/a.json" "$tap_dir/try.out"
try ev audit --dry-run --tsv
cp "$tap_dir/try.out" "$tap_dir/a.tsv"
try ev audit --dry-run
ok "TSV is what a pipe gets" cmp "$tap_dir/a.tsv" "$tap_dir/try.out"
is "with a header line and a row per finding" \
	"$(awk -F'\t' 'NR == 1 { n = NF; print $1, $4, $NF } NF != n { print "row", NR } END { print NR }' \
	"$tap_dir/a.tsv" | paste -sd' ' -)" \
	"evaluator group about 27"
like "the family is printed with its size" "$err" 'limit 4/5, family bh of 12$'
like "and the summary" "$err" '1 notify, 0 watch, 0 too few, 25 ok, 0 other; dry run'
is "dry runs leave nothing in the journal" "$(ev journal show)" "$journal"

exits "--exit-code turns notifications into 10" 10 ev audit --dry-run --exit-code --quiet
exits "another limit is honoured" 0 ev audit --dry-run --exit-code --quiet --limit 1/5
exits "another correction too" 0 ev audit --dry-run --family holm --json
is "and printed" "$(json "$tap_dir/try.out" 'run["family"]["method"]')" holm
exits "a minimum that nobody reaches gives too few" 0 ev audit --dry-run --min 31 --json --exit-code
is "for everybody" "$(json "$tap_dir/try.out" 'sorted({f["verdict"] for f in all_findings()})')" '["too_few"]'
like "with what could have been found" "$(json "$tap_dir/try.out" 'find("E07", "female")["reason"]')" \
	'[Oo]nly a ratio of .* could have been found'
exits "a limit that is none is a usage error" 2 ev audit --limit 4
exits "and above 1" 2 ev audit --limit 5/4
exits "and with more than a fraction" 2 ev audit --limit " 4/5"
exits "a correction that is none is a usage error" 2 ev audit --family bonferroni
exits "a policy that is none fails" 1 ev audit --policy no_such_policy
is "with nothing on stdout" "$out" ""

# ---- a second run refreshes ----

try ev audit
like "the second run raises nothing new" "$err" '; 0 notifications raised, 1 refreshed, 0 answered before'
is "there is one notification" "$(ev notifications list --tsv | cut -f1-5 | tail -n +2)" \
	"N0001	pending	E07	sex	female"
try ev audit
is "the runs are counted" "$(ev journal show --tsv | grep -c '	audit	evaluator_screen	run [123], ')" 3

# ---- policies ----

try ev audit --dry-run --policy four_fifths --json
is "the four-fifths policy runs" "$(json "$tap_dir/try.out" 'run["policy"]')" four_fifths
is "and is below its limit for E07 and women only" \
	"$(json "$tap_dir/try.out" 'sorted({f["evaluator"] + ":" + f["group"] for f in all_findings()
	if f["below_limit"]})')" '["E07:female"]'
try ev audit --dry-run --policy four_fifths --tsv
is "the ratio in the table is the one its verdict rests on, with the other beside it" \
	"$(awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		$1 == "E07" && $4 == "female" {
			printf "%.3f %s %.3f", $at["ratio"], $at["rests_on"], $at["other_ratio"]
		}' "$tap_dir/try.out")" "0.333 plain 0.333"
try ev audit --dry-run --policy four_fifths --policy evaluator_screen --json
is "two policies give two runs" "$(json "$tap_dir/try.out" '[r["policy"] for r in d["runs"]]')" \
	'["four_fifths", "evaluator_screen"]'

broken() { # WHAT, policy text on stdin
	cat >"$tap_dir/broken.lua"
	try ev audit --policy "$tap_dir/broken.lua" --json
	is "$1: exit 1" "$status" 1
	is "$1: every finding is policy_error, none is ok" \
		"$(json "$tap_dir/try.out" 'sorted({f["verdict"] for f in all_findings()})')" '["policy_error"]'
	is "$1: the built-in four-fifths result is beside it" \
		"$(json "$tap_dir/try.out" '[find("E07", "female")["builtin"], find("E01", "female")["builtin"]]')" \
		"$(doc '[find("E07", "female")["builtin"], find("E01", "female")["builtin"]]')"
	like "$1: the error is in the document" "$(json "$tap_dir/try.out" 'run["policy_error"]')" '..........'
	like "$1: and on stderr" "$err" 'POLICY ERROR'
	try ev audit --policy "$tap_dir/broken.lua" --dry-run --exit-code
	is "$1: --exit-code does not hide it" "$status" 1
	like "$1: nor does the table" "$out" '^E07	.*	policy_error	'
}
broken "a policy that does not parse" <<-E
	return { name = "broken", api = 1, version = "1", check = function(
E
broken "a policy that fails while running" <<-E
	return { name = "broken", api = 1, version = "1", limit = { 4, 5 }, needs = { "n" },
		check = function(f) return f.n.x.y end }
E
broken "a policy that answers nonsense" <<-E
	return { name = "broken", api = 1, version = "1", limit = { 4, 5 }, needs = { "n" },
		check = function(f) return { verdict = "fine", reason = "as I say" } end }
E
cat >"$tap_dir/partly.lua" <<-E
	return { name = "partly", api = 1, version = "1", limit = { 4, 5 }, needs = { "selected" },
		check = function(f) if f.selected == 18 then error("eighteen") end
		return { verdict = "ok", reason = "fine" } end }
E
exits "a policy that fails on some findings only: exit 1" 1 ev audit --dry-run --policy "$tap_dir/partly.lua" --json
is "it has policy_error on those" "$(json "$tap_dir/try.out" 'sorted({f["evaluator"] for f in all_findings()
	if f["verdict"] == "policy_error"})')" '["E03"]'
like "and says on how many" "$err" 'POLICY ERROR: no verdict on 2 of 26 findings; E03, female: .*eighteen'
exits "policy run says so too" 1 ev policy run "$tap_dir/partly.lua"
is "broken policies raised nothing" "$(ev notifications list --tsv | wc -l)" 2

# ---- browsing ----

ev audit --quiet >/dev/null
try ev evaluators --json
is "evaluators: the last run's findings" "$(json "$tap_dir/try.out" '[d["schema"], len(all_findings()), notified()]')" \
	'["evenhand.evaluators/1", 24, ["E07:female"]]'
try ev evaluators --attribute sex --group female --tsv
is "evaluators: one row per evaluator for a group" \
	"$(printf '%s\n' "$out" | awk -F'\t' 'NR > 1 { print $1 }' | paste -sd' ' -)" \
	"E01 E02 E03 E04 E05 E06 E07 E08 E09 E10 E11 E12"
try ev metrics E07 --json
is "metrics: the finding of the audit, field by field" "$(json "$tap_dir/try.out" 'all_findings()')" \
	"$(doc '[f for f in all_findings() if f["evaluator"] == "E07"]')"
is "metrics: its schema" "$(json "$tap_dir/try.out" 'd["schema"]')" evenhand.metrics/1
try ev metrics
like "metrics without an evaluator has the whole" "$out" '^\(all\)	'
exits "metrics of nobody fails" 1 ev metrics E99
exits "a run that was not is an error" 1 ev metrics --run 99
exits "the first run is still there" 0 ev metrics E07 --run 1
exits "explain of the notification" 0 ev explain N0001
like "explain: the counts" "$out" '15 of 60 decisions favourable'
like "explain: the limit in whole numbers" "$(printf '%s' "$out" | tr -s '\n ' ' ')" \
	'5 x 15 x 60 = 4500, 4 x 45 x 60 = 10800'
like "explain: the family" "$out" 'over the 12 comparisons'
like "explain: no legal advice" "$out" 'no legal advice'
exits "explain of an evaluator" 0 ev explain E03
like "explain: both groups" "$(printf '%s' "$out" | grep -c '^Finding ')" '^2$'
exits "explain reads ids as loosely as the other commands" 0 ev explain n1
exits "explain has its document" 0 ev explain E03 --json
is "with one text per finding" "$(json "$tap_dir/try.out" '[d["schema"], d["id"], len(d["texts"])]')" \
	'["evenhand.explain/1", "E03", 2]'
exits "explain of nobody fails" 1 ev explain E99
exits "explain of a notification that is not fails" 1 ev explain N0099

# ---- looks: another number of decisions, or one of them replaced ----

look() { try ev audit --dry-run --json; json "$tap_dir/try.out" 'run["look"]'; }
first=$(look)
is "the same data are the same look" "$(ev --quiet audit --json >/dev/null; look)" "$first"
awk -F, -v OFS=, 'NR == 2 { $4 = $4 == "advance" ? "reject" : "advance" } NR < 3' "$project/tables/evaluations.csv" \
	>"$tap_dir/replaced.csv"
ok "an evaluation is replaced" ev --quiet import evaluations "$tap_dir/replaced.csv"
is "as many decisions, but another look" "$(look) $(json "$tap_dir/try.out" 'run["rows"]')" "$((first + 1)) 1440"
ev --quiet audit --json >/dev/null
ok "and once more the same" ev --quiet import evaluations "$tap_dir/replaced.csv"
is "is none" "$(look)" "$((first + 1))"

# ---- who asks for what is not there is told what there is ----

exits "metrics of a stranger" 1 ev metrics R99
like "says who can be asked for" "$err" "there is no audited evaluator 'R99'; .*\"all\" is everybody together"
exits "of a group that is not there" 1 ev metrics all --group men
like "says which are" "$err" "has no group 'men' on all; it has: .*female"
exits "explain of a notification that is not there" 1 ev explain N9999
like "says where they are listed" "$err" 'no notification N9999; "evenhand notifications list" lists them'
is "all is everybody together" \
	"$(ev metrics all --tsv | awk -F'\t' 'NR > 1 && $1 != "(all)" { n++ } END { print n + 0, (NR > 1) }')" "0 1"
finish
