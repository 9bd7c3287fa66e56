# Nine of ten evaluators are biased alike: each is found by his own ratio, and what is first is the process, not a
# person.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

# Two positions of 100 women and 100 men; women advance at .30, men at .60, with E6 both at .50.
crowd_tables() {
	awk -v dir="$1" '
	function put(file, line) { print line > (dir "/" file) }
	BEGIN {
		put("evaluators.csv", "evaluator_id")
		put("candidates.csv", "candidate_id,jurisdiction,position_id,declared.sex")
		put("evaluations.csv", "evaluator_id,candidate_id,decision")
		for (e = 0; e < 10; e++)
			put("evaluators.csv", "E" e)
		for (i = 0; i < 400; i++) {
			man = i % 2
			put("candidates.csv", sprintf("C%03d,US-IL,%s,%s", i, int(i / 2) % 2 ? "nurse" : "clerk",
				man ? "male" : "female"))
			for (e = 0; e < 10; e++)
				put("evaluations.csv", sprintf("E%d,C%03d,%d", e, i,
					(int(i / 4) * 37 + e * 11 + man * 5) % 100 < (e == 6 ? 50 : man ? 60 : 30)))
		}
	}'
}

project=$tap_dir/p
mkdir "$tap_dir/t"
crowd_tables "$tap_dir/t"
ok "a project" ev --quiet init "$project"
for kind in evaluators candidates evaluations; do
	ok "$kind" ev --quiet import $kind "$tap_dir/t/$kind.csv"
done
try ev audit --json
is "each of the nine is notified, and the fair one is not" "$(json "$tap_dir/try.out" 'notified()')" \
	'["E0:female", "E1:female", "E2:female", "E3:female", "E4:female", "E5:female", "E7:female", "E8:female", "E9:female"]'
is "by his own ratio" \
	"$(json "$tap_dir/try.out" 'sorted({f["ratio"] for f in all_findings() if f["verdict"] == "notify"})')" '[0.5]'
is "as part of something larger" \
	"$(json "$tap_dir/try.out" 'sorted({f["scope"] for f in all_findings() if f["verdict"] == "notify"})')" \
	'["systemic"]'
is "the pooled finding and those per position come before every evaluator, and are notified" \
	"$(ev audit --dry-run --quiet --tsv | awk -F'\t' '$4 == "female" && NR <= 7 { print $1, $2, $15 }' |
		paste -sd, -)" \
	"(all)  notify,(all) clerk notify,(all) nurse notify"
is "nobody is notified about alone: the process is addressed, once as a whole and once per position" \
	"$(ev notifications list --tsv | cut -f1-5 | tail -n +2 | tr '\t' ' ' | paste -sd, -)" \
	"N0001 pending (process) sex female,N0002 pending (process) sex female,N0003 pending (process) sex female"
is "which position each is about is the last column" \
	"$(ev notifications list --tsv | awk -F'\t' '{ print $NF }' | paste -sd, -)" "position,,clerk,nurse"
try ev notifications list --json
is "and a field of the document" "$(json "$tap_dir/try.out" '[n["position"] for n in d["notifications"]]')" \
	'[null, "clerk", "nurse"]'
on80() { python3 tests/lib/onterm.py 80 "$EVENHAND" --quiet --project "$project" "$@" 2>&1; }
is "people see it behind the process" \
	"$(on80 notifications list | awk '/^N/ { print $3, $4 }' | paste -sd, -)" \
	"(process) female,(process) clerk,(process) nurse"
is "as in the findings of an audit" \
	"$(on80 audit --dry-run | awk '/female/ && NR < 8 { print $1, $2 }' | paste -sd, -)" \
	"(all) sex,(all) clerk,(all) nurse"
is "and no line is wider than the terminal" \
	"$({ on80 notifications list; on80 audit --dry-run; on80 evaluators; } | awk 'length > 80')" ""
