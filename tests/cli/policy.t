# For policy authors: list, show, check, run; and that hostile policies end in an error, soon.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
root=$PWD
ok "a project" make_project "$project"
j() { json "$tap_dir/try.out" "$1"; }

# ---- list, show ----

try ev policy list --json
is "list: schema and the shipped policies, each of which loads" "$(j '[d["schema"], " ".join(p["name"]
	for p in d["policies"]), [p["error"] for p in d["policies"] if p["error"]]]')" \
	"[\"evenhand.policies/1\", \"$(cd scripts && ls ./*.lua | sed 's|./||; s|\.lua$||' | grep -vx evenhand |
		LC_ALL=C sort | paste -sd' ')\", []]"
p() { j "[p for p in d[\"policies\"] if p[\"name\"] == \"$1\"][0][\"$2\"]"; } # of the policy $1 in the document
is "list: with version and the hash of the file" "$(p evaluator_screen version) $(p evaluator_screen hash)" \
	"1.1 $(sha256sum "$root/scripts/evaluator_screen.lua" | cut -d' ' -f1)"
mkdir "$project/policies"
cp examples/own_policy/benchmark_gap.lua "$project/policies/"
sed 's/version = "1\.[0-9]*"/version = "9.9"/' scripts/four_fifths.lua >"$project/policies/four_fifths.lua"
echo 'return {' >"$project/policies/half.lua"
try ev policy list --json
is "list: the project's own policies, which go before the shipped ones" \
	"$(p benchmark_gap version) $(p evaluator_screen version) $(p four_fifths version) $(p half version)" \
	"1.0 1.1 9.9 null"
is "list: where each comes from, and whether it hides a shipped one" "$(for name in benchmark_gap evaluator_screen \
	four_fifths; do p $name origin; p $name shadows; done | paste -sd' ')" \
	"project false shipped false project true"
like "list: in the rows too" "$(ev policy list --tsv)" '^four_fifths	9\.9	.*	project, hides the shipped one$'
like "an audit by it says so, with --quiet too" "$(ev --quiet audit --dry-run --policy four_fifths 2>&1 >/dev/null)" \
	"four_fifths comes from the project's own policies, not the shipped one"
try ev policy list --json
like "list: one that does not load says why" "$(p half error)" 'half\.lua'
rm "$project/policies/four_fifths.lua" "$project/policies/half.lua"
exits "show" 0 ev policy show evaluator_screen
ok "show: is the file" cmp "$tap_dir/try.out" "$root/scripts/evaluator_screen.lua"
exits "show: one that is not there" 1 ev policy show none
is "show: with nothing on stdout" "$out" ""
exits "the helper library is no policy" 1 ev policy check evenhand

# ---- check ----

try "$EVENHAND" policy check four_fifths --json
is "check needs no project" "$status" 0
is "check: name, version, hash and a verdict on the sample" "$(j '[d["schema"], d["name"],
	len(d["version"]), len(d["hash"]), d["instructions"] >= 0]')" \
	'["evenhand.policy_check/1", "four_fifths", 3, 64, true]'
is "check: the default policy notifies on the sample" \
	"$("$EVENHAND" policy check evaluator_screen --json 2>/dev/null >"$tap_dir/try.out"; j 'd["sample_verdict"]')" \
	notify
check() { # WHAT PATTERN, policy on stdin
	cat >"$tap_dir/my.lua"
	exits "check: $1" 1 "$EVENHAND" policy check "$tap_dir/my.lua"
	like "is said" "$err" "$2"
	is "with nothing on stdout" "$out" ""
}
check "a syntax error, with file and line" 'my\.lua:3: ' <<-E
	return {
		name = "my", api = 1, version = "1",
		check = function(f) return end end }
E
check "an api of another time" 'api' <<-E
	return { name = "my", api = 99, version = "1", check = function(f) return { verdict = "ok", reason = "x" } end }
E
check "an unknown field" 'colour' <<-E
	return { name = "my", api = 1, version = "1", colour = "red",
		check = function(f) return { verdict = "ok", reason = "x" } end }
E
check "a fact that is not in needs" 'selected' <<-E
	return { name = "my", api = 1, version = "1", needs = { "n" },
		check = function(f) return { verdict = "ok", reason = "x" .. f.selected } end }
E
check "a fact that there is not" 'shoe_size' <<-E
	return { name = "my", api = 1, version = "1", needs = { "shoe_size" },
		check = function(f) return { verdict = "ok", reason = "x" } end }
E
check "a verdict that there is not" 'fine' <<-E
	return { name = "my", api = 1, version = "1", needs = { "n" },
		check = function(f) return { verdict = "fine", reason = "x" } end }
