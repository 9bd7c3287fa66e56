# What stands beside a verdict: the built-in result, an earlier answer, tests only where there are tests.
. tests/lib/tap.sh
. tests/lib/project.sh
. tests/tui/screen.sh

project=$tap_dir/p
make_screen_project "$project" || exit 1
screen s 120x40 "$EVENHAND" --project "$project" tui
wait_for s 'WAITING FOR YOU'

# ---- the built-in result, where it is another ----

keys s e
wait_for s 'Evaluators   sex'
like "below the evaluators stands the built-in result that the policy raised" "$(settled s)" \
	'^ Built-in result: watch\. Potential violation'
keys s G
unlike "where both agree it is not said twice" "$(settled s)" '^ Built-in result'
keys s q
wait_for s 'WAITING FOR YOU'

# ---- the reference has no test ----

ev --quiet audit --policy four_fifths >/dev/null
keys s e
sees "with the highest group as reference" s 'Evaluators   sex.*against (male|female|the highest)'
keys s g Enter
wait_for s 'all numbers of the last audit'
reference=$(ev metrics E07 --tsv | awk -F'\t' '$8 == "(itself)" { print $4; exit }')
ok "there is a row of the reference itself" test -n "$reference"
like "the other rows name their test" "$(settled s)" '^ Test +p [0-9].*'
like "and its family" "$(show s | tr -s '\n ' ' ')" ' family none over [0-9]'
keys s G
like "the reference is a row" "$(settled s >/dev/null; cursor_line s)" "sex $reference .* 1\.00 - "
like "with its evidence" "$(show s)" '^ Classes +persons: declared 60 '
unlike "without the name of a test that was not made" "$(show s)" '^ Test |family'
keys s q q
wait_for s 'WAITING FOR YOU'
ev --quiet audit >/dev/null

# ---- an earlier answer on the same matter ----

ev --quiet notifications reject N0001 --reason "one panel, seen twice"
printf 'evaluator_id,candidate_id,question_id,decision\nE07,C001,q3,reject\n' >"$tap_dir/more.csv"
ev --quiet import evaluations "$tap_dir/more.csv"
ev --quiet audit >/dev/null
later=$(ev notifications list --tsv | awk -F'\t' '$3 == "E07" && $2 == "pending" { print $1 }' | tail -n 1)
keys s n
wait_for s "$later"
keys s / "$later" Enter
wait_for s "filter $later"
keys s Enter
sees "the later notification names the earlier answer" s \
	'earlier: N0001 rejected 2026-11-25T10:00:00Z, on other evidence$'
keys s q
wait_for s 'Notifications '
keys s / N0001 Enter
wait_for s 'filter N0001'
keys s Enter
wait_for s 'Notification N0001'
unlike "the first one names none" "$(settled s)" 'earlier:'
keys s C-c
is "ends well" "$(ended s)" 0
finish
