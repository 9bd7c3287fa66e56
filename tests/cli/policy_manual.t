# evenhand-policy(5): every example of the page is a file that checks and runs, or commands that work.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
root=$PWD
ok "a project" make_project "$project"
mkdir "$tap_dir/page" "$tap_dir/bin"
ln -s "$EVENHAND" "$tap_dir/bin/evenhand"
EVENHAND_DATA=${EVENHAND_DATA:-$root}
PATH=$tap_dir/bin:$PATH
export PATH EVENHAND_DATA

# An example begins with a comment that says what it is: a file's name, commands, or a fragment (what is inside of a
# function).
python3 - man/evenhand-policy.5 "$tap_dir/page" <<'E'
import os, re, sys
lines = open(sys.argv[1], encoding="utf-8").read().split("\n")
named = blocks = 0
i = 0
while i < len(lines):
    if lines[i] == ".EX":
        blocks += 1
        what = re.match(r'\.\\" example: (\S+)$', lines[i - 1])
        end = lines.index(".EE", i)
        text = "\n".join(lines[i + 1:end]) + "\n"
        text = text.replace("\\&", "").replace("\\-", "-").replace("\\(dq", '"').replace("\\e", "\\")
        if what:
            named += 1
            name = what.group(1)
            if name == "fragment":
                text = ('return { name = "fragment", api = 1, version = "1", check = function() return "ok" end,\n'
                        "compute = function()\n" + text + "end }\n")
                name = "fragment.lua"
            with open(os.path.join(sys.argv[2], name), "a", encoding="utf-8") as out:
                out.write(text)
        i = end
    i += 1
print(blocks, named, file=open(os.path.join(sys.argv[2], "count"), "w"))
E
read -r blocks named <"$tap_dir/page/count"
is "every example says what it is" "$named" "$blocks"
like "and there are some" "$blocks" '^([5-9]|[1-9][0-9])$'

cd "$tap_dir/page" || exit 1
for file in *.lua; do
	case $file in
	*_spec.lua)
		exits "$file: every case passes" 0 evenhand policy test "${file%_spec.lua}.lua"
		unlike "$file: none fails" "$out" '^not ok'
		;;
	*)
		exits "$file: check" 0 evenhand policy check "$file"
		unlike "$file: without a remark" "$err" '(error|warning): '
		exits "$file: run on a project" 0 evenhand --project "$project" policy run "./$file"
		;;
	esac
done
below=$(evenhand policy check below.lua --tsv 2>/dev/null | cut -f2 | paste -sd' ')
is "below.lua: what the page says of it" "$below" "verdict watch watch ok watch ok watch"
EVENHAND_PROJECT=$project
export EVENHAND_PROJECT
while read -r line; do
	exits "$line" 0 sh -c "$line"
done <commands
# whoever proposed may not approve: in the place of another account the refusal is the test, as the page says
while read -r line; do
	case $line in
	*approve*) exits "$line, by who proposed it" 4 sh -c "$line" ;;
	*) exits "$line" 0 sh -c "$line" ;;
	esac
done <approval
for act in propose retire approve.refused; do
	like "policy.$act is journalled" "$(evenhand journal show --tsv)" "policy\\.$act	my_rule"
done
cd "$root" || exit 1
if command -v man >/dev/null; then
	is "the page formats without a warning" \
		"$(LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -l man/evenhand-policy.5 2>&1 >/dev/null)" ""
else
	skip "the page formats" "man is not installed"
fi
finish
