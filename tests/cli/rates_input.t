# rates: tables and options that are wrong, and what is said of them; the list of rows left out; shares of classes.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3 gzip

r() { try "$EVENHAND" rates "$@" --json; }
j() { json "$tap_dir/try.out" "$1"; }
head=evaluator_id,candidate_id,decision,sex
t=$tap_dir/t.csv
awk -v head="$head" 'BEGIN {
	print head
	for (i = 0; i < 100; i++)
		print "E1,C" i "," i % 2 "," (i % 4 < 2 ? "f" : "m")
}' >"$t"

# refused WHAT PLACE WORDS FILE [OPTION...]: an error of the table at LINE:COLUMN with these words, and of nothing else
refused() {
	what=$1 place=$2 words=$3 file=$4
	shift 4
	r "$file" "$@"
	is "$what: is an error of the table" "$status$out" 1
	like "$what: is said at its place with the mend" "$err" "^$file:$place: .*$words"
	is "$what: and only that" "$(printf '%s\n' "$err" | wc -l)" 1
}

# ---- what is no table ----

(cat "$t"; printf '\0\0\0\0') >"$tap_dir/nul-end.csv"
refused "NULs at the end" 102:1 'holds a NUL byte; save the table as UTF-8' "$tap_dir/nul-end.csv"
(cat "$t"; head -c 3000000 /dev/zero) >"$tap_dir/nul-many.csv"
refused "very many of them" 102:1 'holds a NUL byte; save the table as UTF-8' "$tap_dir/nul-many.csv"
(cat "$t"; printf 'E1,C\0x,1,f\n') >"$tap_dir/nul.csv"
refused "a NUL inside" 102:4 'holds a NUL byte' "$tap_dir/nul.csv"
r "$tap_dir/nul.csv" --on-error skip
is "is left out with its reason" "$(j '[d["skipped"], d["skipped_by"]]')" '[1, {"not_text": 1}]'
for code in UTF-16LE:UTF-16:'\377\376' UTF-16BE:UTF-16:'\376\377' UTF-32LE:UTF-32:'\377\376\000\000'; do
	to=${code%%:*} rest=${code#*:}
	(printf "${rest#*:}"
		python3 -c 'import sys; sys.stdout.buffer.write(open(sys.argv[1]).read().encode(sys.argv[2]))' \
			"$t" "$to") >"$tap_dir/$to.csv"
	refused "$to" 1:1 "the file is ${rest%%:*}; save the table as UTF-8" "$tap_dir/$to.csv"
done
gzip -c "$t" >"$tap_dir/t.csv.gz"
refused "a compressed table" 1:1 'compressed; unpack it' "$tap_dir/t.csv.gz"
printf 'PK\003\004xl/worksheets' >"$tap_dir/t.xlsx"
refused "a spreadsheet" 1:1 'save the table in it as CSV' "$tap_dir/t.xlsx"
: >"$tap_dir/empty.csv"
refused "an empty file" 1:1 'the file is empty; its first line must name the columns' "$tap_dir/empty.csv"
echo "$head" >"$tap_dir/header.csv"
refused "a header alone" 1:1 'no row with a decision' "$tap_dir/header.csv"
refused "two columns in one option" 1:1 "no column 'sex,race'.*several columns are named by an option each" \
	"$t" --class sex,race

# fifty megabytes in one field take as much memory as one; the limit of the shell stops what would take them
large() { # WHAT WORDS FILE
	try sh -c 'ulimit -v 400000; exec "$EVENHAND" rates "$1" --threads 1' sh "$3"
	is "$1: is an error" "$status$out" 1
	like "$1: at its place" "$err" "^$3:102:4: the field is longer than 65536 bytes; .*$2"
}
(cat "$t"; printf 'E1,'; head -c 50000000 /dev/zero | tr '\0' x; printf ',1,f\n') >"$tap_dir/large.csv"
large "a field of 50 MB" 'commas and line ends' "$tap_dir/large.csv"
(cat "$t"; printf 'E1,"'; head -c 50000000 /dev/zero | tr '\0' '\n') >"$tap_dir/large.csv"
large "a quote that is never closed" 'closing quote missing' "$tap_dir/large.csv"
rm "$tap_dir/large.csv"

# ---- tables that are nearly right ----

tr '\n' '\r' <"$t" >"$tap_dir/cr.csv"
r "$tap_dir/cr.csv"
is "line ends of old Macs are line ends" "$status$(j 'd["rows"]')" 0100
sed '1s/sex/sex,sex/; 2,$s/$/,f/' "$t" >"$tap_dir/twice.csv"
refused "a column twice" 1:40 "column 'sex' stands twice \\(first as column 4\\); take one away" "$tap_dir/twice.csv"
sed '1s/,/, /g' "$t" >"$tap_dir/blank.csv"
r "$tap_dir/blank.csv"
like "blanks before the names are seen" "$err" \
	":1:14: there is no column 'candidate_id', but ' candidate_id'; blanks and capital letters count"
sed '1s/evaluator_id/Evaluator_ID/' "$t" >"$tap_dir/capital.csv"
refused "capitals" 1:1 "no column 'evaluator_id', but 'Evaluator_ID'" "$tap_dir/capital.csv"
sed '5s/$/,/' "$t" >"$tap_dir/comma.csv"
refused "a comma too many" '5:[0-9]*' 'has 5 fields, the header 4; take the commas at its end away' "$tap_dir/comma.csv"

# ---- what cannot be compared by what ----

refused "the class as a stratum" 1:36 "column 'sex' is the class that is compared.*leave this --stratum out" "$t" \
	--class sex --stratum sex
sed '1s/sex/candidate_sex/' "$t" >"$tap_dir/named.csv"
refused "and by its column's name" 1:36 'is the class that is compared' "$tap_dir/named.csv" --class sex \
	--stratum candidate_sex
refused "the decision as a stratum" 1:27 "column 'decision' cannot be a stratum" "$t" --stratum decision
refused "the candidate as a stratum" 1:14 'one candidate alone is compared with nobody' "$t" --stratum candidate_id
refused "the decision as a class" 1:27 "column 'decision' is no class of the candidates" "$t" --class decision
awk -F, -v OFS=, 'NR == 1 { print $0, "job"; next } { print $0, "J" $4 NR % 3 }' "$t" >"$tap_dir/apart.csv"
r "$tap_dir/apart.csv" --class sex --stratum job
is "where no stratum holds both groups there is no ratio, and this is why" \
	"$(j '(lambda f: [f["ratio"], f["verdict"], f["q"], d["family"]["size"]] + [f["why"][k] for k in
	("ratio", "mh_ratio", "p", "q", "shortfall", "flips", "detectable")])(find("E1", "m"))')" \
	'[null, "cannot_conclude", null, 0, "no_common_stratum", "no_common_stratum", "no_common_stratum", "no_common_stratum", "no_common_stratum", "no_common_stratum", "no_common_stratum"]'
