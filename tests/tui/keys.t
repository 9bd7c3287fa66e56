# Keys: drilling in and back to the same row, filter, sort, help, palette; the selection is a record, not a place.
. tests/lib/tap.sh
. tests/lib/project.sh
. tests/tui/screen.sh

project=$tap_dir/p
ok "a project" make_screen_project "$project"
screen s 80x24 "$EVENHAND" --project "$project" tui
wait_for s 'WAITING FOR YOU'

# ---- drill and back ----

keys s e
wait_for s 'Evaluators   sex'
keys s j j j
settled s >"$tap_dir/before"
before=$(cursor s)
row=$(cursor_line s)
keys s Enter
sees "Enter opens the evidence of the selected evaluator" s 'all numbers of the last audit'
like "of the one that was selected" "$(show s | head -1)" "^ $(printf '%s\n' "$row" | sed 's/^▸ \([^ ]*\).*/\1/')  "
keys s q
wait_for s 'Evaluators   sex'
is "q goes back to the same row" "$(settled s >/dev/null; cursor s)" "$before"
is "and the same screen" "$(show s)" "$(cat "$tap_dir/before")"
keys s x
sees "x explains how the numbers came about" s 'Verdict +'
keys s BSpace
wait_for s 'Evaluators   sex'
is "Backspace goes back as q does" "$(settled s)" "$(cat "$tap_dir/before")"

# ---- movement ----

keys s G
settled s >/dev/null
last=$(cursor_line s)
keys s j
is "the last row is the end" "$(settled s >/dev/null; cursor_line s)" "$last"
keys s g
like "g goes to the first row" "$(settled s >/dev/null; cursor_line s)" '^▸ E07 '
keys s k
like "which is the other end" "$(settled s >/dev/null; cursor_line s)" '^▸ E07 '
keys s Down
settled s >/dev/null
down=$(cursor s)
keys s Up j
is "arrows and letters move alike" "$(settled s >/dev/null; cursor s)" "$down"
keys s End
is "End goes to the last row" "$(settled s >/dev/null; cursor_line s)" "$last"
keys s NPage PPage Home
like "pages end where rows end" "$(settled s >/dev/null; cursor_line s)" '^▸ E07 '

# ---- filter ----

keys s j j
settled s >"$tap_dir/before"
keys s / E0
sees "the filter narrows the rows while it is typed" s 'filter E0: 9 of 17$'
shown=$(show s)
like "rows that hold the text stay" "$shown" '^[▸ ] E0[1-9]'
unlike "the others go" "$shown" '^[▸ ] (E1[0-9]|Zoë|評価者)'
keys s Escape
wait_for s ' 17 rows$'
is "Esc shows the screen as it was" "$(settled s)" "$(cat "$tap_dir/before")"
keys s / Zo Enter
sees "Enter keeps the filter" s 'filter Zo: 1 of 17$'
like "and the keys are those of the screen again" "$(show s | tail -1)" 'Enter open'
like "the row that holds the text is selected" "$(cursor_line s)" '^▸ Zoë'
keys s /
sees "/ on a filtered table begins with an empty line and all rows" s ' 17 rows$'
keys s Escape
sees "Esc there brings the old filter back" s 'filter Zo: 1 of 17$'
keys s / E0 Enter
sees "what is typed takes the place of the old filter" s 'filter E0: 9 of 17$'
keys s / Enter
sees "Enter on an empty line clears it" s ' 17 rows$'
keys s / Zo Enter
wait_for s 'filter Zo: 1 of 17$'
keys s Escape
sees "Esc in the screen shows all rows" s ' 17 rows$'
like "the selection stays on its record" "$(settled s >/dev/null; cursor_line s)" '^▸ Zoë'
keys s / nobody
sees "a filter that holds for no row says so" s "no row holds the filter's text"
unlike "then no key that wants a row is offered" "$(keys s Enter; settled s | tail -1)" 'Enter open'
keys s Escape

# ---- sort ----

wait_for s ' 17 rows$'
keys s s
sees "s sorts by the next column" s ' q▴ '
like "the selection stays on its record" "$(settled s >/dev/null; cursor_line s)" '^▸ Zoë'
keys s S
sees "S turns the order round, the header says so" s ' q▾ '
keys s s s s
sees "after the last column comes the order of loading, after that the first column" s 'evaluator▴'
order() { show s | sed -n 's/^[▸ ] \(E[0-9][0-9]\).*/\1/p' | tr '\n' ' '; }
keys s g
settled s >/dev/null
is "the ids are in order then" "$(order)" "E01 E02 E03 E04 E05 E06 E07 E08 E09 E10 E11 E12 E13 E14 E17 "
keys s S
wait_for s 'evaluator▾'
is "and in the opposite one" "$(order)" "E17 E14 E13 E12 E11 E10 E09 E08 E07 E06 E05 E04 E03 E02 E01 "

# ---- help and palette: made from the same table ----

keys s '?'
sees "? shows the keys of this screen" s 'Keys of this screen'
like "with their meaning" "$(show s)" '  a          next attribute and group'
unlike "those of other screens are not there" "$(show s)" 'sign and store'
keys s j j j j j j j j j j j j
sees "and, further down, what the states mean" s '‼  notify +a potential violation'
keys s Escape
sees "any other key leaves the help" s 'Evaluators   sex'
keys s F1
sees "F1 is the same help" s 'Keys of this screen'
keys s q
wait_for s 'Evaluators   sex'
keys s :
sees "the palette lists what can be done, with the keys" s '  x          how the numbers came about'
keys s 'numbers came'
sees "words narrow it" s ': numbers came'
is "to the actions that hold them all" "$(settled s | grep -cE '^[▸ ] [a-zA-Z/?] ')" 1
keys s Enter
sees "Enter does it" s 'Verdict +'
keys s q
wait_for s 'Evaluators   sex'
keys s : zzz
sees "words that nothing holds" s 'nothing that can be done here'
keys s Enter
sees "do nothing" s 'Evaluators   sex'

# ---- the selection survives another audit ----

keys s / E03 Enter
wait_for s 'filter E03: 1 of 17$'
keys s Escape
wait_for s ' 17 rows$'
like "a record is selected" "$(settled s >/dev/null; cursor_line s)" '^▸ E03'
"$EVENHAND" --quiet --project "$project" audit --limit 1/2 --reason "tried" >/dev/null
sees "another audit shows at once" s 'limit 1/2 '
like "and the selection stays on its record" "$(settled s >/dev/null; cursor_line s)" '^▸ E03'
like "the sort stays as it was" "$(show s)" 'evaluator▾'

# ---- a key that means nothing ----

settled s >"$tap_dir/before"
keys s Z F7 C-b
is "keys without a meaning change nothing" "$(settled s)" "$(cat "$tap_dir/before")"
keys s C-c
is "Ctrl-C leaves from anywhere" "$(ended s)" 0

finish
