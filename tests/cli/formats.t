# What a program reads and what a person reads: --json and --tsv of every command, widths of help and tables.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3
measure=$(dirname "$EVENHAND")/tests/core/test_desk_card
[ -x "$measure" ] || skip_all "tests/core/test_desk_card is not built (make test-build)"

project=$tap_dir/p
make_project "$project" && "$measure" measure "$project" 60 && ev --quiet train sex >/dev/null 2>&1 || exit 1
cp "$project/tables/evaluators.csv" "$tap_dir/again.csv"
# the same decisions of one evaluator, now with a time
awk 'NR == 1 { print $0 ",decided_at" } /^E07,/ { print $0 ",2026-03-02" }' "$project/tables/evaluations.csv" \
	>"$tap_dir/timed.csv"
ev --quiet import evaluations "$tap_dir/timed.csv"
commands=$("$EVENHAND" --help | awk '
	/^Commands$/ { on = 1; next }
	/^$/ { on = 0 }
	on && /^  [a-z]/ { sub(/^  /, ""); sub(/  .*/, ""); print }')
is "the overview is of every command" "$(printf '%s\n' "$commands" | wc -l)" \
	"$("$EVENHAND" completion fish | wc -l)"

# ---- every command: a document, or none ----

# The words that make a command do something on the project; in this order each finds what it wants.
arguments() {
	case $1 in
	init) echo "$tap_dir/new-$2" ;;
	import) echo "evaluators $tap_dir/again.csv" ;;
	train | "model card") echo sex ;;
	"model export") echo "sex --out $tap_dir/model-$2" ;;
	"model remove") echo sex ;;
	rates | raters) echo "$tap_dir/rates.csv" ;;
	calibrate) echo "--reps 2" ;;
	metrics) echo E07 ;;
	trend) echo "E07 --by year" ;;
	explain | "notifications show") echo N0001 ;;
	"notifications confirm") echo "N0001 --reason because --dry-run" ;;
	"notifications reject") echo "N0001 --reason because --dry-run" ;;
	"notifications act") echo "N0001 --reason because --action look --dry-run" ;;
	"notifications close") echo "N0001 --reason because --dry-run" ;;
	"policy check" | "policy run" | "policy show" | "policy propose" | "policy explain") echo four_fifths ;;
	"policy test") echo "four_fifths $PWD/tests/lua/four_fifths_spec.lua" ;;
	"policy new") echo "new_$2" ;;
	"policy approve" | "policy retire") echo four_fifths --reason because ;;
	"policy diff") echo four_fifths evaluator_screen ;;
	"policy declare") echo dpia 2026-01-05 ;;
	"consent grant" | "consent withdraw") echo "C060 infer:race" ;;
	"show candidate") echo C001 ;;
	demo) echo "$tap_dir/demo --decisions-only" ;;
	completion) echo bash ;;
	esac
}
printf 'evaluator_id,candidate_id,decision,sex\nE1,C1,1,f\nE1,C2,0,m\n' >"$tap_dir/rates.csv"
(umask 077; printf 'sendmail = /bin/true\nfrom = a@example.org\nto.supervisor = b@example.org\n' >"$project/mail.conf")
ev --quiet notifications confirm N0001 --reason "holds" 2>/dev/null
"$EVENHAND" --quiet demo "$tap_dir/demo" --decisions-only >/dev/null 2>&1

# Removing the model comes last: others want it.
ordered() {
	printf '%s\n' "$commands" | grep -v '^model remove$'
	echo "model remove"
}

is_json() {
	python3 -c 'import json, sys; d = json.load(open(sys.argv[1]))
sys.exit(not d["schema"].startswith("evenhand."))' \
		"$1" 2>/dev/null
}

is_tsv() { awk -F'\t' 'NR == 1 { n = NF } NF != n || NF < 2 { bad = 1 } END { exit bad || NR < 1 }' "$1"; }

# Names of those that refuse the format go to refused-FORMAT, what is wrong to stdout.
# shellcheck disable=SC2046,SC2086 # a command's name and its arguments are words
each() {
	: >"$tap_dir/refused-$1"
	ordered | while read -r name; do
		try ev "--$1" $name $(arguments "$name" "$1")
		case $status:$err in
		2:*"there is no --$1 of this"*)
			[ -z "$out" ] || echo "$name: refused, with something on stdout"
			echo "$name" >>"$tap_dir/refused-$1"
			;;
		4:*"cannot approve it: a second person does"*) ;; # one account has nothing to show here
		[03]:*) "is_$1" "$tap_dir/try.out" || echo "$name: no $1: $status $err" ;;
		*) echo "$name: $status $err" ;;
		esac
	done
}
is "--json gives a document with its schema, or is refused as a usage error" "$(each json)" ""
is "only texts and screens have none" "$(sort "$tap_dir/refused-json" | paste -sd,)" \
	"completion,help,manual,policy repl,tui"