like "in the reason too" "$(j 'find("E1", "m")["reason"]')" 'not defined \(no_common_stratum\)'
is "the plain ratio stands beside it" "$(j 'find("E1", "m")["impact_ratio"]')" 1.0

refused "a class twice" 1:36 "column 'sex' is named twice with --class" "$t" --class sex --class sex
for option in class stratum score intersect prob; do
	r "$t" --$option ''
	is "an empty name for --$option is a wrong use" "$status$err" \
		"2evenhand rates: --$option wants a name, not an empty word"
done
r ''
is "and for the table" "$status$err" '2evenhand rates: the name of the table is empty; "-" is standard input'

# ---- --limit ----

limit() { # TEXT WANTED
	r "$t" --limit "$1"
	case $2 in
	'['*) is "--limit '$1'" "$status$(j 'd["limit"]')" "0$2" ;;
	*) is "--limit '$1' is a wrong use" "$status$out" 2
	   like "and why" "$err" "^evenhand rates: --limit '$1' $2" ;;
	esac
}
limit 4/5 '[4, 5]'
limit 8/10 '[8, 10]'
limit 0.8 '[4, 5]'
limit .80 '[4, 5]'
limit 80% '[4, 5]'
limit 79.5% '[159, 200]'
limit 1 '[1, 1]'
limit 5/4 'is above 1: a group selected as often as its reference would be below it; write 1 or less'
limit 80 'is above 1'
limit 0 'would find nothing: no ratio is below 0'
limit 0/5 'would find nothing'
for text in -1 1e400 nan '' 4/0 4/-5 '4 / 5' 0,8 0x1 0. . %; do
	limit "$text" 'is no ratio; write one such as 4/5, 0.8 or 80%'
done
limit 1000/1001 'is finer than a fraction of two numbers up to 1000'
limit 0.80000001 'is finer'

# ---- what is left out, listed ----

