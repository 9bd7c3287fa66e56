# The consent ledger and the gates that it opens. No recording exists here: a gate that opens shows in the attempt to
# read one.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
j() { json "$tap_dir/try.out" "$1"; }
mkdir "$tap_dir/t"
cat >"$tap_dir/t/candidates.csv" <<-E
	candidate_id,jurisdiction,declared.sex
	CALL,US-IL,female
	CNONE,US-IL,male
	CFACE,US-IL,female
	CNOWATCH,US-IL,male
	CBACK,US-IL,male
	COLD,US-IL,female
	CSOON,US-IL,female
E
cat >"$tap_dir/t/consents.csv" <<-E
	candidate_id,purpose,granted,at,notice,expires$paper_columns
	CALL,watch,yes,2026-10-01T09:00:00Z,n1,$paper_cells
	CALL,face,yes,2026-10-01T09:00:00Z,n1,$paper_cells
	CALL,voice,yes,2026-10-01T09:00:00Z,n1,$paper_cells
	CFACE,watch,yes,2026-10-01T09:00:00Z,n1,$paper_cells
	CFACE,face,yes,2026-10-01T09:00:00Z,n1,$paper_cells
	CNOWATCH,face,yes,2026-10-01T09:00:00Z,n1,$paper_cells
	CNOWATCH,voice,yes,2026-10-01T09:00:00Z,n1,$paper_cells
	CBACK,watch,yes,2026-10-01T09:00:00Z,n1,$paper_cells
	CBACK,face,yes,2026-10-01T09:00:00Z,n1,$paper_cells
	CBACK,voice,yes,2026-10-01T09:00:00Z,n1,$paper_cells
	CBACK,watch,no,2026-10-05T09:00:00Z,n1,$paper_cells
	COLD,watch,yes,2026-10-01T09:00:00Z,n1,2026-11-25T09:59:59Z$paper_cells
	COLD,face,yes,2026-10-01T09:00:00Z,n1,$paper_cells
	CSOON,watch,yes,2026-11-25T10:00:01Z,n1,$paper_cells
	CSOON,face,yes,2026-10-01T09:00:00Z,n1,$paper_cells
E
{
	echo candidate_id,question_id,path
	for c in CALL CNONE CFACE CNOWATCH CBACK COLD CSOON; do echo "$c,q1,none/$c.mp4"; done
} >"$tap_dir/t/interviews.csv"
"$EVENHAND" --quiet init "$project"
for kind in candidates consents interviews; do
	ok "import $kind" ev --quiet import $kind "$tap_dir/t/$kind.csv"
done

# ---- who is asked for by id ----

refused() { # CANDIDATE WHY
	exits "extract --candidate $1 is refused with 4" 4 ev extract --candidate "$1"
	like "and says why" "$err" "candidate '$1': .*$2"
	is "with nothing on stdout" "$out" ""
}
refused CNONE 'no consent for watch'
refused CNOWATCH 'no consent for watch'
refused CBACK 'consent for watch was withdrawn'
refused COLD 'consent for watch expired on 2026-11-25T09:59:59Z'
refused CSOON 'consent for watch begins only on 2026-11-25T10:00:01Z'
exits "a candidate that nobody knows is no refusal" 1 ev extract --candidate C999

# ---- all: refused ones are counted with reasons, allowed ones are tried ----

try ev extract --json
is "the gate lets the two through whose consent holds, and counts the others" \
	"$(j '[d[k] for k in ("schema", "answers", "measured", "failed", "skipped", "skipped_candidates")]')" \
	'["evenhand.extract/1", 7, 0, 2, 5, 5]'
is "with the reason and how many" "$(j '[[r["reason"], r["candidates"]] for r in d["reasons"]]')" \
	'[["no valid consent to watch the recording", 5]]'
is "only their files were looked for" "$(printf '%s\n' "$err" | sed -n 's|.*none/\([A-Z]*\)\.mp4: .*|\1|p' | sort | \
	paste -sd' ' -)" "CALL CFACE"
like "the journal says how many were not opened" "$(ev journal show --tsv | tail -n 1)" \
	'	extract	all	.*5 answers of 5 candidates not opened for want of consent'

# ---- granting and withdrawing ----

exits "grant watch" 0 ev consent grant CNONE watch --notice n2
like "is said" "$err" 'CNONE: watch granted'
exits "with --json" 0 ev consent grant CNONE watch --notice n2 --json
is "it has a document" "$(j '[d[k] for k in ("schema", "candidate", "purpose", "granted", "at", "notice",
	"recorded_before")]')" \
	'["evenhand.consent/1", "CNONE", "watch", true, "2026-11-25T10:00:00Z", "n2", true]'
is "and is not enough" "$(ev extract --candidate CNONE >/dev/null 2>&1; echo $?)" 4
exits "grant voice" 0 ev consent grant CNONE voice --release-id R1 --term-until 2099-12-31 --policy-version v1 \
	--purpose-text "hiring audit" --signature-sha256 \
	0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
