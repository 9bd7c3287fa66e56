# The answer to a notification: signed with another key than the one that opened the form, stored once, or not at all.
. tests/lib/tap.sh
. tests/lib/project.sh
. tests/tui/screen.sh

project=$tap_dir/p
ok "a project with two notifications" make_screen_project "$project"
state() { ev notifications list --tsv | cut -f 1,2 | tr '\t\n' '= ' | sed 's/notification=state //; s/ $//'; }
entries() { ev journal show --tsv | wc -l | tr -d ' '; }
form() { # opens the form of the notification that is selected on the desk
	keys s r
	wait_for s 'Your answer'
}
screen s 80x24 VISUAL= EDITOR= "$EVENHAND" --project "$project" tui
wait_for s 'WAITING FOR YOU'
begun=$(entries)

# ---- nothing is stored ----

form
form=$(settled s)
like "the form names notification, evaluator and class" "$(printf '%s\n' "$form" | head -1)" \
	'^ Notification N0001   E07   sex female +pending$'
like "it tells the finding again" "$form" 'E07 selected 15 of 60'
like "no answer is chosen" "$form" 'Your answer +\( \) confirm +\( \) reject +\( \) list actions'
like "the reason is marked as required" "$form" '\(required\)'
like "the footer tells how to sign and how to leave" "$(printf '%s\n' "$form" | tail -1)" \
	'Ctrl-S sign and store  Esc leave unstored'
keys s C-s
sees "Ctrl-S without a choice is refused" s '^ choose first: confirm, reject or list actions'
keys s c
sees "c chooses" s '\(•\) confirm'
keys s C-s
sees "Ctrl-S without a reason is refused" s '^ not stored: a reason is required'
keys s Tab '   '
keys s C-s
sees "blanks are no reason" s '^ not stored: a reason is required'
keys s C-u 'A reason typed in vain'
wait_for s 'A reason typed in vain'
keys s Escape
sees "Esc leaves the form and says that nothing was stored" s '^ left; nothing was stored'
is "nothing is stored" "$(state)" "N0001=pending N0002=pending"
is "nor in the journal" "$(entries)" "$begun"
keys s r
sees "what was typed waits when the form is opened again" s 'A reason typed in vain'
keys s Tab C-u
wait_for s 'Reason *$'
keys s Escape
sees "a form that was emptied forgets it" s '^ left; nothing was stored *$'
keys s r
wait_for s 'Your answer'
unlike "for good" "$(settled s)" 'typed in vain'
keys s Tab 'A reason typed in vain'
wait_for s 'typed in vain'
keys s Escape
wait_for s '^ left; nothing was stored'
keys s r
wait_for s 'typed in vain'
keys s r r
wait_for s '\(•\) reject'
is "the key that opened the form signs nothing" "$(state) $(entries)" "N0001=pending N0002=pending $begun"
keys s C-e
sees "without an editor the form says what to set" s 'set \$VISUAL or \$EDITOR'
keys s Escape
wait_for s 'WAITING FOR YOU'
keys s q
is "the program leaves" "$(ended s)" 0
screen s 80x24 "$EVENHAND" --project "$project" tui
wait_for s 'WAITING FOR YOU'
form
unlike "the draft went with the program, it was never on disk" "$(settled s)" 'typed in vain'
keys s l Tab Tab Tab hr
wait_for s ' hr$'
keys s Escape
sees "what was written of an action is kept too, be it its owner only" s 'what you wrote waits in this form'
keys s r
sees "and is there again" s ' hr$'

# ---- confirm ----

keys s Right
sees "the arrows choose too" s '\(•\) confirm'
keys s Tab 'Näher angesehen: 評価 stands'
sees "text in any script" s 'Näher angesehen: 評価 stands'
keys s BSpace BSpace BSpace BSpace BSpace BSpace BSpace Left X
sees "is edited by characters, not bytes" s 'Reason +Näher angesehen: 評X価'
keys s BSpace End ' stands in all questions and for both halves of the year, so the finding is confirmed'
sees "a long reason goes on in the next line" s '^ \(required\) .*confirmed'
like "the cursor stands behind it" "$(cursor_line s)" 'confirmed *$'
keys s C-s
sees "Ctrl-S stores the answer and says so" s '^ N0001: confirmed; stored and in the journal'
like "what waits is one less" "$(settled s)" 'WAITING FOR YOU +1 row$'
is "the notification is confirmed" "$(state)" "N0001=confirmed N0002=pending"
like "with the reason as it was typed" "$(ev notifications show N0001)" \
	'Näher angesehen: 評価 stands in all questions and for both halves of the year, so the finding is confirmed'
is "and one entry in the journal" "$(($(entries) - begun))" 1
like "that names act and object" "$(ev journal show --tsv | tail -1)" 'notification\.confirm.*N0001'

# ---- list actions ----

