# A supervisor's answers without the screens: required reason, store and journal, revisions, closing.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
ok "a project with one notification" make_project "$project"
j() { json "$tap_dir/try.out" "$1"; }
shown() { try ev notifications show N0001 --json; j "$1"; }

# ---- reading ----

try ev notifications list --json
is "list: schema and the one notification" "$(j '[d["schema"]] + [[n["notification"], n["state"], n["revision"],
	n["evaluator"], n["attribute"], n["systemic"], n["responses"]] for n in d["notifications"]]')" \
	'["evenhand.notifications/1", ["N0001", "pending", 1, "E07", "sex", false, 0]]'
is "list: with the finding in it" "$(j '[d["notifications"][0]["finding"][k]
	for k in ("evaluator", "group", "n", "selected", "verdict", "scope")]')" \
	'["E07", "female", 60, 15, "notify", "individual"]'
is "list: a row per notification" "$(ev notifications list --open --tsv | cut -f1-5)" \
	"notification	state	evaluator	attribute	group
N0001	pending	E07	sex	female"
is "show: schema, policy, raised at" "$(shown '[d["schema"], d["policy"], d["policy_version"], d["raised_at"],
	d["answers"]]')" \
	'["evenhand.notification/1", "evaluator_screen", "1.1", "2026-11-25T10:00:00Z", []]'
try ev notifications show N0001
like "show: for people, with the evidence" "$(printf '%s' "$out" | tr -s ' \n' ' ')" \
	'^N0001 pending raised .* 15 of 60 decisions favourable'
exits "ids are read loosely" 0 ev notifications show n1
exits "a notification that is not there" 1 ev notifications show N0002
like "is named" "$err" 'no notification N0002'
exits "an id that is none is a usage error" 2 ev notifications show seven

# ---- a reason is required, nothing else is stored ----

before=$(state_of "$project")
for verb in confirm reject act close; do
	exits "$verb without a reason is a usage error" 2 ev notifications $verb N0001
	like "and says so" "$err" 'a reason is required: --reason TEXT'
	is "with nothing on stdout" "$out" ""
	exits "$verb with an empty reason too" 2 ev notifications $verb N0001 --reason ""
done
try ev notifications confirm N0001 --reason "   "
like "blanks are no reason" "$status $err" '^[12] .*reason is required'
exits "an answer to what is not there fails" 1 ev notifications confirm N0009 --reason "why"
exits "actions without an action fail" 1 ev notifications act N0001 --reason "why"
exits "an action with a date that is none fails" 1 ev notifications act N0001 --reason "why" --action "look;mk;soon"
like "and the date is named" "$err" soon
exits "what has no answer cannot be closed" 1 ev notifications close N0001 --reason "why"
exits "a reason of 1000 bytes is too long" 2 ev notifications confirm N0001 --reason "$(printf '%01000d' 0)"
exits "a reason that would move the cursor fails" 1 ev notifications confirm N0001 --reason "$(printf 'a\033[2Jb')"
exits "a dry run says yes" 0 ev notifications confirm N0001 --reason "why" --dry-run
like "and that nothing was stored" "$err" 'N0001: confirmed, dry run, nothing stored'
exits "a dry run says no where the act would fail: closing without an answer" 1 ev notifications close N0001 --reason \
	"why" --dry-run
like "for the same reason" "$err" 'N0001 has no answer yet'
exits "a dry run of actions without an action fails too" 1 ev notifications act N0001 --reason "why" --dry-run
exits "and one on what is not there" 1 ev notifications confirm N0009 --reason "why" --dry-run
exits "a dry run has its document" 0 ev notifications confirm N0001 --reason "why" --dry-run --json
is "that says what would be stored" "$(j '[d[k] for k in ("schema", "notification", "answer", "stored")]')" \
	'["evenhand.answer/1", "N0001", "confirmed", false]'
exits "a reason file that is not there fails" 1 ev notifications confirm N0001 --reason-file "$tap_dir/none"
like "with its name and why" "$err" "$tap_dir/none: No such file or directory"
exits "a directory is no reason file" 1 ev notifications confirm N0001 --reason-file "$tap_dir"
like "and that is said" "$err" "$tap_dir: Is a directory"
printf '%01000d' 0 >"$tap_dir/long"
exits "a reason file that is too long fails" 1 ev notifications confirm N0001 --reason-file "$tap_dir/long"
like "with its name and the limit" "$err" "$tap_dir/long: .*longer than 999 bytes"
is "and after all this nothing was stored" "$(state_of "$project")" "$before"

# ---- answers ----

exits "confirm" 0 ev notifications confirm N0001 --reason "Holds in both questions; E07 was heard – ok?"
like "says what was done" "$err" 'N0001: confirmed, stored and in the journal'
is "and prints no data" "$out" ""
is "the answer is in the store" "$(shown '[d["state"], d["responses"]] + [[a["response"], a["answer"], a["at"],
	a["reason"], a["actions"]] for a in d["answers"]]')" \
	'["confirmed", 1, [1, "confirmed", "2026-11-25T10:00:00Z", "Holds in both questions; E07 was heard \u2013 ok?", []]]'
is "with who gave it" "$(shown '[d["answers"][0]["uid"], d["answers"][0]["by"] != ""]')" "[$(id -u), true]"
is "the answer raised the revision" "$(shown 'd["revision"]')" 2
is "and it is in the journal, with the reason" "$(ev journal show --tsv | tail -n 1 | cut -f4-)" \
	"notification.confirm	N0001	Holds in both questions; E07 was heard – ok?"
