# raters: harsh to all, harsh to one group, parts that nothing links; on a table and on a project.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

table=$tap_dir/t.csv
r() { try "$EVENHAND" raters "$@" --json; }
j() { json "$tap_dir/try.out" "$1"; }
rater() { j "[e for e in d['evaluators'] if e['evaluator'] == '$1'][0]$2"; }

# 12 evaluators, 200 women and 200 men each, half of either in p1 and p2.  Of 100: A3 advances 20 of everybody, A5 80,
# A7 20 women and 60 men, A9 everybody, the others 50.  Z is alone in p9.
awk 'function judge(e, n, sex, pos, k,  i) {
	for (i = 1; i <= n; i++)
		print e "," e sex pos i "," (i * k % 100 < k ? 1 : 0) "," sex "," pos "," \
			10 + i % 7 * (e == "A4" ? 1 : 3)
}
function share(e, sex) {
	return e == "A3" ? 20 : e == "A5" ? 80 : e == "A7" ? (sex == "female" ? 20 : 60) : e == "A9" ? 100 : 50
}
BEGIN {
	print "evaluator_id,candidate_id,decision,candidate_sex,position,mark"
	for (e = 1; e <= 12; e++)
		for (p = 1; p <= 2; p++) {
			judge("A" e, 100, "female", "p" p, share("A" e, "female"))
			judge("A" e, 100, "male", "p" p, share("A" e, "male"))
		}
	judge("A1", 30, "", "p1", 50)
	judge("Z", 100, "female", "p9", 50); judge("Z", 100, "male", "p9", 50)
}' >"$table"

r "$table" --class candidate_sex --stratum position --score mark
is "raters needs no project" "$status" 0
is "the schema and what was read" "$(j '[d["schema"], d["decisions"], d["unknown"], len(d["evaluators"])]')" \
	'["evenhand.raters/1", 5030, {"sex": 30}, 13]'
like "harsh to all" "$(rater A3 '["sentence"]')" '^harsh to all: the odds of advancing are 0\.'
unlike "and not to one group" "$(rater A3 '["sentence"]')" female
like "lenient to all" "$(rater A5 '["sentence"]')" '^lenient to all'
like "harsh to one group" "$(rater A7 '["sentence"]')" 'harsh to female: odds 0\.'
unlike "and not to all" "$(rater A7 '["sentence"]')" 'to all'
is "an ordinary evaluator is told nothing about" "$(rater A1 '["sentence"]')" "no difference that could be told"
like "who advanced everybody is flagged, with a finite severity" "$(rater A9 '["sentence"]')" \
	'^advanced all of 400 decisions'
is "finite it is" \
	"$(rater A9 '["extreme"] and -20 < [e for e in d["evaluators"]
		if e["evaluator"] == "A9"][0]["severity"] < 0')" true
is "and nothing is said of groups" "$(rater A9 '["bias"][0]["undefined"]["size"]')" everybody_selected
like "scores that bunch" "$(rater A4 '["sentence"]')" 'scores bunch in the middle'
is "two groups are one test" "$(j '[d["family"]["method"], d["family"]["bias"]]')" '["bh", 12]'
is "without times there is no drift" "$(rater A1 '["drift"]["undefined"]["size"]')" no_times
is "Z is a part by himself" \
	"$(j '[d["connected"]["stratum"]["components"], d["connected"]["stratum"]["evaluators"][1]]')" '[2, ["Z"]]'
is "and has no severity" "$(rater Z '["undefined"]["severity"]')" no_peers
like "which stderr says too" "$err" \
	'not comparable: no stratum links 2 parts of the evaluators: \(A1, A10, A11 and 9 more\), \(Z\)'
like "the unknown are counted" "$err" 'sex: the class is not known in 30 of 5030 decisions'
cp "$tap_dir/try.out" "$tap_dir/a.json"
(head -n 1 "$table"; tail -n +2 "$table" | sort -r) >"$tap_dir/shuffled.csv"
r "$tap_dir/shuffled.csv" --class candidate_sex --stratum position --score mark
is "another order of the rows gives the same bytes" "$(grep -v '"source"' "$tap_dir/try.out" | cksum)" \
	"$(grep -v '"source"' "$tap_dir/a.json" | cksum)"
