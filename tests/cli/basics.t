# What holds for every command: help, usage errors, exit statuses, and data on stdout only.
. tests/lib/tap.sh
. tests/lib/project.sh

cd "$tap_dir" || exit 1
commands=$("$EVENHAND" --help | awk \
	'/^Commands$/ { on = 1; next } /^$/ { on = 0 } on { sub(/^  /, ""); sub(/  .*/, ""); print }')
like "the overview lists the commands" "$commands" '^notifications confirm$'
ok "and at least thirty of them" test "$(printf '%s\n' "$commands" | wc -l)" -ge 30

# shellcheck disable=SC2086 # a command's name is one or two words
check_help() {
	while read -r name; do
		try "$EVENHAND" $name --help
		[ "$status" -eq 0 ] || echo "$name: exit status $status"
		case $out in "usage: evenhand [--project DIR] $name"*) ;; *) echo "$name: help begins otherwise" ;; esac
		[ -z "$err" ] || echo "$name: something on stderr"
		[ "$out" = "$("$EVENHAND" help $name)" ] || echo "$name: help $name says something else"
		[ "$out" = "$("$EVENHAND" $name -h)" ] || echo "$name: -h says something else"
		try "$EVENHAND" $name --no-such-option
		[ "$status" -eq 2 ] || echo "$name --no-such-option: exit status $status"
		[ -z "$out" ] || echo "$name --no-such-option: something on stdout"
		case $err in *"unknown option --no-such-option"*) ;; *) echo "$name: the unknown option is not named" \
			;; esac
	done
}
is "every command has help that begins with its usage, and refuses unknown options" \
	"$(printf '%s\n' "$commands" | check_help)" ""

exits "an unknown command is a usage error" 2 "$EVENHAND" audti
like "and is named" "$err" "no command 'audti'"
is "with nothing on stdout" "$out" ""
exits "the first word of a family alone is a usage error" 2 "$EVENHAND" notifications
like "and the words that may follow are listed" "$err" 'evenhand notifications confirm ID'
exits "a word that is none of the family is a usage error" 2 "$EVENHAND" notifications confrim N0001
like "and is named" "$err" "there is no 'confrim'"
exits "the family has help" 0 "$EVENHAND" notifications --help
like "with its commands" "$out" 'evenhand notifications confirm ID'
is "on stdout alone" "$err" ""
is "help FAMILY is the same" "$("$EVENHAND" help notifications)" "$out"
exits "too few arguments are a usage error" 2 "$EVENHAND" import evaluators
like "and the usage is shown" "$err" '^usage: evenhand import KIND FILE'
exits "too many arguments are a usage error" 2 "$EVENHAND" init a b
ok "and nothing was made" test ! -e a
exits "an option without its value is a usage error" 2 "$EVENHAND" audit --policy
like "and is named" "$err" '--policy'
exits "a switch with a value is a usage error" 2 "$EVENHAND" audit --dry-run=yes
exits "a number that is none is a usage error" 2 "$EVENHAND" rates --min many x.csv
like "and is named" "$err" '--min'
exits "help on an unknown command is a usage error" 2 "$EVENHAND" help audti

exits "without a command and a terminal the overview is printed" 0 "$EVENHAND"
like "and begins with usage" "$out" '^usage: evenhand '

exits "version" 0 "$EVENHAND" version
like "names program and libraries" "$out" '^evenhand [^ ]+, policy api 1, .*FFmpeg'
is "--version is the same" "$("$EVENHAND" --version)" "$out"
if command -v python3 >/dev/null 2>&1; then
	"$EVENHAND" version --json >v.json
	is "and there is JSON of it" "$(json v.json '[d["schema"], d["policy_api"]]')" '["evenhand.version/1", 1]'
else
	skip "and there is JSON of it" "python3 is not installed"
fi

check_no_project() {
	for name in extract "train sex" classify audit evaluators metrics "explain N0001" "notifications list" \
		"notifications show N0001" "policy run four_fifths" "model list" "model card sex" "consent list" \
		"consent grant C1 watch" "import evaluators x.csv" "journal show" "journal verify" tui; do
		try "$EVENHAND" $name
		[ "$status" -eq 3 ] || echo "$name: exit status $status"
		[ -z "$out" ] || echo "$name: something on stdout"
		case $err in *"no project here or above"*"evenhand init DIR"*) ;; *) echo "$name: $err" ;; esac
	done
}
is "without a project the commands that want one say so and exit with 3" "$(check_no_project)" ""
exits "a directory that is no project is refused as one" 3 "$EVENHAND" --project "$tap_dir" audit
like "and named with the mend" "$err" "$tap_dir is no Evenhand project; make one with: evenhand init"