is "--tsv gives rows under a header, or is refused as a usage error" "$(each tsv)" ""
like "a text is refused as rows" "$(cat "$tap_dir/refused-tsv")" '^policy show$'
like "and so is what prints nothing" "$(cat "$tap_dir/refused-tsv")" '^consent grant$'
exits "of what has a document it is said" 2 ev --tsv explain N0001
like "that it has one" "$err" 'there is no --tsv of this; it prints a text, or --json$'
unlike "help offers a text no format that it refuses" "$("$EVENHAND" manual --help)" '--(json|tsv)'

exits "a policy as a document" 0 ev policy show four_fifths --json
cp "$tap_dir/try.out" "$tap_dir/policy.json"
is "with name, origin and version" "$(json "$tap_dir/policy.json" '[d[k]
	for k in ("schema", "name", "origin", "version", "error")]')" \
	"[\"evenhand.policy/1\", \"four_fifths\", \"shipped\", $(sed -n 's/^	version = \("[^"]*"\),$/\1/p' \
		scripts/four_fifths.lua), null]"
ok "and its whole text" sh -c '"$EVENHAND" policy show four_fifths >"$1/text" && python3 -c "
import json, sys
sys.exit(json.load(open(sys.argv[1]))[\"text\"] != open(sys.argv[2]).read())" "$1/policy.json" "$1/text"' sh "$tap_dir"
printf 'return {\n' >"$tap_dir/broken.lua"
exits "one that does not load is shown too" 0 ev policy show "$tap_dir/broken.lua" --json
like "with the reason" "$(json "$tap_dir/try.out" '[d["version"], d["error"]]')" '^\[null, ".*broken.lua'
printf 'return "\377"\n' >"$tap_dir/latin.lua"
exits "one that is no UTF-8 has no document" 1 ev policy show "$tap_dir/latin.lua" --json
is "not even half of one" "$out" ""

# ---- widths ----

wide() { python3 -c 'import sys
for line in sys.stdin:
    line = line.rstrip("\n")
    if len(line) > int(sys.argv[1]):
        print(len(line), line)' "${1:-80}"; }
# shellcheck disable=SC2086
is "no line of help is wider than 80 columns" \
	"$( ("$EVENHAND" --help; printf '%s\n' "$commands" | while read -r name; do "$EVENHAND" $name --help; done) | \
	wide)" ""
for family in notifications policy model consent journal; do
	"$EVENHAND" $family --help
done >"$tap_dir/families"
is "nor of that of a family" "$(wide <"$tap_dir/families")" ""
if command -v man >/dev/null 2>&1; then
	"$EVENHAND" manual >"$tap_dir/evenhand.1"
	"$EVENHAND" manual indicators >"$tap_dir/evenhand-indicators.7"
	"$EVENHAND" manual lua >"$tap_dir/evenhand-lua.7"
	for page in "$tap_dir/evenhand.1" "$tap_dir/evenhand-indicators.7" "$tap_dir/evenhand-lua.7" \
		man/evenhand-policy.5; do
		MANWIDTH=80 man -l "$page" 2>&1 | col -bx | wide | sed "s|^|${page##*/}: |"
	done >"$tap_dir/pages"
	is "nor of a manual page" "$(cat "$tap_dir/pages")" ""
else
	skip "nor of a manual page" "man is not installed"
fi

term() { python3 tests/lib/onterm.py "$@" 2>&1; }
narrow=$(term 80 "$EVENHAND" --project "$project" evaluators)
is "a table on a terminal is no wider than that" "$(printf '%s\n' "$narrow" | wide)" ""
like "and says what it left out" "$(printf '%s' "$narrow" | tr '\n' ' ')" '\(left out: .*basis.*; +--tsv +shows +all\)$'
for column in evaluator group ratio low high q verdict; do
	like "but never the $column" "$narrow" "(^|  )$column( |\$)"
done
like "what is not zero is not shown as zero" "$narrow" 'E07 +(sex +)?female .*<0\.0001 '
for command in raters "calibrate --reps 2" "trend E07" trend; do
	# shellcheck disable=SC2086 # words
	narrow=$(term 80 "$EVENHAND" --quiet --project "$project" $command)
	is "nor is a table of $command" "$(printf '%s\n' "$narrow" | wide)" ""
	like "which has its rows" "$narrow" '(E07 +[0-9]|E07 +(sex +)?female|planted_bias +[0-9])'
done
wide_one=$(term 250 "$EVENHAND" --project "$project" evaluators)
like "a wide one has all (the position stands behind the evaluator)" "$wide_one" \
	'^evaluator +attribute .* basis .* other_ratio +about$'
unlike "and says nothing" "$wide_one" 'left out'
is "on a very narrow one texts are cut" "$(term 40 "$EVENHAND" --project "$project" journal show | wide 40)" ""
is "long reasons go on in the next line" "$(term 80 "$EVENHAND" --quiet policy check evaluator_screen | wide)" ""
like "with nothing lost" "$(term 80 "$EVENHAND" --quiet policy check evaluator_screen | tr -s ' \n' ' ')" \
	'This is the reference group; the others are compared with it'
finish
