# Every shipped policy: loads without a remark, runs on a project, says only the words it may, passes its spec; and the
# published case of Connecticut v. Teal as a project, stage by stage.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

root=$PWD
project=$tap_dir/p
ok "a project" make_project "$project"
j() { json "$tap_dir/try.out" "$1"; }
shipped=$(ls scripts/*.lua | sed 's|^scripts/||; s|\.lua$||' | grep -v -x -e evenhand -e spec)
is "all policies of the list are there" "$(echo $shipped)" "bipa_gate california_4y colorado_2027 eu_strict$(:
	) evaluator_deviation evaluator_screen four_fifths illinois_aivia maryland_waiver nyc_ll144_scoring$(:
	) nyc_ll144_selection ofccp_2sd patent_plain retention small_cells ugesp_annual uk_monitoring"

# ---- words ----

forbidden='unlawful|illegal|compliant|non-compliance'
is "no policy says what the law says" "$(grep -liE "$forbidden" scripts/*.lua man/evenhand-policies.7)" ""
ok "the bare rule is nobody's default" sh -c '! grep -rn patent_plain core tui lua'

# ---- load, run, spec, manual ----

words() { # which verdicts this policy may give
	case $1 in
	nyc_*) echo "not_allowed ok too_few watch" ;;
	bipa_gate | illinois_aivia | maryland_waiver | retention) echo "cannot_conclude not_allowed notify ok watch" ;;
	small_cells) echo "ok too_few" ;;
	four_fifths | california_4y | uk_monitoring) echo "cannot_conclude not_allowed ok too_few watch" ;;
	*) echo "cannot_conclude not_allowed notify ok too_few watch" ;;
	esac
}
for name in $shipped; do
	try "$EVENHAND" policy check "$name"
	is "$name: loads, and check has nothing to remark" \
		"$status $(printf '%s' "$err" | grep -ciE 'warning|error')" "0 0"
	try ev policy run "$name" --json
	is "$name: runs" "$status $(j 'd["schema"]')" "0 evenhand.policy_run/1"
	is "$name: says only what it may" "$(j "sorted({f['verdict'] for f in
		all_findings() + [g for a in run['attributes'] for g in a['pooled']['groups']] + d['own_findings']}
		- set('$(words "$name")'.split()))")" "[]"
	is "$name: never beyond its words, and its reasons are whole" "$(j "[f['reason'] for f in
		all_findings() + d['own_findings'] if len(f['reason'].encode()) > 638]")" "[]"
	[ "$name" = evaluator_screen ] || {
		try "$EVENHAND" policy test "$name" "tests/lua/shipped/${name}_spec.lua"
		is "$name: its spec" "$status $(grep -c '^not ok' "$tap_dir/try.out")" "0 0"
		ok "$name: has cases" grep -q '^ok 5 ' "$tap_dir/try.out"
	}
	ok "$name: is in the manual" grep -qx "\\.SS $name" man/evenhand-policies.7
done

# ---- evaluator_deviation: same candidates, exact paired test ----

try ev policy run evaluator_deviation --json
is "the second set: E07 and women, nobody else" "$(j 'notified()')" '["E07:female"]'
like "the second set: with the paired counts" "$(j 'find("E07", "female")["reason"]')" \
	'of 15 persons whom both judged the second set alone advanced 10, the evaluator alone 0; of 15 of the rest 0 and 4'
like "the second set: with its tests" "$(j 'find("E07", "female")["reason"]')" \
	'exact paired p 0\.0020, corrected by Holm for 24 comparisons 0\.047; p of the difference to the rest 0\.0010, corrected for 12'

# E1 and E2 advance the first 50 of 100 of either sex.  HARSH advances of these 10 women and 30 men, nobody else.
# BIASED 10 of the women and, of the men, 30 of these and 20 of the others.
mkdir "$tap_dir/harsh"
awk -v dir="$tap_dir/harsh" '
function put(file, line) { print line > (dir "/" file) }
BEGIN {
	put("evaluators.csv", "evaluator_id,name,unit")
	put("candidates.csv", "candidate_id,jurisdiction,position_id,declared.sex")
	put("evaluations.csv", "evaluator_id,candidate_id,question_id,decision")
	n = split("E1 E2 HARSH BIASED", who, " ")
	for (e = 1; e <= n; e++)
		put("evaluators.csv", who[e] "," who[e] ",north")
	for (c = 0; c < 200; c++) {
		id = sprintf("C%03d", c)
		rank = int(c / 2)
		put("candidates.csv", id ",US-IL,engineer," (c % 2 ? "female" : "male"))
		for (e = 1; e <= n; e++) {
			yes = e <= 2 ? rank < 50 : c % 2 ? rank < 10 : rank < 30 || e == 4 && rank >= 80
			put("evaluations.csv", who[e] "," id ",q1," (yes ? "advance" : "reject"))
		}
	}
}'
ok "harsh: a project" sh -c "'$EVENHAND' --quiet init '$tap_dir/harsh/p' &&
	for what in candidates evaluators evaluations; do
		'$EVENHAND' --quiet --project '$tap_dir/harsh/p' import \$what '$tap_dir/harsh/'\$what.csv || exit 1
	done"
try "$EVENHAND" --project "$tap_dir/harsh/p" policy run evaluator_deviation --json
is "harsh: who is biased in one group is found, who is harsh to all is not" "$(j 'notified()')" '["BIASED:female"]'
like "harsh: and it says so" "$(j '(lambda f: f["verdict"] + ": " + f["reason"])(find("HARSH", "female"))')" \
	'^watch: HARSH on female: ratio 0\.333.*alone advanced 40, the evaluator alone 0; .* 20 and 0 .*harsh to all, as far as'

# ---- packs whose days the source does not give ----

for pair in 'bipa_gate:Illinois BIPA (740 ILCS 14, PA 103-0769), in force (since when is not known)' \
	'ofccp_2sd:OFCCP two standard deviations (EO 11246, FCCM 2M03), no longer in force (since when is not known)' \
	'ugesp_annual:UGESP (29 CFR 1607), in force since 1978'; do
	name=${pair%%:*}
	try ev policy show "$name"
	is "$name: show says what is known of its days" "$(printf '%s\n' "$err" | grep -c -F "rule pack ${pair#*:}")" 1
	is "$name: and list" "$(ev policy list --tsv | grep "^$name	" | grep -c -F "${pair#*:}")" 1
done
try ev audit --dry-run --policy ofccp_2sd --policy ugesp_annual --json
is "an audit too: null, and why" "$(j '[[p["pack"][k] for k in ("from", "from_kind", "to", "to_kind", "state")]
	for r in [d] for p in r["runs"]]')" \
	'[[null, "unknown", null, "unknown", "no longer in force"], ["1978", "year", null, "open", "in force"]]'

# ---- a pack before its day ----

ok "colorado: a project there" sh -c "'$EVENHAND' --quiet init '$tap_dir/co' &&
	sed 's/US-IL/US-CO/' '$project/tables/candidates.csv' >'$tap_dir/candidates.csv' &&
	'$EVENHAND' --quiet --project '$tap_dir/co' import candidates '$tap_dir/candidates.csv' &&
	'$EVENHAND' --quiet --project '$tap_dir/co' import evaluators '$project/tables/evaluators.csv' &&
	'$EVENHAND' --quiet --project '$tap_dir/co' import evaluations '$project/tables/evaluations.csv'"
duties() {
	j '[[f["verdict"] for f in d["own_findings"] if f["own"]["subject"] == "human_review"],
		d["own_findings"][0]["reason"]]'
}
try "$EVENHAND" --project "$tap_dir/co" policy run colorado_2027 --json
like "colorado: before 2027 nothing is notified, and the reason says why" "$(duties)" \
	'^\[\["watch"\], "Not notified: pack Colorado automated decisions .SB 26-189.*not in force before 2027-01-01'
EVENHAND_TIME_NOW=2027-01-01T00:00:00Z
try "$EVENHAND" --project "$tap_dir/co" policy run colorado_2027 --json
like "colorado: from 2027 it is" "$(duties)" '^\[\["notify"\], "Potential violation of policy colorado_2027'
EVENHAND_TIME_NOW=2026-11-25T10:00:00Z

# ---- declarations ----

ev policy declare data_policy_published 2026-01-01 --reason test >/dev/null 2>&1
try ev policy declarations --json
like "a declaration" "$out" data_policy_published

# ---- Connecticut v. Teal: 206 of 259 and 26 of 48 passed the test, 35 and 11 of them were promoted ----

teal=$tap_dir/teal
mkdir "$teal.tables"
awk -v dir="$teal.tables" '
function put(file, line) { print line > (dir "/" file) }
function people(race, n, passed, promoted,   k, id) {
	for (k = 0; k < n; k++) {
		id = sprintf("C%03d", ++all)
		put("candidates.csv", id ",US-CT,supervisor," race)
		put("evaluations.csv", "T," id ",written_test," (k < passed ? "advance" : "reject"))
		if (k < passed)
			put("evaluations.csv", "P," id ",promotion," (k < promoted ? "advance" : "reject"))
	}
}
BEGIN {
	put("evaluators.csv", "evaluator_id\nT\nP")
	put("candidates.csv", "candidate_id,jurisdiction,position_id,declared.race")
	put("evaluations.csv", "evaluator_id,candidate_id,stage,decision")
	people("white", 259, 206, 35)
	people("black", 48, 26, 11)
}'
"$EVENHAND" --quiet init "$teal"
for kind in evaluators candidates evaluations; do
	ok "Teal: $kind" "$EVENHAND" --quiet --project "$teal" import $kind "$teal.tables/$kind.csv"
done
own() { # EXPRESSION over f: of the own findings
	j "[$1 for f in d['own_findings'] if not f['own']['subject']]"
}
for policy in ugesp_annual four_fifths; do
	try "$EVENHAND" --project "$teal" policy run $policy --json
	is "Teal, $policy: stage, group, verdict" \
		"$(own '" ".join([f["own"]["stage"] or "line", f["group"], f["verdict"]])')" \
		"$(case $policy in
		ugesp*) echo '["promotion white notify", "written_test black notify", "line white watch"]' ;;
		*) echo '["promotion white watch", "written_test black watch"]' ;;
		esac)"
	is "Teal, $policy: the counts of the test" "$(j '[[f["n"], f["selected"], f["ref_n"], f["ref_selected"],
		round(f["impact_ratio"], 3)] for f in d["own_findings"] if f["own"]["stage"] == "written_test"]')" \
		'[[48, 26, 259, 206, 0.681]]'
done
try "$EVENHAND" --project "$teal" policy run ugesp_annual --json
like "Teal: the bottom line is in persons, and favours the same group" "$(own 'f["reason"]')" \
	'Bottom line of supervisor, in persons.*35 of 259 white .13\.5 %., 11 of 48 black .22\.9 %., ratio 0\.590'
try "$EVENHAND" --project "$teal" policy run ofccp_2sd --json
like "Teal: the historical yardstick notifies nobody" "$(own 'f["verdict"]')" '^\["watch", "watch", "ok"\]$'
like "Teal: it finds 3.76 standard deviations" "$(own 'f["reason"]')" '-3\.76 standard deviations'
finish
