# Tables into the project: idempotent, all or nothing per file, errors with their place.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
ev_tables=$tap_dir/tables
make_tables "$ev_tables"
ok "init" "$EVENHAND" --quiet init "$project"

report() { json "$tap_dir/try.out" '[d["kind"]] + [f[k] for f in d["files"]
	for k in ("rows", "new", "changed", "same", "stored")]'; }
expect_rows() { # KIND ROWS
	try ev import "$1" "$ev_tables/$1.csv" --json
	is "$1: a first import stores every row" "$(report)" "[\"$1\", $2, $2, 0, 0, true]"
}
expect_rows evaluators 12
is "the document names its schema" "$(json "$tap_dir/try.out" 'd["schema"]')" evenhand.import/1
expect_rows candidates 60
expect_rows consents 300
expect_rows interviews 120
expect_rows evaluations 1440

before=$(state_of "$project")
for kind in evaluators candidates consents interviews evaluations; do
	try ev import $kind "$ev_tables/$kind.csv" --json
	is "$kind: the second import finds all the same" "$(report | sed 's/^[^,]*, //')" \
		"$(awk 'END { n = NR - 1; print n ", 0, 0, " n ", true]" }' "$ev_tables/$kind.csv")"
done
is "and changes nothing, the journal neither" "$(state_of "$project")" "$before"

sed 's/^E05,Evaluator 5,/E05,Another Name,/' "$ev_tables/evaluators.csv" >"$tap_dir/evaluators.csv"
try ev import evaluators "$tap_dir/evaluators.csv" --dry-run --json
is "a dry run tells what would change and stores nothing" "$(report)" '["evaluators", 12, 0, 1, 11, false]'
is "indeed nothing" "$(state_of "$project")" "$before"
try ev import evaluators "$tap_dir/evaluators.csv" --json
is "the import itself changes that one row" "$(report)" '["evaluators", 12, 0, 1, 11, true]'
like "and says on stderr what it did" "$err" '12 rows, 0 new, 1 changed, 11 the same'
like "and in the journal" "$(ev journal show)" 'import	evaluators	12 rows: 0 new, 1 changed, 11 the same$'

# ---- errors: FILE:LINE:COLUMN, and nothing of that file ----

before=$(state_of "$project")
bad() { # WHAT KIND PATTERN < table
	cat >"$tap_dir/bad.csv"
	try ev import "$2" "$tap_dir/bad.csv"
	is "$1: fails" "$status" 1
	is "$1: nothing on stdout" "$out" ""
	like "$1: is named with its place" "$err" "$3"
	like "$1: nothing was imported, it says" "$err" "nothing of $tap_dir/bad.csv was imported"
	is "$1: and that is so" "$(state_of "$project")" "$before"
}
bad "an unknown column" evaluators "^$tap_dir/bad.csv:1:14: .*nickname" <<-E
	evaluator_id,nickname
	E13,Jo
E
bad "a missing column" evaluations "^$tap_dir/bad.csv:1:[0-9]+: .*candidate_id" <<-E
	evaluator_id,decision
	E01,advance
E
bad "one bad decision after good rows" evaluations "^$tap_dir/bad.csv:4:10: .*maybe" <<-E
	evaluator_id,candidate_id,decision,stage
	E01,C001,advance,final
	E01,C002,reject,final
	E01,C003,maybe,final
E
bad "an evaluator nobody knows" evaluations "^$tap_dir/bad.csv:3:1: .*E99" <<-E
	evaluator_id,candidate_id,decision,stage
	E01,C001,1,final
	E99,C002,0,final
E
bad "a candidate nobody knows" consents "^$tap_dir/bad.csv:2:1: .*C999" <<-E
	candidate_id,purpose,granted,at
	C999,watch,yes,2026-10-01T09:00:00Z
E
bad "a purpose that is none" consents "^$tap_dir/bad.csv:2:6: .*marketing" <<-E
	candidate_id,purpose,granted,at
	C001,marketing,yes,2026-10-01T09:00:00Z
E
bad "a time that is none" consents "^$tap_dir/bad.csv:2:16: .*yesterday" <<-E
	candidate_id,purpose,granted,at
	C001,watch,yes,yesterday
E
bad "a row with too many fields" candidates "^$tap_dir/bad.csv:3:" <<-E
	candidate_id,jurisdiction
	C100,US-IL
	C101,US-IL,engineer
E
bad "a quote that is never closed" evaluators "^$tap_dir/bad.csv:3:5: " <<-E
	evaluator_id,name
	E13,Jo
	E14,"Mary
E
bad "two rows about one thing" candidates "^$tap_dir/bad.csv:3:1: .*line 2" <<-E
	candidate_id,jurisdiction
	C100,US-IL
	C100,DE
E
bad "an empty file" candidates "^$tap_dir/bad.csv:1:1: " </dev/null
bad "text that is no UTF-8" evaluators "^$tap_dir/bad.csv:2:5: .*UTF-8" <<-E
	evaluator_id,name
	E13,$(printf 'M\374ller')
E
bad "a forbidden column" candidates "^$tap_dir/bad.csv:1:27: .*zip" <<-E
	candidate_id,jurisdiction,declared.zip
	C100,US-IL,60601
E