exits "init makes a project" 0 "$EVENHAND" init p
is "with nothing on stdout" "$out" ""
is "for its owner alone" "$(stat -c %a p)" 700
exits "init does not take a project over" 1 "$EVENHAND" init p
echo text >file
exits "nor a file" 1 "$EVENHAND" init file
like "and says what to name instead" "$err" '^evenhand init: file is not a directory; name a new or an empty one$'
is "the file stays" "$(cat file)" text
exits "the project is found from the current directory" 0 sh -c \
	'mkdir -p p/a/b && cd p/a/b && "$EVENHAND" journal verify'
like "journal verify prints on stdout" "$out" '^intact: 1 entry, head [0-9a-f]{64}$'
exits "and by the environment" 0 env EVENHAND_PROJECT="$tap_dir/p" "$EVENHAND" journal verify
exits "--project goes before the environment" 3 env EVENHAND_PROJECT="$tap_dir/p" "$EVENHAND" --project "$tap_dir" \
	journal verify
exits "the option may follow the command" 0 "$EVENHAND" journal verify --project=p
exits "--quiet leaves nothing on stderr" 0 "$EVENHAND" --quiet --project p journal verify
is "indeed nothing" "$err" ""

exits "an audit without decisions fails" 1 "$EVENHAND" --project p audit
like "and says what is missing" "$err" 'no decisions yet; run: evenhand import evaluations'
is "with nothing on stdout" "$out" ""
exits "browsing before the first audit fails" 1 "$EVENHAND" --project p metrics
like "and says what is missing" "$err" 'no audit yet; run: evenhand audit'
exits "the screens want a terminal" 3 "$EVENHAND" --project p tui
exits "a full stdout is an error, not a success" 1 sh -c '"$EVENHAND" --project p journal show >/dev/full'
exits "for help too" 1 sh -c '"$EVENHAND" --help >/dev/full'
exits "and for what is longer than a buffer" 1 sh -c '"$EVENHAND" manual >/dev/full'
if command -v python3 >/dev/null 2>&1; then
	"$EVENHAND" init q --json >init.json
	is "acts have a document too" "$(json init.json '[d["schema"], d["project"]]')" '["evenhand.init/1", "q"]'
else
	skip "acts have a document too" "python3 is not installed"
fi

if command -v bash >/dev/null 2>&1; then
	"$EVENHAND" completion bash >completion.bash
	ok "the bash completion parses" bash -n completion.bash
	is "and completes" "$(bash -c \
		'. ./completion.bash; COMP_WORDS=(evenhand au); COMP_CWORD=1; _evenhand; echo "${COMPREPLY[*]}"' \
		2>/dev/null)" audit
	is "options too" "$(bash -c \
		'. ./completion.bash; COMP_WORDS=(evenhand audit --ex); COMP_CWORD=2; _evenhand; echo "${COMPREPLY[*]}"' \
		2>/dev/null)" --exit-code
	is "and the second word of a family" "$(bash -c \
		'. ./completion.bash; COMP_WORDS=(evenhand notifications con); COMP_CWORD=2; _evenhand; echo "${COMPREPLY[*]}"' \
		2>/dev/null)" confirm
else
	skip "the bash completion" "bash is not installed"
fi
exits "completion for an unknown shell is a usage error" 2 "$EVENHAND" completion csh
exits "the manual is made from the same entries" 0 "$EVENHAND" manual
like "and is a manual page" "$out" '^\.TH EVENHAND 1'
like "that says what the reasons of null mean" "$(printf '%s' "$out" | grep -A1 '^\.B nobody_predicted')" \
	"nobody's class is predicted"
is "of every command" "$(printf '%s\n' "$commands" | while read -r name; do case $out in \
	*".SS \"$name"*) ;; *) echo "$name" ;; esac; done)" ""
finish