is "list --open leaves it out" "$(ev notifications list --open --tsv | wc -l)" 1

try ev audit
like "an audit after it refreshes" "$err" \
	'; 0 notifications raised, 1 refreshed, 0 answered before on the same evidence$'
is "and keeps the answer" "$(shown '[d["state"], len(d["answers"])]')" '["confirmed", 1]'

exits "a second answer, with two actions" 0 ev notifications act n0001 --reason "Open cases first" \
	--action "second rater for open cases;mk;2026-12-01" --action "talk to E07"
is "is stored beside the first" "$(shown '[d["state"], d["responses"]] + [a["answer"] for a in d["answers"]]')" \
	'["actions", 2, "confirmed", "actions"]'
is "with owner and date" "$(shown 'd["answers"][1]["actions"]')" \
	'[{"due": "2026-12-01", "owner": "mk", "text": "second rater for open cases"}, {"due": null, "owner": null, "text": "talk to E07"}]'
like "and shown to people" "$(ev notifications show N0001)" '1  second rater for open cases  owner mk  by 2026-12-01'

printf 'From a file,\nwith two lines.\n' >"$tap_dir/reason"
exits "a reason from a file" 0 ev notifications reject N0001 --reason-file "$tap_dir/reason"
is "is one line of the journal" "$(ev journal show --tsv | tail -n 1 | cut -f4-)" \
	"notification.reject	N0001	From a file, with two lines."
is "is stored whole" "$(shown '[d["state"], d["answers"][2]["reason"]]')" \
	'["rejected", "From a file,\nwith two lines."]'
exits "a reason from standard input" 0 sh -c \
	'echo "from a pipe" | "$EVENHAND" --project "$1" notifications close N0001 --reason-file -' sh "$project"
is "closes it" "$(shown '[d["state"], d["answers"][3]["answer"], d["answers"][3]["reason"]]')" \
	'["closed", "closed", "from a pipe"]'
before=$(ev journal show --tsv)
exits "a dry run on what is closed says no" 1 ev notifications confirm N0001 --reason "too late" --dry-run
exits "what is closed takes no answer" 1 ev notifications confirm N0001 --reason "too late"
like "and says so" "$err" 'N0001 is closed'
is "and nothing is in the journal of it" "$(ev journal show --tsv)" "$before"
is "the four answers are in the journal in their order" "$(ev journal show --tsv | grep -c N0001)" \
	"$(shown 'len(d["answers"])')"

try ev audit
like "an audit after that says that it was answered" "$err" '; 0 notifications raised, 0 refreshed, 1 answered before'
try ev audit --json
is "in its document too" "$(j '[d["runs"][0][k] for k in ("raised", "refreshed", "answered")]')" '[0, 0, 1]'
is "the same evidence is not raised again once it is closed" "$(ev notifications list --tsv | cut -f1-3 | tail -n +2)" \
	"N0001	closed	E07"
printf 'evaluator_id,candidate_id,question_id,decision\nE07,C001,q3,reject\n' >"$tap_dir/more.csv"
ev --quiet import evaluations "$tap_dir/more.csv"
ev --quiet audit >/dev/null
is "other evidence is, as a notification of its own" "$(ev notifications list --tsv | cut -f1-3 | tail -n +2)" \
	"N0001	closed	E07
N0002	pending	E07"
is "that names the earlier one" "$(try ev notifications show N0002 --json; j 'd["earlier"]')" \
	'{"at": "2026-11-25T10:00:00Z", "notification": "N0001", "state": "closed"}'
like "for people too" "$(ev notifications show N0002)" '^earlier: N0001 closed 2026-11-25T10:00:00Z, on other evidence$'
is "the first one has none" "$(shown 'd["earlier"]')" null
unlike "and says nothing of one" "$(ev notifications show N0001)" '^earlier'

# ---- a reason from the editor, on a terminal ----

answer() { python3 tests/lib/onterm.py 80 env "TMPDIR=$tap_dir" "$@" "$EVENHAND" --project "$project" notifications \
	confirm N0002; }
cat >"$tap_dir/editor" <<'ED'
#!/bin/sh
printf 'written in\tan editor\nin two lines \033[31m\n' >"$1"
ED
printf '#!/bin/sh\nprintf %%01000d 0 >"$1"\n' >"$tap_dir/long"
chmod +x "$tap_dir/editor" "$tap_dir/long"
like "an empty VISUAL does not hide EDITOR" "$(answer VISUAL= "EDITOR=$tap_dir/editor")" 'N0002: confirmed'
like "control characters become marks, line ends blanks" \
	"$(try ev notifications show N0002 --json; j 'd["answers"][0]["reason"]')" \
	'^written in an editor in two lines .\[31m$'
like "an editor that fails stores nothing" "$(answer VISUAL=false)" 'the editor failed'
like "nor does a reason that is too long" "$(answer "VISUAL=$tap_dir/long")" 'longer than 999 bytes'
like "without an editor the ways to give one are named" "$(answer VISUAL= EDITOR=)" \
	'a reason is required: --reason TEXT'
is "one answer was stored" "$(try ev notifications show N0002 --json; j 'd["responses"]')" 1
is "and no file is left" "$(ls "$tap_dir" | grep -c evenhand-reason)" 0
ok "the journal is whole after all this" ev journal verify
finish
