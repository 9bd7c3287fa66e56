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
r "$table" --min-share 60
is "--min-share 60 is more than half of the pool" "$status" 2
like "and says what it wants" "$err" '0 to 50'
r "$table" --min-share 45%
is "--min-share 45% leaves the smaller sex out, as focal and as reference" \
	"$(j '[d["min_share"], pooled("female")["below_two_percent"], find("EX", "female")["why"]["impact_ratio"],
		find("EX", "male")["is_reference"]]')" \
	'[0.45, true, "below_two_percent", true]'
like "and the reason names that share" "$(j 'pooled("female")["reason"]')" 'less than 45 %'
r "$table"
is "Boschloo's test is not computed unasked" \
	"$(j '[find("EX", "female")["p_boschloo"], find("EX", "female")["why"]["p_boschloo"]]')" \
	'[null, "not_asked"]'
r "$table" --boschloo
# scipy 1.10: boschloo_exact([[8, 10], [12, 10]]), the groups in columns
is "--boschloo computes it" "$(j 'round(find("EX", "female")["p_boschloo"], 4)')" 0.6114
is "effect sizes and posterior are those of 8/20 against 10/20" \
	"$(j '([round(find("EX", "female")[k], 4) for k in ("cohen_h", "phi", "odds_ratio", "shortfall_pooled")] +
		[0.4 < find("EX", "female")["posterior"] < 0.6])')" \
	'[-0.2014, -0.1005, 0.6667, 1.0, true]'
is "without a score there are no scores" "$(j 'find("EX", "female")["scores"]')" null
r "$table" --score mark
# EX: women have 11..18 (8 selected) and 9..20, men 11..20 and 11..20; the median of the 40 is 15
is "--score gives rates above the median and a rank test" \
	"$(j '[find("EX", "female")["scores"][k]
		for k in ("n", "ref_n", "median", "scoring_rate", "ref_scoring_rate", "scoring_ratio")]')" \
	"$(awk 'BEGIN { print "[20, 20, 15.0, 0.4, 0.5, 0.8]" }')"
is "and its name" "$(j 'find("EX", "female")["scores"]["rank_method"]')" "Mann-Whitney, normal (ties, continuity)"
r "$table" --score mark --median half
is "--median is all or known" "$status" 2
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
is "--prob takes classes as probabilities, and refuses them where nobody tells how good they are" \
	"$(j '[(lambda f: [f["provenance"]["predicted"], f["provenance"]["refused"], f["basis"], f["ratio"],
	f["verdict"]])(find("E1", "female", a["attribute"])) for a in d["attributes"]]')" \
	'[[0, 200, "known", null, "cannot_conclude"]]'

# a class beside the probabilities: 120 persons tell how good they are, 200 are predicted from them
awk 'BEGIN { srand(3); print "evaluator_id,candidate_id,decision,declared.sex,sex.female,sex.male"
	for (i = 1; i <= 320; i++) {
		f = i % 2
		p = (i % 20 < 2) ? 0.1 + 0.3 * rand() : 0.6 + 0.38 * rand()
		p = sprintf("%.4f", f ? p : 1 - p)
		print "E1,C" i "," (f ? i % 10 == 1 || i % 10 == 3 : i % 10 > 2) "," \
			(i <= 120 ? (f ? "female" : "male") : "") "," p "," 1 - p
	}
}' >"$tap_dir/known.csv"
r "$tap_dir/known.csv" --class declared.sex --prob sex
is "a class in the table wins over its probabilities" \
	"$(j '(lambda f: [f["provenance"], f["n"], f["basis"]])(find("E1", "female", "sex"))')" \
	'[{"declared": 120, "imported": 0, "predicted": 200, "refused": 0, "unknown": 0}, 60, "screening"]'
is "which measure the classifier" "$(j '(lambda a: [a["labelled"], a["auc"] > 0.85, a["auc_lo"] < a["auc"],
	a["ece"] < 0.3, a["fit_p"] > 0.01])(find("E1", "female", "sex")["assumption"])')" \
	'[120, true, true, true, true]'