like "the built-in result stands beside the policy's" "$(on80 evaluators --group female)" '!! notify  *watch'
like "the first lists the nine" "$(ev notifications show N0001)" '^Evaluators: E0 E1 E2 E3 E4 E5 E7 E8 E9$'
like "so does explain" "$(ev explain N0001)" \
	'^Evaluators with this finding of their own: E0, E1, E2, E3, E4, E5, E7, E8, E9$'
try ev explain N0002 --json
is "one on a position is addressed to the process, too, with nobody's own finding" \
	"$(json "$tap_dir/try.out" 'd["process"]')" '[]'
try ev explain E0 --json
is "one on an evaluator is not" "$(json "$tap_dir/try.out" 'd["process"]')" null

# ---- single evaluators below the limit, all together not: 100 and twice 120 of 200 women, each 140 of 200 men ----

mkdir "$tap_dir/s"
awk -v dir="$tap_dir/s" '
	function put(file, line) { print line > (dir "/" file) }
	BEGIN {
		put("evaluators.csv", "evaluator_id")
		put("candidates.csv", "candidate_id,jurisdiction,position_id,declared.sex")
		put("evaluations.csv", "evaluator_id,candidate_id,decision")
		for (e = 0; e < 3; e++) {
			put("evaluators.csv", "E" e)
			for (i = 0; i < 400; i++) {
				man = i % 2
				k = int(i / 2)
				put("candidates.csv", sprintf("C%d-%03d,US-IL,clerk,%s", e, i, man ? "male" : "female"))
				put("evaluations.csv", sprintf("E%d,C%d-%03d,%d", e, e, i,
					k < (man ? 140 : e == 0 ? 100 : 120)))
			}
		}
	}'
project=$tap_dir/q
ok "another project" ev --quiet init "$project"
for kind in evaluators candidates evaluations; do
	ok "$kind" ev --quiet import $kind "$tap_dir/s/$kind.csv"
done
try ev audit --json
is "one is below the limit and does not stand out, all together are not below" \
	"$(json "$tap_dir/try.out" 'notified()')" '["E0:female"]'
is "a matter of the process has one line, without the numbers of all together" \
	"$(ev notifications list --tsv | awk -F'\t' 'NR > 1 { print $1, $3, $5, "<" $6 $7 $8 $9 ">" }')" \
	"N0001 (process) female <>"
is "people see how many evaluators stand behind it" \
	"$(on80 notifications list | awk '/^N/ { print $3, $4 }')" "1 evaluator"
flat() { tr -s '\n ' ' '; }
for words in "notifications show" explain; do
	text=$(ev $words N0001 | flat)
	like "$words: what is below the limit, and what is not" "$text" \
		'Process 1 evaluator below the limit on sex female, and nobody stands out and has a notification of his own; all together: not below the limit \(ratio 0\.810\)'
	like "$words: the counts" "$text" 'Evaluator E0: female 100 of 200 decisions favourable, the rest 140 of 200 '
	like "$words: ratio, interval, q, rule" "$text" \
		'plain ratio 0\.714, 95 % interval 0\.[0-9]* to 0\.[0-9]*; corrected p \(q\) [0-9.e-]+; rule: below the limit'
	like "$words: why it is systemic" "$text" \
		'Systemic: does not stand out from the others \(ratio divided by that of all others 0\.833, corrected p 0\.[0-9]+\)'
	unlike "$words: the verdict does not read as ok" "$text" 'Verdict ok'
done
is "no line is wider than a terminal" \
	"$({ ev notifications show N0001; ev explain N0001 --ascii; } | awk 'length > 80')" ""
try ev notifications show N0001 --json
is "the document has the evaluators' findings" "$(json "$tap_dir/try.out" \
	'[[f["evaluator"], f["selected"], f["n"], f["verdict"], f["scope"]] for f in d["evaluators_findings"]]')" \
	'[["E0", 100, 200, "notify", "systemic"]]'