awk -F, 'NR == 1 { print $0 ",decided_at"; next }
{ n[$1]++; if ($1 == "A6") $3 = n[$1] % 60 < 52 - n[$1] / 8 ? 1 : 0
  printf "%s,%s,%s,%s,%s,%s,2026-%02d-%02d%s\n", $1, $2, $3, $4, $5, $6, 1 + int(n[$1] / 40), 1 + n[$1] % 14 * 2,
	n[$1] % 2 ? "" : "T23:30:00-05:00" }' "$table" >"$tap_dir/timed.csv"
r "$tap_dir/timed.csv" --class candidate_sex --stratum position
is "with decided_at there is a drift for everybody who can have one" \
	"$(j '[e["evaluator"] for e in d["evaluators"] if e["drift"]["size"] is None]')" '["A9"]'
is "and who grows harsher is seen" "$(rater A6 '["drift"]["size"] > 0.3')$(rater A6 '["drift"]["q"] < 0.01')" truetrue
sed '3s/,[^,]*$/,yesterday/' "$tap_dir/timed.csv" >"$tap_dir/mistimed.csv"
r "$tap_dir/mistimed.csv" --class candidate_sex --stratum position
is "a word that is no time is an error" "$status" 1
like "at its place, with the mend" "$err" "^$tap_dir/mistimed.csv:3:[0-9]*: decided_at: 'yesterday' .*write it as 2026-"

try "$EVENHAND" raters "$table" --class candidate_sex --stratum position --compare A3 --compare A5 --json
is "two evaluators are compared" "$(j '[d["schema"], d["difference"] > 2, d["p"] < 1e-6, d["undefined"]["kappa"]]')" \
	'["evenhand.raters.pair/1", true, true, "one_rating"]'
try "$EVENHAND" raters "$table" --class candidate_sex --stratum position --compare A3 --compare Z
is "not across parts: refused" "$status" 4
like "with the parts named" "$err" '\(A1, A10, A11 and 9 more\) with \(Z\)'
is "and nothing on stdout" "$out" ""
try "$EVENHAND" raters "$table" --class candidate_sex --stratum position --compare A3
is "--compare wants two" "$status" 2
try "$EVENHAND" raters "$table" --class candidate_sex --stratum position --compare A3 --compare NOBODY
like "an evaluator that is not there is named" "$err" NOBODY
try "$EVENHAND" raters "$table" --class candidate_sex --stratum position --link candidate --compare A3 --compare A5
is "--link candidate: nobody shares one" "$status" 4
try "$EVENHAND" raters "$table" --class candidate_sex --tsv
is "a row for each evaluator" "$(printf '%s\n' "$out" | wc -l | tr -d ' ')" 14
like "with stable columns" "$out" \
	'^evaluator	n	rate	severity	se	q	infit	group	bias	t	q_bias	drift	spread	finding'
for bad in "--family x" "--alpha 2" "--link x" "--strata x" "--predicted 0.1" "--min 0"; do
	# shellcheck disable=SC2086
	try "$EVENHAND" raters "$table" $bad
	is "$bad is a usage error" "$status" 2
done
try "$EVENHAND" raters "$tap_dir/none.csv"
is "a table that is not there is an error" "$status" 1
try "$EVENHAND" raters --help
like "--help says what bias is" "$out" 'Bias is what is left'
like "the manual has it" "$("$EVENHAND" manual)" '^\.SS "raters \[FILE.csv\]"'

# ---- a project: E07 of the shared project is harsh to women, E03 to all; every evaluator judges every candidate ----

project=$tap_dir/p
make_project "$project" --dry-run || note "make_project failed"
before=$(ev journal show --tsv | wc -l)
try ev raters --json
is "a project needs no table" "$status" 0
like "E07 is harsh to women" "$(rater E07 '["sentence"]')" 'harsh to female'
like "E03 is harsh to all" "$(rater E03 '["sentence"]')" 'harsh to all'
unlike "and not to a sex" "$(rater E03 '["sentence"]')" 'female'
is "all share candidates" "$(j '[d["connected"][k]["components"] for k in ("candidate", "stratum")]')" '[1, 1]'
is "agreement on 60 candidates x 2 questions" \
	"$(j '[d["agreement"]["decisions"]["units"], -1 < d["agreement"]["decisions"]["alpha_nominal"] < 1]')" \
	'[120, true]'
