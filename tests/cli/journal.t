# The journal from outside: what is in it, and that a single changed byte in the store's file is found.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
ok "a project" make_project "$project"
reason="holds in both questions, said the supervisor"
ok "an answer" ev notifications confirm N0001 --reason "$reason"
ok "a consent" ev consent withdraw C001 train
j() { json "$tap_dir/try.out" "$1"; }

try ev journal show --json
is "show: schema and every act in its order" "$(j '[d["schema"], [e["seq"] for e in d["entries"]],
	[e["verb"] for e in d["entries"]]]')" \
	'["evenhand.journal/1", [1, 2, 3, 4, 5, 6, 7, 8], ["init", "import", "import", "import", "import", "audit", "notification.confirm", "consent.withdraw"]]'
is "show: who and when" "$(j '[sorted({e["uid"] for e in d["entries"]}), sorted({e["time"] for e in d["entries"]}),
	all(e["who"] for e in d["entries"])]')" \
	"[[$(id -u)], [\"2026-11-25T10:00:00Z\"], true]"
is "show: the reason that was given" "$(j '[d["entries"][6]["object"], d["entries"][6]["detail"]]')" \
	"[\"N0001\", \"$reason\"]"
is "show: hashes are all different" "$(j 'len({e["hash"] for e in d["entries"] if len(e["hash"]) == 64})')" 8
head=$(j 'd["entries"][-1]["hash"]')
is "--from leaves the earlier ones out" "$(ev journal show --from 7 --tsv | tail -n +2 | cut -f1,4)" \
	"7	notification.confirm
8	consent.withdraw"
exits "--from wants a number" 2 ev journal show --from one
unlike "no name of an evaluator is in the journal" "$(ev journal show)" 'Evaluator [0-9]'

exits "verify: intact" 0 ev journal verify
is "verify: entries and head" "$out" "intact: 8 entries, head $head"
try ev journal verify --json
is "verify: JSON" "$(j 'd')" \
	"{\"broken_at\": null, \"entries\": 8, \"head\": \"$head\", \"intact\": true, \"schema\": \"evenhand.journal_verify/1\"}"
is "reading leaves no entry" "$(ev journal show --tsv | wc -l)" 9

# ---- one byte changed behind the program's back ----

# tamper WHAT OLD NEW SEQ: in a copy of the project, every place of OLD in the store becomes NEW (as long)
tamper() {
	rm -rf "$tap_dir/copy"
	cp -r "$project" "$tap_dir/copy"
	places=$(LC_ALL=C grep -abo -- "$2" "$tap_dir/copy/store/data.mdb" | cut -d: -f1)
	[ -n "$places" ] || note "'$2' is not in the store's file"
	for at in $places; do
		printf '%s' "$3" | dd of="$tap_dir/copy/store/data.mdb" bs=1 seek="$at" conv=notrunc status=none
	done
	exits "$1: verify fails" 1 "$EVENHAND" --project "$tap_dir/copy" journal verify
	like "$1: and names the entry" "$err" "entry $4[^0-9]"
	is "$1: with nothing on stdout" "$out" ""
	try "$EVENHAND" --project "$tap_dir/copy" journal verify --json
	is "$1: exit status with JSON" "$status" 1
	is "$1: and in JSON" "$(j '[d["intact"], d["broken_at"]]')" "[false, $4]"
	try "$EVENHAND" --project "$tap_dir/copy" doctor
	like "$1: doctor says so" "$out" '^BROKEN	journal	'
}
tamper "another reason" "in both questions" "in both Questions" 7
tamper "another verb" "consent.withdraw" "consent.withdrew" 8
tamper "another count" "60 rows: 60 new" "60 rows: 61 new" 3
exits "the project itself is untouched" 0 ev journal verify

# a copy of an earlier day is intact in itself: only the head that was kept shows it
rm -rf "$tap_dir/copy"
cp -r "$project" "$tap_dir/copy"
ok "one more act" ev consent grant C001 train
unlike "changes the head" "$(ev --quiet journal verify)" "$head"
like "which the older copy still has" "$("$EVENHAND" --quiet --project "$tap_dir/copy" journal verify)" "$head"
finish