form
like "the next one is selected then" "$(show s | head -1)" 'Notification N0002   E13'
keys s l
sees "l lists actions" s 'what +owner +by \(date\)'
keys s Tab 'two things are done'
keys s C-s
sees "a list of actions without an action is refused" s '^ not stored: '
keys s Tab 'second rater'
keys s Tab hr
keys s Tab 2026-13-99
keys s C-s
sees "a date that is none is refused" s '^ not stored: .*2026-13-99'
is "and nothing was stored meanwhile" "$(state)" "N0001=confirmed N0002=pending"
keys s C-u 2026-12-01
keys s Tab 'structured scorecard'
sees "behind a written action there is room for another" s '2 structured scorecard'
keys s C-s
sees "the list is stored" s '^ N0002: actions; stored'
shown=$(ev notifications show N0002)
like "with text, owner and date" "$shown" 'second rater.*hr.*2026-12-01'
like "of both" "$shown" 'structured scorecard'
sees "nothing waits any more" s 'nothing waits for an answer'

# ---- the editor ----

cat >"$tap_dir/editor" <<'ED'
#!/bin/sh
stat -c %a "$1" >"$1.mode.$$" && mv "$1.mode.$$" "$EDITOR_SAW"
printf 'written in\tan editor\nin two lines \033[31m\n' >>"$1"
ED
chmod +x "$tap_dir/editor"
screen s 80x24 VISUAL= "EDITOR=$tap_dir/editor" "EDITOR_SAW=$tap_dir/mode" "TMPDIR=$tap_dir" "$EVENHAND" --project \
	"$project" tui
wait_for s 'HOW THINGS STAND'
keys s n
wait_for s 'Notifications   0 of 2 wait'
keys s r
wait_for s 'Your answer'
keys s r Tab 'typed, then '
wait_for s 'typed, then'
keys s C-e
sees "Ctrl-E takes the reason to the editor and back" s 'typed, then written in an editor in two lines'
is "the file is for this person only" "$(cat "$tap_dir/mode")" 600
is "and is gone" "$(ls "$tap_dir" | grep -c evenhand-reason)" 0
like "an escape sequence in it is shown, not obeyed" "$(show s)" 'two lines .\[31m'
keys s C-s
sees "the rejection is stored" s '^ N0001: rejected; stored'
like "on top of the first answer, which stays" "$(ev notifications show N0001)" 'confirmed'
screen s 80x24 VISUAL=false "$EVENHAND" --project "$project" tui
wait_for s 'HOW THINGS STAND'
keys s n
wait_for s 'Notifications '
keys s r
wait_for s 'Your answer'
keys s Tab 'stays'
wait_for s stays
keys s C-e
sees "an editor that fails leaves the reason as it was" s 'the editor failed; the reason is as it was'
like "in its field" "$(show s)" 'Reason +stays'
editing() { # EDITOR [VAR=VALUE]: opens the form of N0001 and edits the reason "plain words" with it
	screen s 80x24 "VISUAL=$1" ${2:+"$2"} "$EVENHAND" --project "$project" tui
	wait_for s 'HOW THINGS STAND'
	keys s n
	wait_for s 'Notifications '
	keys s r
	wait_for s 'Your answer'
	keys s Tab 'plain words'
	wait_for s 'plain words'
	keys s C-e
}
editing rm
sees "an editor that leaves no file too" s 'the editor left no file; the reason is as it was'
mkdir "$tap_dir/it's \$HOME"
editing 'sed -i s/plain/changed/' "TMPDIR=$tap_dir/it's \$HOME"
sees "an editor may have options, and a folder any name" s 'Reason +changed words'
cat >"$tap_dir/long" <<'ED'
#!/bin/sh
awk 'BEGIN { for (i = 0; i < 700; i++) printf "ä"; print "" }' >"$1"
ED
chmod +x "$tap_dir/long"
editing "$tap_dir/long"
sees "of a text that is too long as many whole characters are kept as go in" s \
	'the reason was cut: at most 999 bytes are kept'
unlike "none of them half" "$(settled s)" '\?|�'
editing "sh -c 'echo stays >\"\$1\"' sh"
sees "what the editor wrote takes the place of the old text" s 'Reason +stays'

# ---- somebody else was faster ----

keys s BTab c
wait_for s '\(•\) confirm'
before=$(entries)
ev --quiet notifications act N0001 --reason "answered elsewhere" --action "look again" >/dev/null 2>&1
sees "the form says that somebody else changed the notification" s 'somebody else changed this notification meanwhile'
keys s C-s
sees "a stale answer is refused" s '^ not stored: N0001 was changed by somebody else meanwhile'
is "only the other answer is in the journal" "$(($(entries) - before))" 1
is "and in the store" "$(state)" "N0001=actions N0002=actions"
keys s Escape
wait_for s 'Notifications '
keys s r
wait_for s '\(•\) confirm'
keys s C-s
sees "after looking again the answer is taken" s '^ N0001: confirmed; stored'

# ---- from the text of a notification ----

keys s Enter
sees "a notification is read with its answers" s '^ Notification N0001 +lines'
like "the last one included" "$(show s)" 'confirmed by '
keys s r
sees "and answered from there" s 'Your answer'
keys s r Tab 'second thoughts'
keys s C-s
sees "the text behind it shows the new state" s '^ State: rejected'
ev --quiet notifications close N0001 --reason "all done" >/dev/null 2>&1
sees "a notification that is closed says so" s '^ State: closed'
keys s r
sees "and takes no more answers" s 'this notification is closed: it takes no more answers'
ok "the journal is whole" ev journal verify

finish
