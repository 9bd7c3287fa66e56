# Terminals: what is sent and what is not, on each kind; given back as it was found on every way out.
. tests/lib/tap.sh
. tests/lib/project.sh
. tests/tui/screen.sh
need python3

project=$tap_dir/p
ok "a project" make_screen_project "$project"

# on WHAT... : runs the screens on a pty; the table in $out, the bytes in $tap_dir/raw
on() {
	try python3 tests/lib/onpty.py --raw "$tap_dir/raw" "$@"
	[ "$status" -eq 0 ] || note "$err"
}
field() { printf '%s\n' "$out" | awk -F '\t' -v name="$1" -v n="$2" '$1 == name { print $n; exit }'; }
bytes() { LC_ALL=C grep -acE "$1" "$tap_dir/raw"; }
# most bytes of the steps called so
most() { printf '%s\n' "$out" | awk -F '\t' -v name="$1" \
	'$1 == name && $2 + 0 >= max { max = $2 + 0 } END { print max + 0 }'; }
tui() { echo "$EVENHAND --project $project tui"; }
esc=$(printf '\033')
mouse="$esc\[[?](9|100[0-6]|1015)"
colours="$esc\[([0-9;]*;)?(3[0-7]|38|4[0-7]|48|9[0-7]|10[0-7])(;[0-9;]*)?m"

# ---- bytes and times at 80x24 ----

on change=e row=j row=j row=j row=j row=j same='\x05' change=s change=q change=n row=j change=q change=J row=j \
	change=q row=j change='\r' \
	change=q change='?' change=q change=r change=l half='\x1b' @idle=10 q=q -- $(tui)
is "the screens end with 0" "$(field exit 2)" 0
ok "the first paint takes at most 4 kB ($(field first 2) bytes)" [ "$(field first 2)" -le 4096 ]
ok "no change of screen takes more than 4 kB ($(most change) bytes)" [ "$(most change)" -le 4096 ]
ok "no move by one row takes more than 400 bytes ($(most row) bytes)" [ "$(most row)" -le 400 ]
is "a key that changes nothing sends nothing" "$(field same 2)" 0
is "five idle seconds send nothing" "$(field @idle 2)" 0
is "the terminal is as it was" "$(field terminal 2)" same
is "not one mouse sequence was sent" "$(bytes "$mouse")" 0
ok "colours are used where there are some" [ "$(bytes "$colours")" -gt 0 ]
ok "Esc acts within a quarter of a second ($(field half 3) ms)" [ "$(field half 3 | cut -d. -f1)" -lt 250 ]
on change=e @part='\x1b,60,OB' q=q q=q -- $(tui)
is "an arrow key that comes in two parts is one key: nothing was left half done" "$(field exit 2)" 0
ok "and the row moved" [ "$(field @part 2)" -gt 20 ]

# ---- without colours ----

for how in "NO_COLOR=1 xterm" "NO_COLOR=1 xterm-256color" "A=b vt100" "A=b xterm --color=never"; do
	set -- $how
	on --silence 0.1 --term "$2" keys=ej q=qq -- env "$1" $(tui) ${3:-}
	is "$how: no colour is sent" "$(field exit 2) $(bytes "$colours")" "0 0"
	ok "$how: the selection is reversed" [ "$(bytes "$esc\[([0-9;]*;)?7m")" -gt 0 ]
done

# ---- ASCII ----

for how in LC_ALL=C "LC_ALL=C.UTF-8 --ascii"; do
	set -- $how
	on --silence 0.08 read=eGx read=q read=sqnq read=Jq read=m read='q?' read=q: esc='\x1b' form=rc esc='\x1b' q=q \
		-- env "$1" $(tui) ${2:-}
	is "$how: the screens work" "$(field exit 2)" 0
	is "$how: no byte above 0x7f" "$(LC_ALL=C tr -d '\000-\177' <"$tap_dir/raw" | wc -c | tr -d ' ')" 0
done
screen ascii 80x24 LC_ALL=C "$EVENHAND" --project "$project" tui
wait_for ascii 'WAITING FOR YOU'
like "ASCII keeps word and symbol" "$(show ascii)" '^> !! N0001 E07 '
keys ascii e
sees "the bars are drawn with letters" ascii 'E07 .* [[<][-o+]+\] .*!! notify'

# ---- kinds of terminals: the same text ----

want=
for term in tmux screen linux xterm xterm-256color vt100; do
	infocmp "$term" >/dev/null 2>&1 || { skip "TERM=$term" "no terminfo entry"; continue; }
	screen kind 80x24 TERM=$term "$EVENHAND" --project "$project" tui
	wait_for kind 'WAITING FOR YOU'
	keys kind e
	wait_for kind 'Evaluators '
	keys kind Down
	wait_for kind '^▸ E01'
	got=$(settled kind)
	keys kind C-c
	status=$(ended kind)
	want=${want:-$got}
	is "TERM=$term: the same text, and the arrow key works" "$got" "$want"
	is "TERM=$term: leaves with 0" "$status" 0
done

# ---- no usable terminal ----

for term in dumb no-such-terminal; do
	on --term $term -- $(tui)
	is "TERM=$term: exit status 3" "$(field exit 2)" 3
	like "TERM=$term: a hint, and the commands to use instead" "$(tr -d '\r' <"$tap_dir/raw" | tr '\n' ' ')" \
		"$term.*TERM=xterm.*(notifications list|evaluators)"
	is "TERM=$term: nothing else is sent" "$(bytes "$esc")" 0
done
exits "without a terminal: exit status 3" 3 ev tui
like "and the commands to use instead" "$err" 'evaluators, metrics, notifications'

# ---- every way out gives the terminal back ----

for signal in TERM HUP INT; do
	on --silence 0.1 form=er @signal=$signal -- $(tui)
	is "SIG$signal: the terminal is as it was" "$(field terminal 2)" same
	ok "SIG$signal: the other screen is left" [ "$(bytes "$esc\[[?]1049l")" -gt 0 ]
	unlike "SIG$signal: and the program gone" "$(field exit 2)" running
done
on --silence 0.1 form='rc\treason' @signal=ABRT -- $(tui)
is "a crash: the terminal is as it was" "$(field terminal 2)" same
ok "a crash: the other screen is left" [ "$(bytes "$esc\[[?]1049l")" -gt 0 ]
is "nothing of an answer being written was stored" "$(ev notifications list --tsv | grep -c pending)" 2
cat >"$tap_dir/gone.py" <<'PY'
import os, subprocess, sys
master, slave = os.openpty()
p = subprocess.Popen(sys.argv[1:], stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
os.close(slave)
seen = b""
while b"HOW THINGS" not in seen:
    seen += os.read(master, 4096)
os.close(master)
try:
    print("ended", p.wait(5))
except subprocess.TimeoutExpired:
    p.kill()
    print("turns for ever")
PY
like "a terminal that goes away without a signal ends the program" \
	"$(TERM=xterm LINES=24 COLUMNS=80 python3 "$tap_dir/gone.py" $(tui))" '^ended'

# ---- mouse ----

on --silence 0.1 q=q -- $(tui) --mouse
ok "--mouse switches it on" [ "$(bytes "$mouse;1000h|${mouse}h")" -gt 0 ]
ok "and off again" [ "$(bytes "$mouse;1000l|${mouse}l")" -gt 0 ]

finish
