# The screens of models: none, one, several; the card with its plots; stale and refused; reload when somebody commits.
. tests/lib/tap.sh
. tests/lib/project.sh
. tests/tui/screen.sh
measure=$(dirname "$EVENHAND")/tests/core/test_desk_card
[ -x "$measure" ] || skip_all "tests/core/test_desk_card is not built (make test-build)"

project=$tap_dir/p
make_project "$project" || exit 1
awk 'BEGIN { print "candidate_id,jurisdiction,position_id,declared.sex,declared.age_40"
	for (c = 1; c <= 60; c++)
		printf "C%03d,US-IL,engineer,%s,%s\n", c, (c % 2 ? "female" : "male"),
			((c * 7) % 11 < 5 ? "40_plus" : "under_40")
}' >"$tap_dir/ages.csv"
ev --quiet import candidates "$tap_dir/ages.csv" || exit 1

# ---- none ----

screen m 80x24 "$EVENHAND" --project "$project" tui
wait_for m 'WAITING FOR YOU'
keys m M
sees "without a model the list says what to do" m 'no model yet.*evenhand train ATTRIBUTE'
keys m q
wait_for m 'WAITING FOR YOU'

# ---- one: its card at once ----

"$measure" measure "$project" 60 || exit 1
ev --quiet train sex >/dev/null 2>&1 || exit 1
keys m M
sees "one model is opened at once" m '^ Model sex-[0-9a-f]{8}   in use +lines 1-20 of [0-9]+'
like "with state and skill first" "$(show m)" 'best part +.*AUC [01]\.[0-9]{3} \['
like "keys of the card are in the footer" "$(show m | tail -1)" 'Tab next section'
is "the cursor is on the text" "$(cursor m)" "1,2"
keys m Tab
sees "Tab goes to the next section" m 'lines ([7-9]|1[0-9])-[0-9]+ of'
is "which then stands first" "$(show m | sed -n 3p)" " Details"
keys m BTab
settled m >/dev/null
is "Shift-Tab goes back" "$(show m | sed -n 3p)" " State"
for i in 1 2 3 4 5 6 7; do keys m Tab; done
sees "calibration is a plot of braille dots" m '1\.00 │.*(⢸|⡇|⣿|⠁|⢻|⡟|⡏)'
like "with its axes named" "$(show m)" 'probability given'
keys m Tab
sees "so is the learning curve" m 'candidates who taught'
keys m Tab
sees "importance is bars" m 'voice +█'
resize m 60x20
sees "a narrow screen wraps anew" m 'lines [0-9]+-[0-9]+ of [34][0-9][0-9]'
is "and stays at the section" "$(show m | sed -n 3p)" " What it looks at"
resize m 120x40
sees "a large one too" m 'lines [0-9]+-[0-9]+ of (2[0-9][0-9]|3[01][0-9])'
is "there as well" "$(show m | sed -n 3p)" " What it looks at"
# tmux hands sizes on with some delay and shows what it has until then: only the program's own line for a screen too
# small tells that it was there, and that what comes after is new (a key before that would find no screen to act on)
resize m 20x5
wait_for m '^needs 40x10'
ok "a tiny one is survived" alive m
resize m 80x24
sees "and left" m 'What it looks at'
keys m G
sees "G goes to the end" m 'Known limits'
keys m g
sees "g to the beginning" m 'lines 1-20 of'
keys m g
resize m 60x20
wait_for m 'lines 1-16 of'
keys m Tab Tab Tab Tab Tab Tab Tab Tab Tab Tab NPage
wait_for m 'calibration error$'
settled m >/dev/null
unlike "on a narrow screen no line of the tables is cut" "$(show m | sed '1d;$d')" '…'
like "what does not fit goes on below" "$(show m | tr -s ' \n' ' ')" 'calibration error [01]\.[0-9]{3} \['
resize m 80x24
keys m g
sees "and a large one begins again" m 'lines 1-20 of'
keys m '?'
sees "help tells what a card is" m 'who taught it'
keys m q
wait_for m ' State$'

# ---- live: stale, and good again ----

ev --quiet consent withdraw C003 train
sees "a withdrawal shows at once" m '^ Model sex-[0-9a-f]{8}   stale'
sees "with the mend" m 'STALE: the consent of 1 of its candidates'
keys m q
sees "the desk says it too" m 'behind a model was withdrawn'

# ---- several ----

ev --quiet train sex age_40 >/dev/null 2>&1 || exit 1
keys m M
sees "several are a list" m '^ Models +2 rows'
sees "one in use" m 'sex +sex-[0-9a-f]{8} +in use'
sees "one refused for want of skill" m 'age_40 +age_40-[0-9a-f]{8} +! refused'
is "the cursor is on the selected row" "$(cursor_line m | cut -c1-10)" "▸ age_40"
keys m Enter
sees "Enter opens the card" m '^ Model age_40-[0-9a-f]{8}   refused'
sees "which says why" m 'REFUSED: it classifies nobody'
keys m q
sees "q goes back to the list" m '^ Models +2 rows'
is "to the same row" "$(cursor_line m | cut -c1-10)" "▸ age_40"
keys m j Enter
sees "the other one" m '^ Model sex-[0-9a-f]{8}   in use'
ev --quiet model remove sex
sees "a removed model leaves nothing on the screen" m 'this model is no longer there'
unlike "no figure of it either" "$(show m)" 'AUC'
keys m q q q
is "the program ends well" "$(ended m)" 0

# ---- ASCII, no colour ----

screen a 80x24 LC_ALL=C "$EVENHAND" --project "$project" tui --ascii
wait_for a 'WAITING FOR YOU'
keys a M
sees "in ASCII" a '^ Model age_40-[0-9a-f]{8}   refused'
for i in 1 2 3 4 5 6 7; do keys a Tab; done
sees "plots are made of characters" a '1\.00 \|.*[o|.]'
is "and of nothing else" "$(show a | LC_ALL=C tr -d '\000-\177')" ""
keys a q q
is "ends well" "$(ended a)" 0
finish
