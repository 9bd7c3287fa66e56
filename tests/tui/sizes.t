# Sizes: every screen at several, nothing lost or torn, and resizing in the middle of anything.
. tests/lib/tap.sh
. tests/lib/project.sh
. tests/tui/screen.sh

project=$tap_dir/p
ok "a project" make_screen_project "$project"

# ---- the same screens, larger and smaller ----

screen s 120x40 "$EVENHAND" --project "$project" tui
wait_for s 'WAITING FOR YOU'
keys s e
wait_for s 'Evaluators '
like "120x40: a long id has more room" "$(settled s)" 'E17-abcdefghijklmnopqrst'
like "120x40: the whole reason stands below the table" "$(show s | tr -s "\n " "  ")" \
	'corrected p below 0\.0001\)\. .* beside it is 0\.333\. '
resize s 80x24
sees "80x24: all columns" s '^  evaluator +n +rate +ref ratio▴ .* q verdict$'
resize s 60x20
sees "60x20: fewer columns, the interval still beside the ratio" s '^▸ E07 +60 +0\.33 +├.*┤.* ‼ notify$'
unlike "60x20: no rates" "$(show s)" ' rate '
like "60x20: help and the way out are in the footer" "$(show s | tail -1)" '[?] help  q back$'
resize s 45x12
sees "45x12: the interval in numbers" s '^▸ E07 +0\.33 \[0\.[0-9]{2} 0\.[0-9]{2}\] ‼ notify$'
resize s 40x10
sees "40x10: the smallest there is" s '^▸ E07 +0\.33 \[0\.[0-9]{2} 0\.[0-9]{2}\] ‼ no'
resize s 30x8
sees "30x8: one line that says what is needed" s '^needs 40x10, has 30x8'
is "and nothing else" "$(settled s | grep -c .)" 1
keys s q r c Tab blind
settled s >/dev/null
resize s 80x24
sees "keys that went into a screen too small to see did nothing" s '^▸ E07 .*‼ notify$'

for size in 120x40 80x24 60x20 45x12; do
	resize s $size
	keys s q
	wait_for s 'HOW THINGS STAND'
	like "$size: the desk names what waits" "$(settled s)" '^▸ ‼  N0001 E07'
	keys s m
	sees "$size: the evidence: ratio, interval, what it comes from" s \
		'0\.33 \[0\.[0-9]{2} 0\.[0-9]{2}\] +by stratum'
	like "$size: on the finding that was selected" "$(settled s >/dev/null; cursor_line s)" \
		'^▸ sex female .*‼ notify *$'
	keys s q
	wait_for s 'HOW THINGS STAND'
	keys s n
	sees "$size: notifications" s '^▸ N0001 pending E07 +sex fem'
	keys s r
	wait_for s 'Reason'
	keys s l Tab C-u 'reason' Tab C-u 'action' Tab C-u owner Tab C-u 2026-12-01
	sees "$size: the form shows choice, reason, action, owner and date" s 'action +owner +2026-12-01'
	like "$size: and how to sign" "$(settled s | tail -1)" '^ Ctrl-S sign and store  Esc leave unstored'
	keys s Escape
	wait_for s 'Notifications '
	keys s q
	wait_for s 'HOW THINGS STAND'
	keys s J
	sees "$size: the journal" s '^▸ +[0-9]+ .*audit'
	is "$size: no line is broken: title, rule, rule, footer" \
		"$(settled s | grep -nE '^(─)+$' | cut -d: -f1 | tr '\n' ' ')" "2 $((${size#*x} - 1)) "
	keys s q
	wait_for s 'HOW THINGS STAND'
	keys s e
	wait_for s 'Evaluators '
done

# ---- 200 sizes, in every mode ----

resize s 80x24
wait_for s 'Evaluators .*rows$'
keys s j j
settled s >"$tap_dir/before"
LC_ALL=C awk 'BEGIN { srand(7); for (i = 0; i < 200; i++)
	print 1 + int(rand() * (i % 4 ? 140 : 39)) "x" 1 + int(rand() * (i % 3 ? 50 : 9)) }' >"$tap_dir/sizes"
fuzz() { # WHAT FROM KEY: forty sizes from that line on, a key of the mode after each
	sed -n "$2,$(($2 + 39))p" "$tap_dir/sizes" | while read -r size; do
		resize s "$size"
		keys s "$3"
	done
	# tmux hands sizes on with some delay: one that was not there before tells that the last one has come
	resize s 97x24
	wait_for s '^(─){97}$'
	resize s 80x24
	wait_for s '^(─){80}$'
	ok "$1: the program lives after forty sizes" alive s
}
fuzz "table" 1 k
keys s /
fuzz "filter" 41 0
keys s Escape
settled s >/dev/null
keys s :
fuzz "palette" 81 e
keys s Escape
settled s >/dev/null
keys s '?'
fuzz "help" 121 j
keys s z
settled s >/dev/null
keys s q
wait_for s 'HOW THINGS STAND'
keys s r
wait_for s 'Reason'
keys s c Tab C-u
fuzz "form" 161 x
keys s yyy
sees "what is typed now is in the form" s 'Reason +x*yyy'
keys s Escape
wait_for s 'HOW THINGS STAND'
keys s e
wait_for s 'Evaluators '
keys s g j j
is "afterwards the screen is as a fresh one" "$(settled s)" "$(cat "$tap_dir/before")"
keys s C-c
is "and the program ends as it should" "$(ended s)" 0
is "nothing was stored" "$(ev notifications list --tsv | grep -c pending)" 2

finish