is "its interval holds it" "$(j '(lambda x: x["alpha_95"][0] <= x["alpha_nominal"] <= x["alpha_95"][1])(
	d["agreement"]["decisions"])')" true
is "persons, not decisions" "$(rater E07 '["persons"]') $(rater E07 '["n"]')" "60 120"
try ev raters --class candidate_sex
is "options of a table need one" "$status" 2
awk -F, 'NR == 1 { print $0 ",decided_at"; next }
{ n[$1]++; if ($1 == "E05") $4 = n[$1] % 60 < 45 - n[$1] / 4 ? "advance" : "reject"
  printf "%s,%s,%s,%s,2026-%02d-%02dT10:00:00Z\n", $1, $2, $3, $4, 1 + int(n[$1] / 12), 1 + n[$1] % 12 * 2 }' \
	"$project/tables/evaluations.csv" >"$tap_dir/times.csv"
ok "times are imported" ev --quiet import evaluations "$tap_dir/times.csv"
try ev raters --json
is "with times there is a drift for everybody" \
	"$(j '[e["evaluator"] for e in d["evaluators"] if e["drift"]["size"] is None]')" '[]'
is "and one more than the others' is seen" "$(rater E05 '["drift"]["size"] > 0')" true
is "biases that are defined are counted" "$(j '[d["interaction"]["biases"] > 20, d["interaction"]["undefined"]]')" \
	'[true, {}]'
is "reading leaves no entry in the journal but the import's" "$(ev journal show --tsv | wc -l)" "$((before + 1))"

# ---- a project in which nobody's class is known: severity is all there is, and that is said ----

mkdir "$tap_dir/q.tables"
awk -v dir="$tap_dir/q.tables" 'BEGIN {
	print "evaluator_id" > (dir "/evaluators.csv")
	print "candidate_id,jurisdiction,declared.sex" > (dir "/candidates.csv")
	print "evaluator_id,candidate_id,decision" > (dir "/evaluations.csv")
	for (c = 0; c < 120; c++)
		printf "C%03d,US-IL,%s\n", c, c % 2 ? "female" : "" > (dir "/candidates.csv")
	for (e = 1; e <= 6; e++) {
		print "E" e > (dir "/evaluators.csv")
		for (c = 0; c < 120; c++)
			printf "E%d,C%03d,%d\n", e, c, (c * 37 + e) % 100 < (e == 2 ? 20 : 60) > \
				(dir "/evaluations.csv")
	}
}'
project=$tap_dir/q
ok "a project without classes" ev --quiet init "$project"
for kind in evaluators candidates evaluations; do
	ev --quiet import "$kind" "$tap_dir/q.tables/$kind.csv"
done
try ev raters --json
is "has severity" "$status $(j '[e["severity"] > 0 for e in d["evaluators"] if e["evaluator"] == "E2"]')" "0 [true]"
is "of a group nothing, with the reason" \
	"$(j '[d["interaction"], d["groups"], d["unknown"], d["evaluators"][0]["bias"]]')" \
	'[{"biases": null, "undefined": {"biases": "no_classes"}}, [], {}, []]'
like "which stands beside who is harsh" "$(rater E2 '["sentence"]')" \
	'^harsh to all: .*; or to one group only, which cannot be told: no classes are known$'
is "and not beside who is not" "$(rater E4 '["sentence"]')" "no difference that could be told"
like "and on stderr, with the mend" "$err" 'severity alone: .* declared\.ATTRIBUTE or imported\.ATTRIBUTE'
try ev raters --tsv
is "the table has a row for everybody" "$(tail -n +2 "$tap_dir/try.out" | wc -l)" 6
try ev audit --dry-run
like "an audit still says what it lacks" "$err" 'no attribute has two known groups'
finish