awk 'NR < 4 || NR > 43 { print; next } { print NR % 2 ? "E1,,1,f" : "E1,C" NR ",=1+1,f" }' "$t" >"$tap_dir/many.csv"
r "$tap_dir/many.csv" --on-error skip
is "all are counted by reason" "$(j '[d["skipped"], d["skipped_by"], len(d["errors"]), d["more_errors"]]')" \
	'[40, {"bad_decision": 20, "bad_id": 20}, 20, 20]'
like "people are told how to get the list" "$err" \
	'^evenhand rates: and 20 more; --on-error skip --skipped FILE lists them all'
like "and the reasons" "$err" '^evenhand rates: 40 of 100 rows left out: 20 bad_id, 20 bad_decision$'
cp "$tap_dir/try.out" "$tap_dir/without.json"
r "$tap_dir/many.csv" --on-error skip --skipped "$tap_dir/skipped.csv"
is "--skipped lists all of them" "$status$(wc -l <"$tap_dir/skipped.csv")" 041
is "under a header, by line" "$(head -n 3 "$tap_dir/skipped.csv" | cut -d, -f1-3 | tr '\n' ' ')" \
	'line,column,reason 4,7,bad_decision 5,4,bad_id '
ok "every line is CSV of four fields" python3 -c 'import csv, sys
rows = list(csv.reader(open(sys.argv[1])))
assert all(len(r) == 4 for r in rows) and rows[1][3].startswith("decision:"), rows' "$tap_dir/skipped.csv"
like "of nobody else" "$(ls -l "$tap_dir/skipped.csv")" '^-rw-------'
like "people are told where they are" "$err" "^evenhand rates: and 20 more; all are in $tap_dir/skipped.csv"
ok "the rates are the same" cmp "$tap_dir/without.json" "$tap_dir/try.out"
r "$t" --on-error skip --skipped "$tap_dir/skipped.csv"
is "nothing left out: the header alone" "$(cat "$tap_dir/skipped.csv")" line,column,reason,message
before=$(ls "$tap_dir" | wc -l)
r "$tap_dir/header.csv" --on-error skip --skipped "$tap_dir/none.csv"
is "a table that fails leaves no list" "$status$(ls "$tap_dir" | wc -l)" "1$before"
wrong() { # WORDS OPTION...
	words=$1
	shift
	r "$tap_dir/many.csv" "$@"
	is "a wrong use: $words" "$status$out" 2
	like "is said" "$err" "$words"
}
wrong 'lists rows that --on-error skip leaves out' --skipped "$tap_dir/skipped.csv"
wrong 'standard output has the rates' --on-error skip --skipped -
wrong 'that is no file' --on-error skip --skipped /dev/null
cp "$tap_dir/many.csv" "$tap_dir/kept.csv"
wrong 'would replace the table itself' --on-error skip --skipped "$tap_dir/many.csv"
ln -s many.csv "$tap_dir/link.csv"
wrong 'would replace the table itself' --on-error skip --skipped "$tap_dir/link.csv"
ok "and the table stays as it is" cmp "$tap_dir/many.csv" "$tap_dir/kept.csv"
r "$tap_dir/many.csv" --on-error skip --skipped "$tap_dir/nowhere/x.csv"
is "a directory that is not there is an error" "$status$out" 1

# ---- probabilities: shares, and those that say nothing ----

awk -v head="$head" 'BEGIN {
	print head ",sex.f,sex.m"
	for (i = 0; i < 300; i++) {
		p = i % 10 < 5 ? 0.9 - i % 5 * 0.05 : 0.1 + i % 5 * 0.05
		print "E1,C" i "," (i % 3 == 0) "," (i < 60 ? (i % 10 < 5 ? "f" : "m") : "") "," p "," 1 - p
	}
}' >"$tap_dir/prob.csv"
r "$tap_dir/prob.csv" --prob sex
is "the shares behind probabilities are told: of the labelled" "$(j 'd["prior"]')" \
	'{"attribute": "sex", "shares": {"f": 0.5, "m": 0.5}, "source": "labelled"}'
like "to people too" "$err" \
	"note: class shares of 'sex' behind its probabilities: f 0.500, m 0.500 \(those of the persons"
ratio=$(j 'pooled("m")["em"]["ratio"] or pooled("f")["em"]["ratio"]')
r "$tap_dir/prob.csv" --prob sex --prior f=0.25
is "or as --prior gives them" "$(j 'd["prior"]')" \
	'{"attribute": "sex", "shares": {"f": 0.25, "m": 0.75}, "source": "given"}'