try ev extract --candidate CNONE --json
is "opens the gate" "$(j '[d["answers"], d["failed"], d["skipped"]]')" '[1, 1, 0]'
exits "withdraw voice" 0 ev consent withdraw CNONE voice --at 2026-11-25T10:00:00Z
like "is said" "$err" 'CNONE: voice withdrawn'
is "and shuts the gate at once" "$(ev extract --candidate CNONE >/dev/null 2>&1; echo $?)" 4
exits "the same once more" 0 ev consent withdraw CNONE voice --at 2026-11-25T10:00:00Z
like "is recorded already" "$err" 'recorded already'
is "and is in the journal once" "$(ev journal show --tsv | grep -c \
	'	consent.withdraw	candidate CNONE	voice, 2026-11-25T10:00:00Z$')" 1
like "with the date, the end and the notice of a consent" \
	"$(ev journal show --tsv | grep 'candidate CNONE	watch')" '	watch, 2026-11-25T10:00:00Z, notice n2$'
exits "withdraw watch of another" 0 ev consent withdraw CALL watch
is "shuts face and voice too" "$(ev extract --candidate CALL >/dev/null 2>&1; echo $?)" 4
exits "an older consent than the withdrawal does not open it again" 0 ev consent grant CALL watch --at \
	2026-10-20T00:00:00Z
like "and it is said which withdrawal holds" "$err" \
	'CALL: watch recorded; the withdrawal of 2026-11-25T10:00:00Z still holds'
is "instead of that it was granted" "$(printf '%s\n' "$err" | grep -c granted)" 0
is "indeed not" "$(ev extract --candidate CALL >/dev/null 2>&1; echo $?)" 4
try ev extract --json
is "no row is left of those who withdrew, not even of a file that could not be read" \
	"$(j '[c["candidates"] for c in d["coverage"] if c["attribute"] == ""]')" '[1]'

exits "a withdrawal dated before a consent is recorded" 0 ev consent withdraw CSOON face --at 2026-09-01T00:00:00Z
like "and it is said that the later consent stands" "$err" \
	'CSOON: .*consent for face of 2026-10-01T09:00:00Z is dated later and stands'

# ---- what is refused ----

before=$(state_of "$project")
exits "a purpose that is none" 1 ev consent grant CNONE marketing
like "and what is allowed" "$err" 'watch.*face.*voice.*train.*infer:'
for never in emotion religion health; do
	exits "consent to infer $never" 4 ev consent grant CNONE infer:$never
	like "with the rule" "$err" "$never is never inferred, anywhere"
done
exits "infer without an attribute" 1 ev consent grant CNONE infer:
exits "the ledger of a candidate nobody knows" 1 ev consent list C999
exits "a candidate nobody knows" 1 ev consent grant C999 watch
like "is named" "$err" C999
exits "a time that is none" 1 ev consent grant CNONE watch --at yesterday
is "nothing of it was stored" "$(state_of "$project")" "$before"
exits "no purpose is a usage error" 2 ev consent grant CNONE

exits "a withdrawal of what is never inferred is recorded" 0 ev consent withdraw CNONE infer:emotion
printf 'candidate_id,jurisdiction\nCDE,DE\n' >"$tap_dir/t/de.csv"
ok "a candidate in Germany" ev --quiet import candidates "$tap_dir/t/de.csv"
exits "consent to what the place does not allow is recorded" 0 ev consent grant CDE infer:race
like "with a remark" "$err" 'CDE: infer:race recorded; the place DE does not allow it: it will not be used'

# ---- the ledger ----

exits "consent to be classified, with an end" 0 ev consent grant CFACE infer:sex --notice n3 --expires \
	2027-01-01T00:00:00Z
try ev consent list CFACE --json
is "list of one candidate" "$(j '[d["schema"]] + [[c["candidate"], c["purpose"], c["granted"], c["at"], c["expires"],
	c["notice"]] for c in d["consents"] if c["purpose"] == "infer:sex"]')" \
	'["evenhand.consents/1", ["CFACE", "infer:sex", true, "2026-11-25T10:00:00Z", "2027-01-01T00:00:00Z", "n3"]]'
is "has that one only" "$(j 'sorted({c["candidate"] for c in d["consents"]})')" '["CFACE"]'
is "withdrawals stay beside what they withdrew" "$(ev consent list CBACK --tsv | cut -f2-4 | grep watch)" \
	"watch	yes	2026-10-01T09:00:00Z
watch	no	2026-10-05T09:00:00Z"
is "the whole ledger has every record" "$(ev consent list --tsv | wc -l)" 25

exits "train without anybody who agreed to it fails" 1 ev train sex
exits "classify without a model fails" 1 ev classify sex
ok "the journal is whole" ev journal verify
finish
