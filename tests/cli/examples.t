# The README's first project and the scripts in examples/: what they say can be typed as it stands.
. tests/lib/tap.sh
. tests/lib/project.sh

root=$PWD
PATH=$(dirname "$EVENHAND"):$PATH
export PATH
mkdir "$tap_dir/src"
cp -r examples/first_project "$tap_dir/tables"

# the indented lines of the section; those marked * need recordings, the last one opens the screens
sed -n '/^## Your first project/,/^## What/s/^    \(.*\)$/\1/p' README.md >"$tap_dir/all"
is "README: ten lines" "$(wc -l <"$tap_dir/all")" 10
grep -v '# \* ' "$tap_dir/all" | sed '$d' >"$tap_dir/lines"
is "README: six of them without recordings" "$(wc -l <"$tap_dir/lines")" 6
cd "$tap_dir/src" || exit 1
exits "README: they run in their order" 0 sh -e "$tap_dir/lines"
like "README: and raise the notification that is in the tables" "$err" '1 notification raised'
project=$tap_dir/audit
exits "README: notifications list" 0 ev notifications list
like "README: with its number" "$out" '^N0001.*CELIA'
exits "README: explain" 0 ev explain N0001
cd "$root" || exit 1

exits "examples/first_project: runs" 0 sh examples/first_project/run.sh "$tap_dir/first"
like "examples/first_project: with the verdicts its table tells" "$out" 'CELIA.*0\.409.*notify'
exits "examples/first_project: does not touch a project that is there" 1 sh examples/first_project/run.sh \
	"$tap_dir/first"
finish
