# Streams that are closed, full or given up: an exit status that says so, and nothing of it in the project's files.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
make_project "$project" || { echo "Bail out! no project"; exit 1; }
state_of "$project" >"$tap_dir/before"
# without the store's bookkeeping of readers, which every command writes
sums() { find "$project" -type f ! -name lock.mdb -exec cksum {} + | sort; }
sums >"$tap_dir/sums"

# The first files that a program opens get the numbers of closed streams: what it prints must not go there.
for how in '>&-' '>&- 2>&-' '<&- >&-' '<&- >&- 2>&-'; do
	for command in 'metrics --json' 'metrics --tsv' 'evaluators --json' 'explain E07' 'notifications list --json' \
		'journal show --json' 'nosuch'; do
		sh -c "\"\$EVENHAND\" --project \"\$1\" $command $how" sh "$project" 2>/dev/null
		case $?/$command in
		2/nosuch | 1/[!n]* | 1/notifications*) tap_result 0 "$command $how is told by the status" ;;
		*) tap_result 1 "$command $how is told by the status" ;;
		esac
	done
done
sums >"$tap_dir/after"
ok "nothing was written into the project" cmp "$tap_dir/sums" "$tap_dir/after"
is "nor into the table of its readers" "$(tr -d '\0' <"$project/store/lock.mdb" | grep -ac schema)" 0
try ev journal verify
is "whose journal stands" "$status" 0
state_of "$project" >"$tap_dir/now"
ok "as everything else" cmp "$tap_dir/before" "$tap_dir/now"
try sh -c '"$EVENHAND" rates - <&-'
is "a closed input is an error" "$status" 1
like "with its words" "$err" 'stdin: reading failed'

if [ -w /dev/full ]; then
	for command in 'metrics --json' 'metrics --tsv' 'explain E07' 'audit --dry-run --json' 'evaluators --tsv'; do
		try sh -c "\"\$EVENHAND\" --project \"\$1\" $command >/dev/full" sh "$project"
		is "$command on a full disk fails" "$status" 1
		like "$command: and says it" "$err" 'disk full|writing to stdout failed'
	done
else
	skip "output on a full disk" "/dev/full is not there"
fi

# A reader who has enough, as head has: here he is gone before the first byte.  What is printed by several threads and
# what is printed by one end alike, and whoever started the program may have ignored the signal.
cat >"$tap_dir/gone.py" <<'EOF'
import os, signal, subprocess, sys
r, w = os.pipe()
os.close(r)
if sys.argv[1] == "ignored":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
p = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=w, stderr=subprocess.PIPE,
                   restore_signals=sys.argv[1] != "ignored")
print(p.returncode, p.stderr.decode())
EOF
awk 'BEGIN {
	print "evaluator_id,candidate_id,decision,sex"
	for (i = 0; i < 4000; i++)
		print "E" i % 80 ",C" i "," i % 3 % 2 "," (i % 4 < 2 ? "f" : "m")
}' >"$tap_dir/many.csv"
gone() { # HOW COMMAND...
	how=$1
	shift
	is "$*: the reader is gone, signal $how: silently by it" \
		"$(python3 "$tap_dir/gone.py" "$how" "$EVENHAND" "$@")" '-13 '
}
for how in plainly ignored; do
	for command in 'metrics --json' 'metrics --tsv' 'metrics --by-stratum --json' 'explain E07' 'evaluators --tsv' \
		'journal show --json' '--quiet audit --dry-run --json'; do
		gone "$how" --project "$project" $command
	done
	gone "$how" rates "$tap_dir/many.csv" --threads 2 --json
	gone "$how" rates "$tap_dir/many.csv" --threads 1 --json
	gone "$how" rates "$tap_dir/many.csv" --tsv
	gone "$how" manual
	gone "$how" --help
done
like "the manual page says so" "$("$EVENHAND" manual | sed -n '/EXIT STATUS/,/^\.SH ENV/p' | tr '\n' ' ')" \
	'ends silently by SIGPIPE, which a shell tells as 141'

# ---- an empty name is no name ----

for command in explain metrics; do
	try ev "$command" ''
	is "$command of an empty name is refused" "$status" 2
	like "$command of an empty name: with the mend" "$err" \
		'the name is empty; "evenhand evaluators" lists who was audited'
	is "$command of an empty name: shows nobody" "$out" ''
done
finish
