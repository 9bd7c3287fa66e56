# A consent withdrawn from under a model: the audit uses none of its classes and says why, until it is made anew; and a
# file of withdrawals rewrites the store once.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3
measure=$(dirname "$EVENHAND")/tests/core/test_desk_card
[ -x "$measure" ] || skip_all "tests/core/test_desk_card is not built (make test-build)"

project=$tap_dir/p
make_project "$project" || exit 1
awk 'BEGIN {
	print "candidate_id,jurisdiction" >"'"$tap_dir"'/more.csv"
	print "candidate_id,purpose,granted,at'"$paper_columns"'" >"'"$tap_dir"'/agreed.csv"
	print "candidate_id,purpose,granted,at" >"'"$tap_dir"'/withdrawn.csv"
	print "evaluator_id,candidate_id,question_id,decision" >"'"$tap_dir"'/judged.csv"
	n = split("watch face voice infer:sex", purpose, " ")
	for (c = 61; c <= 80; c++) {
		printf "C%03d,US-IL\n", c >"'"$tap_dir"'/more.csv"
		for (i = 1; i <= n; i++)
			printf "C%03d,%s,yes,2026-10-01T09:00:00Z'"$paper_cells"'\n",
				c, purpose[i] >"'"$tap_dir"'/agreed.csv"
		printf "E07,C%03d,Q1,%s\n", c, (c % 3 ? "reject" : "advance") >"'"$tap_dir"'/judged.csv"
		if (c > 70)
			printf "C%03d,infer:sex,no,2026-10-02T09:00:00Z\n", c >"'"$tap_dir"'/withdrawn.csv"
	}
}'
for kind in candidates:more consents:agreed evaluations:judged; do
	ev --quiet import "${kind%:*}" "$tap_dir/${kind#*:}.csv" || exit 1
done
"$measure" measure "$project" 80 || exit 1
ev --quiet train sex >/dev/null 2>&1 || exit 1
ev --quiet classify sex >/dev/null || exit 1

# the classes that came from the model, whether or not its estimate passes the guards
predicted() {
	json "$tap_dir/try.out" '(lambda p: p["predicted"] + p["refused"])(find("E07", "female")["provenance"])'
}
aside() { json "$tap_dir/try.out" 'run["predicted_not_used"]'; }

exits "an audit with predicted classes" 0 ev audit --dry-run --json
given=$(predicted)
ok "uses them ($given)" test "$given" -gt 10
is "and leaves none aside" "$(aside)" "[]"

exits "one of those who taught withdraws" 0 ev consent withdraw C003 train
exits "the audit then" 0 ev audit --json
is "uses no class of that model" "$(predicted)" 0
like "and says why and what to do" "$err" \
	'predicted classes of sex of [0-9]+ candidates are not used: the consent of 1 candidate behind model sex-[0-9a-f]+ was withdrawn.*evenhand train --refresh sex, then evenhand classify sex'
is "in JSON too" "$(json "$tap_dir/try.out" '[[a["attribute"], a["candidates"] > 10, "withdrawn" in a["reason"]]
	for a in run["predicted_not_used"]]')" \
	'[["sex", true, true]]'
like "and in the journal" "$(ev journal show --tsv)" 'audit.*classes predicted for sex not used: [0-9]+'

ev --quiet train --refresh >/dev/null 2>&1 || exit 1
exits "an audit after the refresh" 0 ev audit --dry-run --json
is "has none yet" "$(predicted)" 0
is "and nothing to leave aside" "$(aside)" "[]"
exits "classifying anew" 0 ev classify sex
exits "an audit after that" 0 ev audit --dry-run --json
is "has them back" "$(predicted)" "$given"

before=$(ev journal show --tsv | grep -c 'store\.tidy')
exits "ten withdrawals in one file" 0 ev import consents "$tap_dir/withdrawn.csv"
is "rewrite the store once" "$(($(ev journal show --tsv | grep -c 'store\.tidy') - before))" 1
exits "an audit after them" 0 ev audit --dry-run --json
ok "has fewer predicted classes" test "$(predicted)" -lt "$given"
finish