like "which is said" "$err" 'f 0\.250, m 0\.750 \(as --prior says\)'
ok "and the estimate goes by them" test "$(j 'pooled("m")["em"]["ratio"] or pooled("f")["em"]["ratio"]')" != "$ratio"
r "$t"
is "without probabilities there are none" "$(j 'd["prior"]')" null
prior() { # WORDS STATUS OPTION...
	words=$1 want=$2
	shift 2
	r "$tap_dir/prob.csv" "$@"
	is "--prior: $words" "$status$out" "$want"
	like "is said" "$err" "$words"
}
prior 'so it wants --prob' 2 --prior f=.5
for text in f f= =.5 f=0 f=-1 f=1.5 f=nan f=x; do
	prior 'wants GROUP=SHARE' 2 --prob sex --prior "$text"
done
prior '--prior f stands twice' 2 --prob sex --prior f=.2 --prior f=.3
prior 'add up to 1.4; together they are at most 1' 2 --prob sex --prior f=.7 --prior m=.7
prior ":1:1: --prior g: there is no column 'sex.g'" 1 --prob sex --prior g=.5
prior 'add up to 0.6, and there is no group beside them' 1 --prob sex --prior f=.3 --prior m=.3
prior 'nothing is left for the other groups' 1 --prob sex --prior f=1

awk -F, -v OFS=, 'NR == 1 { print $1, $2, $3, $5, $6; next } { print $1, $2, $3, 0.5, 0.5 }' "$tap_dir/prob.csv" \
	>"$tap_dir/half.csv"
r "$tap_dir/half.csv" --prob sex --reference rest
is "probabilities of one half for everybody and no known class: nothing is estimated" \
	"$(j '(lambda f: [f["basis"], f["em"]["ratio"], f["em"]["p"], f["em"]["weighted_ratio"], f["em"]["interval"],
	f["why"]["em.ratio"], f["why"]["em.p"], f["em"]["guard"].split(":")[0], f["provenance"]])(find("E1", "f"))')" \
	'["known", null, null, null, [null, null], "guard_not_met", "guard_not_met", '"\
\"the classifier's skill is not known (no AUC interval)\", "'{"declared": 0, "imported": 0, "predicted": 0, '\
'"refused": 300, "unknown": 300}]'
awk -F, -v OFS=, 'NR > 1 { $5 = 0.1 + NR * 7919 % 800 / 1000; $6 = 1 - $5 } { print }' "$tap_dir/prob.csv" \
	>"$tap_dir/noise.csv"
r "$tap_dir/noise.csv" --prob sex --reference rest
cut -d, -f1-4 "$tap_dir/noise.csv" >"$tap_dir/known.csv"
# FINDINGS of the last table, without what stands beside an estimate
findings='[{k: v for k, v in f.items() if k not in ("em", "assumption", "why", "reason", "rule", "provenance")}
	for a in d["attributes"] for s in [a["pooled"]] + a.get("positions", []) + a["evaluators"]
	for f in s["groups"]]'
for reference in rest highest majority f; do
	r "$tap_dir/known.csv" --reference $reference
	known=$(j "$findings")
	for threads in 1 2; do
		try env OMP_NUM_THREADS=$threads taskset -c 0-$((threads - 1)) "$EVENHAND" rates "$tap_dir/noise.csv" \
			--prob sex --reference $reference --json
		is "probabilities that know nothing of the class: as without them, against $reference ($threads)" \
			"$(j "$findings")" "$known"
	done
done
awk -v head="$head" 'BEGIN {
	print head ",sex.f,sex.m"
	for (i = 0; i < 600; i++) {
		f = i % 2
		p = 0.1 + i * 7919 % 800 / 1000
		class = (i + int(i / 20)) % 5 == 0 ? (f ? "f" : "m") : ""
		print "E1,C" i "," (i % 20 < (f ? 4 : 14)) "," class "," p "," 1 - p
	}
}' >"$tap_dir/biased.csv"
r "$tap_dir/biased.csv" --prob sex --reference rest
is "known classes that suffice are judged though the probabilities are refused" \
	"$(j '(lambda f: [f["verdict"], f["basis"], f["p"] < 0.001, f["q"] == f["p"], d["family"]["size"],
	f["em"]["guard"].split(":")[0]])(find("E1", "f"))')" \
	'["notify", "known", true, true, 1, "classifier too weak"]'
like "which people are told" "$err" \
	"note: the predicted classes of 'sex' are refused: classifier too weak: .*; the known ones alone decide"
