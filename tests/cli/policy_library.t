# Shipped libraries of policies: what a hash covers, what a stored version runs with, and what is refused.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
root=$PWD
ok "a project" make_project "$project"
j() { json "$tap_dir/try.out" "$1"; }
sum() { sha256sum "$1" | cut -d' ' -f1; }

# A program's files of one's own, whose libraries may change.
mkdir "$tap_dir/data"
cp -r scripts assets "$tap_dir/data/" 2>/dev/null || cp -r scripts "$tap_dir/data/"
EVENHAND_DATA=$tap_dir/data
export EVENHAND_DATA
library=$tap_dir/data/scripts/library/stages.lua

# house.lua: what it says is the library's word
mkdir "$project/policies"
file=$project/policies/house.lua
house() {
	cat <<-L
		local stages = $1
		return {
		  name = "house", api = 1, version = "1", attributes = { "sex" }, needs = { "n", "selected" },
		  check = function(f)
		    return { verdict = "ok", reason = stages.side_text(f.selected, f.n, "of them") }
		  end,
		}
	L
}
house 'evenhand.library("stages")' >"$file"

# ---- the hash ----

exits "check" 0 ev policy check house
unlike "without a remark" "$err" '(error|warning): '
ev policy show house >"$tap_dir/whole"
like "the libraries come behind the text" "$(grep -n -x -e '--@library stages' "$tap_dir/whole")" '^8:'
try ev policy show house --json
is "the hash is that of what is shown" "$(j '[d["hash"], d["error"]]')" "[\"$(sum "$tap_dir/whole")\", null]"
is "with the library's own" "$(j '[[l["name"], l["hash"], l["shipped"]] for l in d["libraries"]]')" \
	"[[\"stages\", \"$(sum "$library")\", true]]"
before=$(j 'd["hash"]')
like "explain names them" "$(ev policy explain house --tsv)" "libraries	stages $(sum "$library" | cut -c1-12)"
cp "$tap_dir/whole" "$tap_dir/copy.lua"
try ev policy show "$tap_dir/copy.lua" --json
is "what was shown is the same policy" "$(j 'd["hash"]')" "$before"
try ev policy show retention --json
is "a text that names none is its file" "$(j '[d["hash"], d["libraries"]]')" \
	"[\"$(sum "$tap_dir/data/scripts/retention.lua")\", []]"

# ---- a stored version keeps its libraries ----

exits "propose" 0 ev policy propose house
sed -i 's/"%d of %d %s (%s)"/"%d out of %d %s (%s)"/' "$library"
try ev policy show house --json
isnt() { [ "$2" != "$3" ]; }
ok "another library is another hash" isnt x "$(j 'd["hash"]')" "$before"
short=$(printf %s "$before" | cut -c1-12)
try ev policy show "house@$short" --json
is "the version has the text that it was proposed with" "$(j '[d["hash"], d["libraries"][0]["shipped"]]')" \
	"[\"$before\", false]"
try ev policy run "house@$short" --json
like "and runs with it" "$(cat "$tap_dir/try.out")" '[0-9] of [0-9]+ of them'
unlike "not with today's" "$(cat "$tap_dir/try.out")" 'out of'
try ev policy run house --json
like "the file runs with today's" "$(cat "$tap_dir/try.out")" '[0-9] out of [0-9]+ of them'
exits "check takes the version" 0 ev policy check "house@$short"
exits "and so does explain" 0 ev policy explain "house@$short"
like "which says that the library is another" "$out" 'not the shipped text'
exits "diff shows what changed in the library" 0 ev policy diff "house@$short" house
like "as a line of it" "$out" '^-.*out of'

# ---- what is refused ----

refused() { # WHAT EXPRESSION MESSAGE
	house "$2" >"$file"
	exits "$1" 1 ev policy check house
	like "$1: says where and the mend" "$err" "$3"
}
refused "a name that is none" 'evenhand.library("stagse")' 'house\.lua:1: there is no library "stagse".*stages'
refused "a path" 'evenhand.library("../evenhand")' 'house\.lua:1: there is no library'
refused "a name that is computed" 'evenhand.library("sta" .. "ges")' 'house\.lua:1: .*'
refused "a name that is handed on" '(function(n) return evenhand.library(n) end)("stages")' \
	'house\.lua:1: library "stages" is not carried: write its name out'
house 'evenhand.library("stages")' |
	sed 's/return { verd/if f.n < 0 then return stages.side_txt(1, 2, "") end return { verd/' >"$file"
exits "a function that the library has not" 1 ev policy check house
like "is found without running it" "$err" 'library stages has no side_txt.*side_text'

# ---- what a library reads must be declared ----

judged() { # NEEDS CALL [BEFORE]: line 4 asks the library about the finding
	cat >"$file" <<-L
		local stages = evenhand.library("stages")
		local function judge(c) return "ok", "house", stages.side_text(c.selected, c.n, "of them") end
		${3:-local side = stages.side_text}
		local function ask(f) return $2 end
		return {
		  name = "house", api = 1, version = "1", attributes = { "sex" }, needs = { $1 },
		  check = function(f) return ask(f) end,
		}
	L
}
reads='"group", "n", "selected", "ref_n", "ref_selected", "persons", "ref_persons", "reference", "position"'
reads="$reads, \"p\", \"p_method\", \"family\", \"provenance\", \"why\""
judged "$reads" 'stages.judge_facts(f, judge)'
exits "a fact that only the library reads" 1 ev policy check house
line=$(grep -n 'f\.q' "$library" | head -1 | cut -d: -f1)
like "is missed in needs, at the call and at its place" "$err" \
	"house\.lua:4: error: fact q is read by library stages \(library/stages\.lua:$line\) but not declared: add \"q\""
is "that one alone" "$(printf '%s\n' "$err" | grep -c 'error: ')" 1
judged "$reads" 'judge_it(f, judge)' 'local same = stages local judge_it = same.judge_facts'
exits "also by another name" 1 ev policy check house
like "at the call" "$err" 'house\.lua:4: error: fact q is read by library stages'
judged "$reads, \"q\"" 'stages.judge_facts(f, judge)'
exits "declared" 0 ev policy check house
unlike "nothing is said" "$err" '(error|warning): '
like "explain lists what the library reads" "$(ev policy explain house --tsv)" 'reads	.*ref_selected.* q( |$)'
judged "$reads, \"q\", \"flips\"" 'stages.judge_facts(f, judge)'
exits "a need of nobody" 0 ev policy check house
like "is a warning" "$err" 'house\.lua:6: warning: needs names flips'
judged '"n", "selected"' 'stages.nothing_known(f)'
sed -i 's/^return {$/& nothing_known = function(f) return f.no_such end,/' "$library"
exits "an unknown fact" 1 ev policy check house
like "of a library is one too" "$err" 'house\.lua:[0-9]+: .*no_such'
cp "$root/scripts/library/stages.lua" "$library"
house 'evenhand.library("stages")' >"$file"
sed -i '1i local places = evenhand.library("places")' "$library"
exits "a library that asks for another" 1 ev policy check house
like "is refused" "$err" 'library/stages\.lua:1: a library asks for no other library|a library asks for no other'
printf 'return 1\n' >"$library"
exits "a library without a table" 1 ev policy check house
like "is said" "$err" 'library "stages" returns no table'
cp "$root/scripts/library/stages.lua" "$library"
house 'evenhand.library("stages")' | sed 's/^return/stages.side_text = nil return/' >"$file"
exits "a library is read-only" 1 ev policy check house
like "and says so" "$err" 'read-only'
finish