printf 'candidate_id,jurisdiction\n' >"$tap_dir/bad.csv"
awk 'BEGIN { for (i = 0; i < 50; i++) print ",US-IL" }' >>"$tap_dir/bad.csv"
try ev import candidates "$tap_dir/bad.csv"
is "of very many errors twenty are shown" "$(printf '%s\n' "$err" | grep -c "^$tap_dir/bad.csv:")" 20
like "and how many more there are" "$err" '^evenhand import: and 30 more$'
try ev import candidates "$tap_dir/bad.csv" --json
is "in the document too" "$(json "$tap_dir/try.out" '[[len(f["errors"]), f["more_errors"]] for f in d["files"]]')" \
	'[[20, 30]]'
{ echo candidate_id,jurisdiction; awk 'BEGIN { for (i = 0; i < 20; i++) print "C1,US-IL,engineer" }'; } \
	>"$tap_dir/bad.csv"
try ev import candidates "$tap_dir/bad.csv"
unlike "of exactly twenty there are no more" "$err" ' more$'

printf 'candidate_id,jurisdiction\nC001,US-IL\n' >"$tap_dir/few.csv"
try ev import candidates "$tap_dir/few.csv"
like "columns that are missing change nothing" "$err" '1 row, 0 new, 0 changed, 1 the same'
is "indeed nothing" "$(state_of "$project")" "$before"
printf 'candidate_id,jurisdiction,declared.sex\nC001,US-IL,Female\n' >"$tap_dir/few.csv"
try ev --quiet import candidates "$tap_dir/few.csv" --dry-run
like "spellings of a group are told even with --quiet" "$err" \
	"'Female' .1 candidate. and 'female' .29. are counted as two"

# ---- classes that another record says ----

bad "an imported emotion" candidates "^$tap_dir/bad.csv:1:27: .*emotions are never taken in" <<-E
	candidate_id,jurisdiction,imported.emotion
	C100,US-IL,sad
E
unlike "no message names a document of the makers" "$err" 'facts/|[.]md'
bad "an imported postcode" candidates "^$tap_dir/bad.csv:1:27: .*postcodes .*Illinois HB 3773" <<-E
	candidate_id,jurisdiction,imported.zip
	C100,US-IL,60601
E
printf 'candidate_id,jurisdiction,imported.sex,declared.sex\nC001,US-IL,male,\nC002,US-IL,female,male\n' \
	>"$tap_dir/hr.csv"
try ev import candidates "$tap_dir/hr.csv"
like "what is declared stays, and it is said" "$err" \
	'note: imported.sex: 1 candidate declared it, and what is declared stays .1 differs.'
classes='[[c["attribute"], c["group"], c["source"]] for c in d["classes"]]'
exits "a candidate whose declared class was cleared" 0 ev show candidate C001 --json
is "has the imported one" "$(json "$tap_dir/try.out" "$classes")" '[["sex", "male", "imported"]]'
exits "one who declared" 0 ev show candidate C002 --json
is "keeps that" "$(json "$tap_dir/try.out" "$classes")" '[["sex", "male", "declared"]]'
exits "an audit" 0 ev audit --dry-run --json
is "counts them apart" "$(json "$tap_dir/try.out" 'sorted({(f["provenance"]["declared"], f["provenance"]["imported"])
	for f in all_findings()})')" '[[59, 1]]'
again=$(state_of "$project")
try ev import candidates "$tap_dir/hr.csv"
like "the same file again changes nothing" "$err" '2 rows, 0 new, 0 changed, 2 the same'
is "indeed nothing" "$(state_of "$project")" "$again"
printf 'candidate_id,jurisdiction,declared.sex\nC001,US-IL,female\n' >"$tap_dir/said.csv"
ev --quiet import candidates "$tap_dir/said.csv"
try ev show candidate C001 --json
is "what is declared later wins" "$(json "$tap_dir/try.out" "$classes")" '[["sex", "female", "declared"]]'

# ---- what is no error ----

printf '\357\273\277x.note,evaluator_id\r\n"a, ""b""\r\nc",E13\r\n' >"$tap_dir/x.csv"
exits "a column that begins with x., a byte order mark and CRLF are fine" 0 ev import evaluators "$tap_dir/x.csv"
like "the row is there" "$err" '1 row, 1 new'

# ---- several files ----

printf 'evaluator_id\nE14\n' >"$tap_dir/a.csv"
printf 'evaluator_id,unit\n,north\n' >"$tap_dir/b.csv"
printf 'evaluator_id\nE16\n' >"$tap_dir/c.csv"
exits "a bad file and a missing one among good ones" 1 ev import evaluators "$tap_dir/a.csv" "$tap_dir/b.csv" \
	"$tap_dir/none.csv" "$tap_dir/c.csv" --json
is "do not keep the others out" "$(json "$tap_dir/try.out" '[[f["stored"], f["new"]] for f in d["files"]]')" \
	'[[true, 1], [false, 0], [false, 0], [true, 1]]'
is "the bad one has its error in the document" "$(json "$tap_dir/try.out" 'len(d["files"][1]["errors"])')" 1
like "the missing file is named" "$err" "$tap_dir/none.csv"
try ev import evaluators "$tap_dir/c.csv"
like "the file after the bad ones is in" "$err" '0 new, 0 changed, 1 the same'

exits "a kind that is none is a usage error" 2 ev import people "$tap_dir/a.csv"
like "and the five are listed" "$err" 'evaluators.*candidates.*consents.*interviews.*evaluations'

ok "the journal is whole after all this" ev journal verify
finish