like "and the reason says what they are" "$(j 'find("E1", "f")["reason"]')" \
	'Predicted classes are refused \(classifier too weak\); known: 120 of 600 persons \(20\.0 %\)'
is "the unknown are bounded, all on either side" \
	"$(j '(lambda f: [f["uncertain_n"],
	f["ratio_if_unknown_low"] < f["ratio"] < f["ratio_if_unknown_high"]])(find("E1", "f"))')" \
	'[480, true]'
awk -F, -v OFS=, 'NR > 60 { $4 = "" } { print }' "$tap_dir/biased.csv" >"$tap_dir/few.csv"
r "$tap_dir/few.csv" --prob sex --reference rest
is "too few of known class: the guard says more" \
	"$(j '(lambda f: [f["verdict"], f["rule"], f["builtin"]])(find("E1", "f"))')" \
	'["cannot_conclude", "guard of predicted classes", "too_few"]'

# ---- whose class is declared, whose imported; one group; names of groups ----

awk 'BEGIN {
	print "evaluator_id,candidate_id,declared.sex,imported.sex,decision"
	for (i = 0; i < 200; i++) {
		sex = i % 2 ? "m" : "f"
		printf "E1,c%d,%s,%s,%d\n", i, i < 100 ? sex : "", i < 60 ? "" : sex, i % 3 == 0
	}
}' >"$tap_dir/sources.csv"
r "$tap_dir/sources.csv" --reference rest
is "of a person what is declared counts, else what is imported, as in a project" \
	"$(j '(lambda f: [f["n"], f["ref_n"], f["provenance"]["declared"], f["provenance"]["imported"],
	f["provenance"]["unknown"]])(find("E1", "f"))')" '[100, 100, 100, 100, 0]'

awk -F, -v OFS=, '{ print $1, $2, $5, $4 $3, NR == 1 ? "race" : "x" }' "$tap_dir/sources.csv" |
	sed '1s/.*/evaluator_id,candidate_id,decision,sex,race/; s/ff/f/; s/mm/m/' >"$tap_dir/one.csv"
r "$tap_dir/one.csv" --class sex --class race
is "a column of one group does not stop the others" "$status $(j '[find("E1", "f")["n"], d["not_compared"]]')" \
	'0 [100, [{"attribute": "race", "group": "x", "reason": "empty_group"}]]'
like "and is told" "$err" "column 'race' has one group only"
r "$tap_dir/one.csv" --class race
is "alone it does" "$status" 1

awk 'BEGIN {
	print "evaluator_id,candidate_id,sex,decision"
	for (e = 0; e < 4; e++)
		for (i = 0; i < 120; i++)
			printf "E%d,c%d,%s,%d\n", e, i, i % 2 ? "m" : "f",
				(e != 1 || i % 2 == 0) && (i * 37 + e * 11) % 100 < 50
}' >"$tap_dir/none.csv"
sed 's/,m,/,a,/' "$tap_dir/none.csv" >"$tap_dir/renamed.csv"
distance='(lambda f: [f["selected"], f["verdict"], f["scope"], f["peers"]["p"], f["peers"]["q"]])(find("E1", "%s"))'
r "$tap_dir/none.csv" --reference rest
none=$(j "$(printf "$distance" m)")
r "$tap_dir/renamed.csv" --reference rest
is "who selects nobody of a group stands out, whatever the groups are called" "$none" "$(j "$(printf "$distance" a)")"
like "and it is his own finding" "$none" '^\[0, "notify", "individual", 0\.[0-9]*, 0\.[0-9]*\]$'
# ---- what another record says of whom who declared a class ----

for kind in same flip; do
	awk -v kind=$kind 'BEGIN {
		print "evaluator_id,candidate_id,decision,declared.sex,imported.sex"
		for (c = 0; c < 60; c++)
			for (e = 0; e < 3; e++) {
				own = c % 2 ? "f" : "m"
				other = kind == "same" || (c + e) % 3 ? own : own == "f" ? "m" : ""
				print "E" e ",C" c "," ((c * 7 + e) % 5 < (c % 2 ? 2 : 3)) "," own "," other
			}
	}' >"$tap_dir/$kind.csv"
	r "$tap_dir/$kind.csv"
	is "$kind: nothing is wrong with the table" "$status$err" 0
	eval "$kind=\$(j 'd[\"attributes\"]')"
done
is "a record that changes from row to row makes nobody who declared a class two persons" "$flip" "$same"

finish