try "$EVENHAND" rates "$tap_dir/known.csv" --class declared.sex --prob sex
like "the table says whose class is from where, and that it is screening" "$out" \
	'^E1	.*	120/0/200/0	screening	'
r "$tap_dir/known.csv" --class declared.sex --prob sex
is "so that the guards are met" "$(j 'find("E1", "female", "sex")["em"]["guard"]')" null
is "both estimates and the bounds stand there" \
	"$(j '(lambda a, em: a["bounds"][0] <= em["weighted_ratio"] <= a["bounds"][1] and
		a["interval"] == sorted([em["ratio"], em["weighted_ratio"]]))(
		*(find("E1", "female", "sex")[k] for k in ("assumption", "em")))')" true
is "and what supports the answer" "$(j '(lambda s, em: [s["em"], s["weighted"]] ==
	[em["ratio"] < 0.8 and em["interval"][1] < 1, em["robust"]])(
	find("E1", "female", "sex")["assumption"]["supports"], find("E1", "female", "sex")["em"])')" true
is "the assumption is checked where the class is known" \
	"$(j '[0 <= find("E1", "female", "sex")["assumption"][k] <= 1 for k in ("p_score", "p_class")]')" '[true, true]'
like "no such note where somebody is predicted" "$(grep -c 'changes nothing here' "$tap_dir/try.err")" '^0$'

# probabilities that are of nobody whose class is unknown: of none but the 120, or of people who all have a class
awk -F, -v OFS=, 'NR > 1 && $4 == "" { $5 = $6 = "" } { print }' "$tap_dir/known.csv" >"$tap_dir/nobody.csv"
awk -F, -v OFS=, 'NR > 1 { $4 = NR % 2 ? "male" : "female" } { print }' "$tap_dir/known.csv" >"$tap_dir/all.csv"
for t in nobody all; do
	r "$tap_dir/$t.csv" --class declared.sex --prob sex
	is "$t: that is no error" "$status" 0
	like "$t: a note says that --prob changes nothing" "$err" \
		"note: nobody without a class of 'sex' has probabilities, .*; --prob changes nothing here"
	cp "$tap_dir/try.out" "$tap_dir/with"
	r "$tap_dir/$t.csv" --class declared.sex
	is "$t: nor does it, in any number that decides" "$(python3 - "$tap_dir/with" "$tap_dir/try.out" <<-'END'
		import json, sys
		def of(path):
		    doc = json.load(open(path))
		    a = doc["attributes"][0]
		    keys = ("n", "selected", "ratio", "interval", "p", "q", "verdict", "basis", "provenance")
		    return [[f[k] for k in keys]
		            for who in [a["pooled"], *a["evaluators"]] for f in who["groups"]]
		print(of(sys.argv[1]) == of(sys.argv[2]), len(of(sys.argv[1])))
		END
	)" "True 4"
	unlike "$t: without the option there is no such note" "$err" "changes nothing"
done
awk -F, -v OFS=, 'NR > 1 { $5 = sprintf("%.4f", 0.5 + ($5 - 0.5) * (NR % 3 - 0.7) * 0.7); $6 = 1 - $5 } { print }' \
	"$tap_dir/known.csv" >"$tap_dir/weak.csv"
r "$tap_dir/weak.csv" --class declared.sex --prob sex
weak='(lambda f: [f["basis"], f["ratio"], f["p"], f["q"], f["verdict"], f["em"]["ratio"],
	f["em"]["guard"].split(":")[0]])(find("E1", "female", "sex"))'
bare='(lambda f: [f["basis"], f["ratio"], f["p"], f["q"], f["verdict"]])(find("E1", "female", "sex"))'
refused() { # GUARD: what the table without its probabilities says, with no estimate beside it
	r "$tap_dir/declared.csv" --class declared.sex
	printf '%s, null, "%s"]' "$(j "$bare" | sed 's/]$//')" "$1"
}
cut -d, -f1-4 "$tap_dir/known.csv" >"$tap_dir/declared.csv"
want=$(refused "classifier too weak")
r "$tap_dir/weak.csv" --class declared.sex --prob sex
is "a weak classifier estimates nothing, and what is known says what it says" "$(j "$weak")" "$want"
awk -F, -v OFS=, 'NR > 1 && $4 == "" { $5 = sprintf("%.4f", 0.5 + ($5 - 0.5) * 0.15); $6 = 1 - $5 } { print }' \
	"$tap_dir/known.csv" >"$tap_dir/strange.csv"