E
check "a limit above 1" 'limit' <<-E
	return { name = "my", api = 1, version = "1", limit = { 5, 4 }, needs = { "n" },
		check = function(f) return { verdict = "ok", reason = "x" } end }
E
check "a global" 'global' <<-E
	count = 1
	return { name = "my", api = 1, version = "1", check = function(f) return { verdict = "ok", reason = "x" } end }
E
exits "check: a file that is not there" 1 "$EVENHAND" policy check "$tap_dir/none.lua"

try "$EVENHAND" policy check examples/own_policy/benchmark_gap.lua --tsv
is "check: a row for each sample" "$(cut -f2 "$tap_dir/try.out" | tr '\n' ' ')" \
	"verdict cannot_conclude ok ok too_few cannot_conclude cannot_conclude "
cat >"$tap_dir/race.lua" <<-E
	return { name = "race_only", api = 1, version = "1", attributes = { "race" }, limit = { 1, 2 },
	reference = "white", check = function(f) return {
	verdict = "watch", reason = f.attribute .. f.reference .. tostring(f.below_limit) } end }
E
try "$EVENHAND" policy check "$tap_dir/race.lua"
like "check: a file whose name is not the policy's is remarked" "$err" 'race\.lua.*filed under race_only'
check "an error in one branch, with the sample that leads there" \
	'my\.lua:2: too bad .on sample facts: nobody of the reference' <<-E
	return { name = "my", api = 1, version = "1", check = function(f) if f.ratio == nil then
	error("too bad") end return "ok" end }
E
"$EVENHAND" policy check "$tap_dir/race.lua" --json >"$tap_dir/try.out" 2>/dev/null
is "check: the sample is of the policy's attribute, reference and limit" "$(j 'd["samples"][0]["reason"]')" \
	"racewhitefalse"

# ---- show on a terminal ----

printf -- '-- \033]0;pwned\007\tx\nreturn {}\n' >"$tap_dir/esc.lua"
shown=$(EV="$EVENHAND" F="$tap_dir/esc.lua" PAGER='' python3 -c '
import os, pty
pid, fd = pty.fork()
if pid == 0:
    os.execv(os.environ["EV"], ["evenhand", "policy", "show", os.environ["F"]])
out = b""
while True:
    try:
        part = os.read(fd, 4096)
    except OSError:
        break
    if not part:
        break
    out += part
os.waitpid(pid, 0)
print(out.count(b"\x1b"), out.count(b"\x07"), out.count(b"\x5d0;pwned"))')
is "show: no control character of the file reaches a terminal" "$shown" "0 0 1"
exits "show: a directory" 1 "$EVENHAND" policy show "$tap_dir/"
like "is said" "$err" 'not a regular file'

# ---- run ----

before=$(state_of "$project")
try ev policy run four_fifths --json
is "run: schema, rows, findings" "$(j '[d["schema"], d["rows"], len(all_findings())]')" \
	'["evenhand.policy_run/1", 1440, 24]'
try ev policy run benchmark_gap --json
is "run: an own policy of the project" "$status $(j 'find("E07", "female")["verdict"]')" "0 watch"
exits "run: by path" 0 ev policy run examples/own_policy/benchmark_gap.lua
try ev policy run benchmark_gap --tsv
is "run: a row says the policy's reason beside the built-in result" \
	"$(awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$1 == "E07" && $at["group"] == "female" { print $at["builtin"], $at["verdict"],
			$at["reason"] ~ /^E07 on female: ratio/ }' "$tap_dir/try.out")" \
	"watch watch 1"
like "run: the cost is told" "$err" 'thousand instructions'
is "run stores nothing" "$(state_of "$project")" "$before"

# ---- hostile ----

hostile=$EVENHAND_SHARED/hostile_lua
if [ -d "$hostile" ]; then
	for file in "$hostile"/*.lua; do
		begin=$(date +%s)
		try timeout 8 "$EVENHAND" policy check "$file"
		took=$(($(date +%s) - begin))
		lines=$(printf '%s\n' "$err" | wc -l)
		printable=$(printf '%s' "$err" | LC_ALL=C tr -d '[:print:]\n\200-\377' | wc -c)
		is "$(basename "$file" .lua): an error in one printable line, within 5 s" \
			"$status, $lines line, $([ "$took" -le 5 ] && echo \
			soon), $printable control bytes, stdout '$out'" \
			"1, 1 line, soon, 0 control bytes, stdout ''"
	done
else
	skip "hostile policies" "$hostile is not there"
fi
finish