is "nobody is apart from them" "$(json "$tap_dir/try.out" '[d["with_own"], d["with_own_count"]]')" '[[], 0]'

# ---- two of twelve stand out, one does not: the process's notification names the two, and does not list them ----

mkdir "$tap_dir/a"
awk -v dir="$tap_dir/a" '
	function put(file, line) { print line > (dir "/" file) }
	BEGIN {
		put("evaluators.csv", "evaluator_id")
		put("candidates.csv", "candidate_id,jurisdiction,position_id,declared.sex")
		put("evaluations.csv", "evaluator_id,candidate_id,decision")
		for (e = 0; e < 12; e++) {
			put("evaluators.csv", sprintf("E%02d", e))
			for (i = 0; i < 400; i++) {
				man = i % 2
				k = int(i / 2)
				put("candidates.csv", sprintf("C%02d-%03d,US-IL,clerk,%s", e, i,
					man ? "male" : "female"))
				put("evaluations.csv", sprintf("E%02d,C%02d-%03d,%d", e, e, i,
					k < (man ? 140 : e == 0 ? 100 : e == 4 ? 50 : e == 7 ? 40 : 120)))
			}
		}
	}'
first_projects=$project
project=$tap_dir/apart
ok "a third project" ev --quiet init "$project"
for kind in evaluators candidates evaluations; do
	ok "$kind" ev --quiet import $kind "$tap_dir/a/$kind.csv"
done
ok "an audit" ev --quiet audit
is "the process and the two" "$(ev notifications list --tsv | cut -f1,3 | tail -n +2 | tr '\t\n' ' ,')" \
	"N0001 (process),N0002 E04,N0003 E07,"
for words in "notifications show" explain; do
	text=$(ev $words N0001 | flat)
	like "$words: how many are not counted among its evaluators" "$text" \
		'Process 1 evaluator below the limit on sex female, without the 2 who stand out and have a notification of their own; '
	like "$words: who they are, by p" "$text" \
		'Apart 2 evaluators with a notification of their own on sex female, the smallest p first: E07, E04 Evaluator E00:'
done
own='[d["with_own"], d["with_own_count"]]'
try ev notifications show N0001 --json
is "the document lists them" "$(json "$tap_dir/try.out" "$own")" '[["E07", "E04"], 2]'
try ev explain N0001 --json
is "so does that of explain" "$(json "$tap_dir/try.out" "$own")" '[["E07", "E04"], 2]'
try ev notifications show N0002 --json
is "beside one evaluator there is nobody to list" "$(json "$tap_dir/try.out" "$own")" '[null, null]'
# E04 comes up to the others: what was stored stays as it was until another audit
awk -F, 'NR == 1 || ($1 == "E04" && $3 == 0 && ++n <= 90) { print $1 "," $2 "," (NR == 1 ? $3 : 1) }' \
	"$tap_dir/a/evaluations.csv" >"$tap_dir/a/again.csv"
ok "another decision on ninety" ev --quiet import evaluations "$tap_dir/a/again.csv"
try ev notifications show N0001 --json
is "a notification keeps whom it named" "$(json "$tap_dir/try.out" "$own")" '[["E07", "E04"], 2]'
ok "the next audit" ev --quiet audit
try ev notifications show N0001 --json
is "one that is refreshed names who stands out now" "$(json "$tap_dir/try.out" "$own")" '[["E07"], 1]'
project=$first_projects

# ---- what explain does not find it names ----

missing() { ev explain "$@" 2>&1 >"$tap_dir/none"; }
like "a group that is not" "$(missing E1 --group zz)" "audit run 1 has no group 'zz' on E1; it has: female, male"
like "an attribute that is not" "$(missing E1 --attribute race)" "has no attribute 'race' on E1; it has: sex"
like "an evaluator that is not" "$(missing E9 --group zz)" "no audited evaluator 'E9'"
finish
