# The first screen, and the way to the evaluators: what a person sees before touching a key.
. tests/lib/tap.sh
. tests/lib/project.sh
. tests/tui/screen.sh
need python3

project=$tap_dir/acme
ok "a project with two notifications" make_screen_project "$project"

# ---- the desk ----

screen desk 80x24 "$EVENHAND" --project "$project"
sees "the program alone opens the desk" desk 'Evenhand   acme +Desk   supervisor: '
first=$(show desk)
like "what waits stands first, with class, ratio and interval" "$first" \
	'‼  N0001 E07 +sex female +0\.33 \[0\.[0-9]{2} 0\.[0-9]{2}\] +(<0\.0001|0\.00[0-9]{2}) +today'
like "in the order of the notifications" "$first" '‼  N0002 E13 +sex male +0\.[0-9]{2} \[0\.[0-9]{2} 0\.[0-9]{2}\]'
like "how things stand: the last audit in numbers" "$first" \
	'last audit +today, 2026-11-25, evaluator_screen .*: 17 evaluators'
like "the classes" "$first" 'classes +sex: declared 60, predicted 0'
like "the decisions" "$first" 'decisions +[0-9]+ by 17 evaluators on 60 candidates'
like "the journal, verified" "$first" 'journal +[0-9]+ entries, verified now'
like "the footer offers to answer, help and the way out" "$first" 'Enter open  r respond  .*[?] help  q quit$'
like "and names the models" "$(show desk | tail -1)" '  M models  '
like "the hardware cursor is on the selected row" "$(cursor_line desk)" '^▸ ‼  N0001 E07 '
is "nothing moves while nothing happens" "$(settled desk)" "$first"
keys desk q
is "q leaves with status 0" "$(ended desk)" 0

# ---- evaluators: alignment ----

screen desk 80x24 "$EVENHAND" --project "$project" tui
wait_for desk 'WAITING FOR YOU'
keys desk e
sees "e shows the evaluators, ordered by ratio, with the class of the strongest finding" desk \
	'Evaluators   sex: female against the rest   limit 4/5'
show desk >"$tap_dir/evaluators"
like "a verdict is a symbol and a word" "$(cat "$tap_dir/evaluators")" 'E07 .*‼ notify$'
like "so are the others" "$(cat "$tap_dir/evaluators")" 'E14 .*[?] too few$'
like "the header marks the sort" "$(cat "$tap_dir/evaluators")" 'evaluator .* ratio▴'
cat >"$tap_dir/columns.py" <<'PY'
import sys
import unicodedata
rows = [line.rstrip("\n") for line in open(sys.argv[1], encoding="utf-8")][3:20]
def cells(row):
    out = []
    for c in row:
        out.append(c)
        if unicodedata.east_asian_width(c) in "WF":
            out.append("")
    return out
rows = [r for r in map(cells, rows) if "0." in "".join(r) or "1." in "".join(r)]
points = [tuple(i for i, c in enumerate(r) if c == "." and r[i - 1].isdigit() and r[i + 1].isdigit()) for r in rows]
wide = [r for r in rows if "" in r]
print(len(rows), len(wide), "aligned" if len(set(points)) == 1 and len(points[0]) == 4 else sorted(set(points)))
PY
is "rate, reference, ratio and q stand under each other at the decimal point, beside wide names too" \
	"$(python3 "$tap_dir/columns.py" "$tap_dir/evaluators")" "16 1 aligned"
like "a long id is cut with a mark" "$(cat "$tap_dir/evaluators")" '  E17-abcde…'
like "the limit and the interval are drawn beside the ratio" "$(cat "$tap_dir/evaluators")" 'E07 .* 0\.33 +[├◂][─┼●]+┤'
like "below the table the selected row is told in words" "$(sed -n 21,22p "$tap_dir/evaluators" | tr -d '\n')" \
	'E07 selected 15 of 60 decisions on female'
keys desk a
sees "a shows the next class" desk 'Evaluators   sex: male against the rest'
keys desk q
sees "q goes back to the desk" desk 'WAITING FOR YOU'

# ---- an empty project ----

"$EVENHAND" --quiet init "$tap_dir/empty" 2>/dev/null
screen empty 80x24 "$EVENHAND" --project "$tap_dir/empty"
sees "an empty project has a desk too" empty 'nothing waits for an answer'
empty=$(show empty)
like "it names the next command" "$empty" 'last audit +none yet; run: evenhand audit'
like "what waits says why there is nothing, and what to do" "$empty" 'there are no decisions yet; see: evenhand import'
unlike "and offers no key that would do nothing" "$empty" 'Enter open|r respond'
keys empty e
sees "without an audit the evaluators say what to run" empty 'there is no audit yet; run: evenhand audit'
is "and the screen stays" "$(show empty | head -3)" "$(printf '%s\n' "$empty" | head -3)"
keys empty n
sees "the notifications are empty" empty 'none: no audit has asked for an answer'
keys empty q J
sees "the journal has its first entry" empty ' 1 2026-11-25 10:00 .*init'
keys empty Enter
sees "Enter reads the whole entry" empty '^ Hash +[0-9a-f]{64}'

finish
