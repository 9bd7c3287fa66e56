# Driving the screens in tmux.  Source it after tap.sh and project.sh; every test has a tmux server of its own.
#   make_screen_project DIR   make_project, and more people: see below
#   screen NAME COLSxLINES [VAR=VALUE...] COMMAND...   starts a command in a session of that name
#   keys NAME KEY...   show NAME   cursor NAME (x,y)   resize NAME COLSxLINES   alive NAME
#   sees WHAT NAME PATTERN   waits (polling, at least 10 s) until the screen matches; a test point
#   wait_for NAME PATTERN    the same without a test point: without that screen the test cannot go on, and says so
#   ended NAME   waits for the program's exit status; settled NAME   the screen once nothing moves any more

need tmux
TMUX_TMPDIR=$tap_dir
export TMUX_TMPDIR
unset TMUX
case ${LC_ALL:-} in *UTF-8* | *utf8*) ;; *) LC_ALL=C.UTF-8 && export LC_ALL ;; esac

tm() { tmux -u -L t -f /dev/null "$@"; }
tap_cleanup() {
	[ ! -e "$tap_dir/tmux-$(id -u)/t" ] || tm kill-server 2>/dev/null
	rm -rf "$tap_dir"
}
give_up() {
	tap_result 1 "$*"
	exit 1
}

# One server from here to the end: one that leaves with its last session is now and then still leaving when the next
# session is asked for, and takes that along ("server exited unexpectedly").  A pane stays when its program has ended:
# what that said can still be read.
tm start-server \; set-option -g exit-empty off \; set-option -g remain-on-exit on \; set-option -g status off ||
	give_up "tmux does not start"

# The status goes through a file: tmux now and then loses that of a pane.
screen() {
	screen_name=$1
	screen_x=${2%x*}
	screen_y=${2#*x}
	shift 2
	tm has-session -t "=$screen_name" 2>/dev/null && tm kill-session -t "=$screen_name"
	rm -f "$tap_dir/$screen_name.status" "$tap_dir/$screen_name.pid"
	tm new-session -d -s "$screen_name" -x "$screen_x" -y "$screen_y" env "SCREEN_FILE=$tap_dir/$screen_name" sh \
		-c '
		sh -c '\''echo $$ >"$SCREEN_FILE.pid"; exec env "$@"'\'' sh "$@"
		echo $? >"$SCREEN_FILE.new"; mv "$SCREEN_FILE.new" "$SCREEN_FILE.status"' sh "$@" || give_up \
		"tmux starts no session"
}

keys() {
	keys_name=$1
	shift
	tm send-keys -t "=$keys_name:" "$@"
}

show() { tm capture-pane -p -t "=$1:"; }
cursor() { tm display-message -p -t "=$1:" '#{cursor_x},#{cursor_y}'; }
cursor_line() { show "$1" | sed -n "$(($(tm display-message -p -t "=$1:" '#{cursor_y}') + 1))p"; }
resize() { tm resize-window -t "=$1:" -x "${2%x*}" -y "${2#*x}"; }
alive() { [ ! -e "$tap_dir/$1.status" ]; }

# Waits until the program of a session has ended; its exit status, or "runs".
ended() {
	ended_tries=0
	while alive "$1" && [ $ended_tries -lt 200 ]; do
		ended_tries=$((ended_tries + 1))
		sleep 0.05
	done
	cat "$tap_dir/$1.status" 2>/dev/null || echo runs
}

comes() {
	comes_tries=0
	until show "$1" | grep -Eq -- "$2"; do
		comes_tries=$((comes_tries + 1))
		[ $comes_tries -lt 200 ] || { note "no match for: $2" && show "$1" | sed 's/^/# /' && return 1; }
		sleep 0.05
	done
}

wait_for() { comes "$1" "$2" || give_up "the screen '$1' never comes"; }

sees() {
	comes "$2" "$3"
	tap_result $? "$1"
}

# Does the program wait for a key?  One that has keys to read, or still draws, is running or waits for the disk.
waits() {
	[ -e "$tap_dir/$1.pid" ] || return 0
	case $(sed 's/.*) \(.\).*/\1/' "/proc/$(cat "$tap_dir/$1.pid")/stat" 2>/dev/null) in
	R | D) return 1 ;;
	esac
}

# Waits until the program has nothing to do and the capture is the same twice: for what must NOT have changed.  The
# pause is longer than a lone Esc takes (term.c).
settled() {
	settled_new=$(show "$1")
	settled_tries=0
	while [ $settled_tries -lt 60 ]; do
		settled_tries=$((settled_tries + 1))
		settled_old=$settled_new
		sleep 0.15
		waits "$1" || continue
		settled_new=$(show "$1")
		[ "$settled_new" != "$settled_old" ] || ! waits "$1" || break
	done
	printf '%s\n' "$settled_new"
}

# make_project, plus E13 (men 15 of 60, women 45 of 60), one who judged ten people only, and three fair ones whose
# ids are wide, accented and as long as they may be: N0001 is about E07 and women, N0002 about E13 and men.
make_screen_project() {
	make_project "$1" || return 1
	LC_ALL=C awk -v dir="$1/tables" '
	BEGIN {
		long = "E17-abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-12345"
		n = split("E13 E14 \350\251\225\344\276\241\350\200\205 Zo\303\253 " long, id, " ")
		print "evaluator_id" > (dir "/more-evaluators.csv")
		print "evaluator_id,candidate_id,question_id,decision" > (dir "/more-evaluations.csv")
		for (e = 1; e <= n; e++) {
			print id[e] > (dir "/more-evaluators.csv")
			for (q = 1; q <= 2; q++)
				for (c = 1; c <= (e == 2 ? 10 : 60); c++) {
					female = c % 2
					rank = (int((c - 1) / 2) * 13 + 7 * e + 11 * q + 5 * female) % 30
					limit = e > 1 ? 18 : female ? 24 - q : 6 + q
					printf "%s,C%03d,q%d,%s\n", id[e], c, q,
						rank < limit ? "advance" : "reject" > (dir "/more-evaluations.csv")
				}
		}
	}'
	"$EVENHAND" --quiet --project "$1" import evaluators "$1/tables/more-evaluators.csv" &&
		"$EVENHAND" --quiet --project "$1" import evaluations "$1/tables/more-evaluations.csv" &&
		"$EVENHAND" --quiet --project "$1" audit >/dev/null
}