r "$tap_dir/strange.csv" --class declared.sex --prob sex
got=$(j "$weak")
is "nor does one that sees other people than those it was measured on" "$got" \
	"$(refused "the scores of the predicted fit no mixture of the labelled ones")"
# facts/statistics.md 12, scenario 3: the labelled half women, the pool a fifth; AUC .9, probabilities calibrated on the
# labelled, rates .3 and .5.  The labelled are another evaluator's, so that E's estimate rests on predictions alone.
shifted() {
	python3 - "$1" "$2" <<-'END'
		import math, random, sys
		rng, parts, gap = random.Random(int(sys.argv[1])), sys.argv[2].split(","), 1.8124
		print("evaluator_id,candidate_id,decision,sex,sex.female,sex.male")
		for who, n, share in (("L", int(parts[0]), .5), ("E", int(parts[1]), .2)):
		    for i in range(n):
		        female = rng.random() < share if who == 'E' else i % 2 == 0
		        p = 1 / (1 + math.exp(gap * gap / 2 - gap * rng.gauss(gap if female else 0, 1)))
		        chosen = rng.random() < (.3 if female else .5)
		        print(f"{who},{who}{i},{int(chosen)},{('male', 'female')[female] if who == 'L' else ''},"
		              f"{p:.9f},{1 - round(p, 9):.9f}")
	END
}
product=1
for seed in 1 2 3 4 5 6; do
	shifted $seed 1000,8000 >"$tap_dir/shifted.csv"
	r "$tap_dir/shifted.csv" --class sex --prob sex --reference male
	product="$product*$(j 'find("E", "female")["em"]["ratio"]')"
done
is "labelled persons of other shares than the pool do not bias the ratio .6" \
	"$(python3 -c "m = ($product) ** (1 / 6); print(abs(m / .6 - 1) < .05 or m)")" True

# ---- whose class is whose: columns by name ----

# named COLUMNS: known.csv with its class (4) and probabilities (5, 6) under other names
named() {
	awk -F, -v OFS=, -v head="$1" 'NR == 1 { print "evaluator_id,candidate_id,decision," head; next } { print }' \
		"$tap_dir/known.csv" >"$tap_dir/named.csv"
}
sources() { j '[[a["attribute"], *(a["pooled"]["groups"][0]["provenance"][k] for k in ("declared", "imported",
	"predicted", "unknown"))] for a in d["attributes"]]'; }
named declared.sex,sex.female,sex.male
for how in "" "--class sex" "--class declared.sex"; do
	r "$tap_dir/named.csv" $how
	is "a column declared.sex is declared (${how:-no option})" "$(sources)" '[["sex", 120, 0, 0, 200]]'
done
sed '2s/^E1,/"E1",/' "$tap_dir/named.csv" >"$tap_dir/named-quoted.csv"
r "$tap_dir/named-quoted.csv"
is "and by the other reader" "$(sources)" '[["sex", 120, 0, 0, 200]]'
named imported.sex,sex.female,sex.male
r "$tap_dir/named.csv"
is "a column imported.sex is imported, and is a class" "$(sources)" '[["sex", 0, 120, 0, 200]]'
r "$tap_dir/named.csv" --prob sex
is "the probabilities of its attribute stand beside it" "$(sources)" '[["sex", 0, 120, 200, 0]]'
named cls,cls.female,cls.male
r "$tap_dir/named.csv" --prob cls
is "--prob takes the class column of its name" "$(sources)" '[["cls", 0, 120, 200, 0]]'
named cls,p.female,p.male
r "$tap_dir/named.csv" --class cls --prob p
is "or that of the only --class" "$(sources)" '[["cls", 0, 120, 200, 0]]'
named cls,p.female,p.other
r "$tap_dir/named.csv" --class cls --prob p
is "whose groups it must have" "$status" 1
like "which is said with both options and the mend" "$err" \
	":1:36: --class cls and --prob p are of different groups: there is no column 'p.male'; give both the same"
