# rates: the statistics on one table without a project. Figures by hand; the Berkeley table when it is there.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

table=$tap_dir/t.csv
r() { try "$EVENHAND" rates "$@" --json; }
j() { json "$tap_dir/try.out" "$1"; }

# EX: women 8 of 20, men 10 of 20: exactly 4/5.  BE: 7 of 20.  NO: no women judged.  ZE: nobody selected.
# RF: women 3 of 20, no man of 20.  One hold.
awk 'function judge(e, sex, n, k,  i) {
	for (i = 1; i <= n; i++)
		print e "," e sex i "," (i <= k ? 1 : 0) "," sex "," (i % 2 ? "q1" : "q2") "," 10 * (i <= k) + i
}
BEGIN {
	print "evaluator_id,candidate_id,decision,candidate_sex,part,mark"
	judge("EX", "female", 20, 8); judge("EX", "male", 20, 10)
	judge("BE", "female", 20, 7); judge("BE", "male", 20, 10)
	judge("NO", "male", 30, 15); judge("ZE", "female", 20, 0); judge("ZE", "male", 20, 0)
	judge("RF", "female", 20, 3); judge("RF", "male", 20, 0)
	print "EX,EXheld,hold,female,q1,0"
}' >"$table"

r "$table"
is "rates needs no project" "$status" 0
is "schema, rows, limit, reference" "$(j '[d["schema"], d["rows"], d["limit"], d["reference"],
	d["attributes"][0]["attribute"]]')" \
	'["evenhand.rates/1", 191, [4, 5], "highest", "sex"]'
is "source is the file" "$(j 'd["source"]')" "$table"
is "exactly 4/5 is not below" "$(j '[find("EX", "female")[k] for k in ("n", "selected", "impact_ratio",
	"below_limit")]')" '[20, 8, 0.8, false]'
is "one person less is below" "$(j '[find("BE", "female")[k] for k in ("selected", "impact_ratio", "below_limit")]')" \
	'[7, 0.7, true]'
is "but no violation on numbers like these" "$(j 'notified()')" '[]'
is "the reference is the group with the highest rate" "$(j '[find("EX", g)["is_reference"]
	for g in ("female", "male")]')" '[false, true]'
is "a group that nobody judged has no rate and no ratio" \
	"$(j '[find("NO", "female")[k] for k in ("n", "rate", "impact_ratio", "undefined", "below_limit")]')" \
	'[0, null, null, "empty_group", null]'
is "where nobody was selected there is no ratio" \
	"$(j '[find("ZE", "female")[k] for k in ("rate", "impact_ratio", "undefined", "below_limit")]')" \
	'[0.0, null, "nobody_selected", null]'
is "the pooled counts are the sums" "$(j '[pooled("female")["n"], pooled("female")["selected"], pooled("male")["n"],
	pooled("male")["selected"]]')" \
	'[80, 18, 110, 35]'
# scipy 1.11: fisher_exact([[8, 12], [10, 10]]) and the pooled-variance z of .4 against .5
is "Fisher, z and the score interval are those of the 2x2 table" \
	"$(j '[round(find("EX", "female")[k], 4) for k in ("p_fisher", "z", "p_z")] + [find("EX",
	"female")["interval"][0] < 0.8 < find("EX", "female")["interval"][1]]')" \
	'[0.7512, -0.6356, 0.525, true]'
cp "$tap_dir/try.out" "$tap_dir/a.json"
r "$table"
ok "the same input gives the same bytes" cmp "$tap_dir/a.json" "$tap_dir/try.out"
(head -n 1 "$table"; tail -n +2 "$table" | sort -r) >"$tap_dir/shuffled.csv"
r "$tap_dir/shuffled.csv"
is "and so does another order of the rows" "$(grep -v '"source"' "$tap_dir/try.out" | cksum)" \
	"$(grep -v '"source"' "$tap_dir/a.json" | cksum)"
try sh -c '"$EVENHAND" rates - --json <"$1"' sh "$table"
is "- reads standard input" "$(grep -v '"source"' "$tap_dir/try.out" | cksum)" \
	"$(grep -v '"source"' "$tap_dir/a.json" | cksum)"

# ---- options ----

r "$table" --reference rest
is "--reference rest compares with all others" "$(j '[d["reference"], find("EX", "female")["reference"],
	find("EX", "male")["impact_ratio"]]')" \
	'["rest", "rest", 1.25]'
r "$table" --reference female
is "--reference GROUP compares with that group" "$(j '[find("EX", "female")["is_reference"],
	find("EX", "male")["impact_ratio"]]')" '[true, 1.25]'
r "$table" --reference male
is "a reference with nobody selected gives no ratio" \
	"$(j '[find("RF", "female")[k] for k in ("rate", "impact_ratio", "undefined", "below_limit")]')" \
	'[0.15, null, "reference_none_selected", null]'
r "$table" --reference martian
is "a reference group that is not there is an error" "$status" 1
like "and is named" "$err" martian
r "$table" --limit 9/10
is "--limit 9/10 puts .8 below" "$(j '[d["limit"], find("EX", "female")["below_limit"]]')" '[[9, 10], true]'
r "$table" --min 21
is "--min 21 makes 20 too few" "$(j 'find("EX", "female")["verdict"]')" too_few
for method in bh holm by none; do
	r "$table" --family $method
	is "--family $method" "$(j 'd["family"]["method"]')" $method