awk -F, -v OFS=, 'NR == 1 { print "evaluator_id,candidate_id,decision,declared.sex,imported.sex"; next }
	{ print $1, $2, $3, $4, NR % 2 ? "male" : "female" }' "$tap_dir/known.csv" >"$tap_dir/named.csv"
r "$tap_dir/named.csv"
is "who declared nothing has the class imported" "$(sources)" '[["sex", 120, 200, 0, 0]]'
r "$tap_dir/named.csv" --class imported.sex
is "but for who names it" "$(sources)" '[["sex", 0, 320, 0, 0]]'
try "$EVENHAND" rates "$table" --json --tsv
is "--json and --tsv together are a wrong use" "$status" 2
like "which names both" "$err" 'rates: --json and --tsv exclude each other'

r "$table"
is "without predicted classes there is nothing assumed" \
	"$(j 'find("EX", "female", d["attributes"][0]["attribute"])["assumption"]')" null

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

# bad NAME PLACE PART MEND: the table of the name is an error at LINE:COLUMN whose words have PART and the mend; with
# --on-error skip (SKIPPED: as many rows) the others are counted
bad() {
	file=$tap_dir/bad-$1.csv
	r "$file"
	is "$1: is an error" "$status" 1
	is "$1: with nothing on stdout" "$out" ""
	like "$1: has its place and what was read" "$err" "^$file:$2: .*$3"
	like "$1: and the mend" "$err" "$4"
	[ -n "${5:-}" ] || return 0
	r "$file" --on-error skip
	is "$1: skip leaves it out" "$status" 0
	is "$1: and counts it" \
		"$(j '[d["skipped"], len(d["errors"]), d["more_errors"], d["rows"], sum(pooled(g)["n"]
			for g in ("female", "male"))]')" "$5"
	like "$1: and lists it in the document" "$(j 'd["errors"][0]')" "^$file:$2: .*$3"
	like "$1: and on stderr" "$err" "^$file:$2: .*$3"
	like "$1: with the number" "$err" 'rows left out'
}
cut -d, -f1,2,4- "$table" >"$tap_dir/bad-column.csv"
bad column 1:1 "no column 'decision'" 'the columns are evaluator_id, candidate_id, candidate_sex'
r "$tap_dir/bad-column.csv" --on-error skip
is "column: is an error with skip too" "$status" 1
sed '5s/,1,/,yes,/' "$table" >"$tap_dir/bad-word.csv"
bad word 5:14 "'yes' is not a decision" 'write advance, reject, hold, 1 or 0' '[1, 1, 0, 191, 189]'
sed '5s/female4/fem\xff/' "$table" >"$tap_dir/bad-utf8.csv"
bad utf8 5:4 'not valid UTF-8' 'save the table as UTF-8' '[1, 1, 0, 191, 189]'
sed '5s/,[^,]*$//' "$table" >"$tap_dir/bad-ragged.csv"
bad ragged 5:1 'has 5 fields, the header 6' 'write the missing commas' '[1, 1, 0, 191, 189]'
sed '5s/$/,more/' "$table" >"$tap_dir/bad-longer.csv"
bad longer '5:[0-9]*' 'has 7 fields, the header 6' 'put quotes around text with commas' '[1, 1, 0, 191, 189]'
sed '192s/.*/EX,EXfemale1,1,female,q1,5/' "$table" >"$tap_dir/bad-twice.csv"
bad twice 192:1 "evaluator 'EX' decided about candidate 'EXfemale1' already in line 2" \
	'with --stratum COLUMN' '[1, 1, 0, 191, 190]'