done
r "$table" --class candidate_sex
is "--class names the column" "$status" 0
r "$table" --class colour
is "a class column that is not there is an error" "$status" 1
like "with the place" "$err" "^$table:1:.*colour"
r "$table" --stratum part
is "--stratum gives Mantel-Haenszel over two strata" \
	"$(j '[find("EX", "female")["strata"], round(find("EX", "female")["mh_ratio"], 12),
	find("EX", "female")["p_cmh"] is not None, find("EX", "female")["p_breslow_day"] is not None]')" \
	'[2, 0.8, true, true]'
r "$table" --stratum none_such
is "a stratum that is not there is an error" "$status" 1
try "$EVENHAND" rates "$table"
like "without --json there are rows" "$out" '^EX	.*	female	20	8	0\.4'
like "with what they were compared with" "$out" \
	'^EX	.*	female	20	8	0\.4[0-9]*	male	0\.5	0\.8'
like "and the reference says that it is one" "$out" \
	'^EX	.*	male	20	10	0\.5	.itself.	0\.5	1	'
like "rows on hold are told" "$err" ': note: 1 row on hold left out'
sed 's/,/;/g' "$table" >"$tap_dir/semicolons.csv"
r "$tap_dir/semicolons.csv"
is "semicolons instead of commas are an error" "$status" 1
like "that names them" "$err" "^$tap_dir/semicolons.csv:1:1: .*separated by ';'"

printf 'evaluator_id,candidate_id,decision,p.female,p.male\n' >"$tap_dir/prob.csv"
awk 'BEGIN { for (i = 1; i <= 200; i++) {
	p = i % 2 ? 0.95 : 0.05
	print "E1,C" i "," (i % 2 ? i % 4 == 1 && i < 100 : i % 4 == 0) "," p "," 1 - p
} }' >>"$tap_dir/prob.csv"
r "$tap_dir/prob.csv" --prob p
is "--prob takes classes as probabilities" "$(j '[find("E1", "female", a["attribute"])["provenance"]["predicted"]
	for a in d["attributes"]]')" '[200]'
is "and calls the result screening" "$(j '[find("E1", "female", a["attribute"])["basis"] for a in d["attributes"]]')" \
	'["screening"]'

# ---- errors ----

sed '5s/,1,/,yes,/' "$table" >"$tap_dir/bad.csv"
r "$tap_dir/bad.csv"
is "a bad decision is an error" "$status" 1
is "with nothing on stdout" "$out" ""
like "named with its place" "$err" "^$tap_dir/bad.csv:5:[0-9]+: .*yes"
sed 's/^EX,EXheld.*/EX,EXmale1,1,female,q2,3/' "$table" >"$tap_dir/bad.csv"
r "$tap_dir/bad.csv"
is "a candidate of two classes under one evaluator is an error" "$status" 1
like "named with its line" "$err" "^$tap_dir/bad.csv:192:"
r "$tap_dir/none.csv"
is "a file that is not there is an error" "$status" 1
like "and is named" "$err" "$tap_dir/none.csv"

# ---- Berkeley 1973 (Bickel, Hammel, O'Connell 1975): departments as evaluators ----

berkeley=$EVENHAND_SHARED/data/tables/ucb_admissions.csv
if [ -f "$berkeley" ]; then
	r "$berkeley"
	is "Berkeley: pooled, women 557 of 1835 and men 1198 of 2691" \
		"$(j '[pooled(g)[k] for g in ("female", "male") for k in ("selected", "n")]')" '[557, 1835, 1198, 2691]'
	is "Berkeley: the plain ratio of all is far below the limit" \
		"$(j '[round(pooled("female")["impact_ratio"], 12), pooled("female")["below_limit"],
		pooled("female")["builtin"]]')" '[0.681829843563, true, "watch"]'
	# facts: Mantel-Haenszel ratio, CMH p and Breslow-Day p over the six departments
	is "Berkeley: by department it is not" \
		"$(j '[pooled("female")["strata"], round(pooled("female")["mh_ratio"], 11),
		round(pooled("female")["p_cmh"], 12)]')" '[6, 1.05830742359, 0.216923697056]'
	is "Berkeley: so the verdict is no violation" "$(j 'pooled("female")["verdict"]')" ok
	like "Berkeley: and its reason says that the plain ratio differs" \
		"$(j 'pooled("female")["reason"]')" 'plain ratio 0\.682 is below the limit'
	is "Berkeley: Breslow-Day says that the departments differ" \
		"$(j 'round(pooled("female")["p_breslow_day"], 12)')" 0.00207139035
	like "Berkeley: in the reason too" "$(j 'pooled("female")["reason"]')" 'Breslow-Day p 0\.0021'
	is "Berkeley: in department A it is the men, .7531" "$(j '[notified(),
		round(find("A", "male")["impact_ratio"], 4)]')" '[["A:male"], 0.7531]'
else
	skip "Berkeley: pooled and stratified verdicts" "$berkeley is not there"
fi
finish