sed '5s/,[^,]*$/,1e400/' "$table" >"$tap_dir/bad-number.csv"
r "$tap_dir/bad-number.csv" --score mark
is "a number that overflows is an error" "$status" 1
like "at its place" "$err" "^$tap_dir/bad-number.csv:5:[0-9]*: score: .*1e400"
r "$tap_dir/bad-number.csv" --score mark --on-error skip
is "and is left out" "$status$(j 'd["skipped"]')" 01
awk -F, 'NR == 1 { print $0 ",decided_at"; next } { print $0 (NR == 5 ? ",last week" : ",2026-05-04") }' "$table" \
	>"$tap_dir/bad-time.csv"
bad time '5:[0-9]*' "decided_at: 'last week' is not a time" 'write it as 2026-11-25T10:00:00Z or 2026-11-25' \
	'[1, 1, 0, 191, 189]'
r "$table" --on-error skip
is "without errors skip leaves nothing out" "$(j '[d["skipped"], d["errors"]]')" '[0, []]'
is "and says nothing of it" "$(printf '%s' "$err" | grep -c 'left out: not')" 1
awk 'NR < 3 || NR > 32 { print; next } { print "EX,," NR % 2 ",female,q1,1" }' "$table" >"$tap_dir/bad-many.csv"
r "$tap_dir/bad-many.csv" --on-error skip
is "many errors: all are counted, the first are listed" "$(j '[d["skipped"], len(d["errors"]), d["more_errors"]]')" \
	'[30, 20, 10]'
like "and the others told" "$err" '^evenhand rates: and 10 more'
try sh -c 'cat "$1" | "$EVENHAND" rates - --json --on-error skip' sh "$tap_dir/bad-twice.csv"
is "a pipe is read twice where rows must be left out" "$(j '[d["skipped"], d["errors"][0][:11]]')" '[1, "stdin:192:1"]'
r "$table" --on-error ignore
is "--on-error knows fail and skip" "$status" 2

# ---- threads, intersections ----

awk 'BEGIN {
	print "evaluator_id,candidate_id,decision,candidate_sex,candidate_race,job"
	for (i = 0; i < 90000; i++)
		print "E" i * 7 % 31 ",candidate number " i ",advance," (i % 2 ? "f" : "m") "," \
			(i % 3 ? "a" : i % 5 ? "b" : "") ",J" i % 4
}' | awk 'NR > 1 { srand(NR); if (rand() < .6) sub(",advance,", ",reject,") } { print }' >"$tap_dir/large.csv"
for n in 1 2 3; do
	r "$tap_dir/large.csv" --threads $n --stratum job --intersect sex,race
	cp "$tap_dir/try.out" "$tap_dir/threads-$n.json"
done
ok "two threads give the bytes of one" cmp "$tap_dir/threads-1.json" "$tap_dir/threads-2.json"
ok "and so do three" cmp "$tap_dir/threads-1.json" "$tap_dir/threads-3.json"
(head -n 1 "$tap_dir/large.csv"; tail -n +2 "$tap_dir/large.csv" | sed 's/^E0,/"E0",/') >"$tap_dir/quoted.csv"
r "$tap_dir/quoted.csv" --stratum job --intersect sex,race
is "quotes, which take the other reader, change nothing" "$(grep -v '"source"' "$tap_dir/try.out" | cksum)" \
	"$(grep -v '"source"' "$tap_dir/threads-1.json" | cksum)"
is "--intersect makes an attribute of the pairs" \
	"$(j '[[a["attribute"], sorted({g["group"] for g in a["pooled"]["groups"]})] for a in d["attributes"]][2]')" \
	'["sex x race", ["f x a", "f x b", "m x a", "m x b"]]'
is "whose unknown classes are counted" "$(j '[a["unknown"] for a in d["attributes"]]')" '[0, 6000, 6000]'
like "and told" "$err" "note: the class 'race' of 6000 of 90000 persons is not known"
r "$tap_dir/large.csv" --intersect sex,age
is "an attribute that is not there is a wrong use" "$status" 2
like "that names those there are" "$err" 'there are sex, race'

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
