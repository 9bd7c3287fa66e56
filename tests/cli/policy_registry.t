# The registry of policies: who activates what, what an audit runs by it, and what is kept.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
root=$PWD
ok "a project" make_project "$project"
j() { json "$tap_dir/try.out" "$1"; }
house_runs() { j '[r["policy_version"] for r in d["runs"] if r["policy"] == "house"]'; }
last_entry() { ev journal show --tsv | tail -1; }
hash_of() { sha256sum "$1" | cut -d' ' -f1; }
now='"2026-11-25T10:00:00Z"'
state_of_row() { "$EVENHAND" --project "$project" policy list --all --tsv 2>/dev/null | awk -F'\t' -v n="$1" -v v="$2" \
	'$1 == n && $2 == v { print $4 }' | tr '\n' ' '; }

# house.lua VERSION LIMIT MIN: notifies about a ratio below the limit, whatever the evidence
house() {
	cat <<-E
		return {
		  name = "house", api = 1, version = "$1", limit = { $2 }, min_group = $3,
		  attributes = { "sex" }, needs = { "below_limit", "n" },
		  check = function(f)
		    if f.below_limit then return { verdict = "notify", reason = "below" } end
		    return { verdict = "ok", reason = "fine" }
		  end,
		}
	E
}
mkdir "$project/policies"
file=$project/policies/house.lua
house 1.0 "4, 5" 10 >"$file"

# ---- what stands at the beginning ----

try ev policy list --json
is "what comes with the program runs without anybody's approval" \
	"$(j '[p["state"] for p in d["policies"] if p["name"] == "evaluator_screen"]')" '["shipped default"]'
is "a file that nobody proposed is a draft" \
	"$(j '[p["state"] for p in d["policies"] if p["name"] == "house"]')" '["draft"]'
try ev audit --json
is "an audit runs the default" "$(j '[[r["policy"], r["policy_state"], r["policy_author"]] for r in d["runs"]]')" \
	'[["evaluator_screen", "shipped default", null]]'
is "without a word about it" "$(ev --quiet audit --dry-run 2>&1 >/dev/null)" ""
try ev --quiet audit --policy house --json
is "a draft runs when it is named" "$(j '[[r["policy"], r["policy_state"]] for r in d["runs"]]')" '[["house", "draft"]]'
like "and is called one, with --quiet too" "$err" 'policy house: draft, not activated'
like "in the journal" "$(last_entry)" \
	'policy house 1\.0, sha256 [0-9a-f]{64}, project, draft, not activated;'
id=$(ev notifications list --json | python3 -c 'import json, sys
print([n["notification"] for n in json.load(sys.stdin)["notifications"] if n["policy"] == "house"][0])')
like "and in the notification" "$(ev notifications show "$id")" 'by policy house 1\.0 \(draft, not activated\)'
try ev notifications show "$id" --json
like "as a document" "$out" '"policy_state": ?"draft"'
exits "active there is none" 1 ev audit --dry-run --policy house@active
like "which is said" "$err" 'no text of policy "house" is active'

sed 's/"house"/"old", author = "the works council"/; s/needs =/pack = { name = "OLD", source = "an old law", \
	from = "2001-01-01", to = "2020-12-31" }, needs =/' "$file" >"$project/policies/old.lua"
try ev policy list --json
is "the author a text names, and its pack with its dates" \
	"$(j '[[p["author"], p["pack"]] for p in d["policies"] if p["name"] == "old"]')" \
	'[["the works council", "OLD (an old law), no longer in force since 2021-01-01"]]'
rm "$project/policies/old.lua"

# ---- proposing ----

exits "propose" 0 ev policy propose house --json
is "a version with who proposed it" "$(j '[d["schema"], d["name"], d["version"], d["state"], d["loosened"],
	d["approved"]["at"], d["proposed"]["at"], d["hash"]]')" \
	"[\"evenhand.policy_version/1\", \"house\", \"1.0\", \"proposed\", \"\", null, $now, \"$(hash_of "$file")\"]"
is "is proposed" "$(state_of_row house 1.0)" "proposed "
like "journalled" "$(last_entry)" 'policy\.propose	house	version 1\.0, sha256 [0-9a-f]{64}$'
exits "twice is once too often" 1 ev policy propose house
like "who did is said" "$err" 'is proposed already, by '
exits "one that does not load is not proposed" 1 ev policy propose "$root/tests/lib/tap.sh"
exits "the proposer cannot approve" 4 ev policy approve house --reason "mine is good"
like "with the mend" "$err" \
	'proposed house 1\.0 and cannot approve it: a second person does, from another account'
like "the refusal is in the journal" "$(last_entry)" 'policy\.approve\.refused	house	'
is "and changes nothing" "$(state_of_row house 1.0)" "proposed "
try ev --quiet audit --json
is "what is only proposed does not run" "$(j '[r["policy"] for r in d["runs"]]')" '["evaluator_screen"]'

# ---- a second person: the project belongs to another account, and this one may enter it as well ----

if [ "$(id -u)" -ne 0 ] || ! command -v setpriv >/dev/null; then
	skip "approving, loosening, retiring, upgrades" "needs two accounts: run as root"
	finish
	exit
fi
# sudo gives no second person: not root's own act under another's name, nor the author through root
try env SUDO_UID=65534 "$EVENHAND" --project "$project" policy approve house --reason "I am somebody else"
is "who proposed as root cannot say that sudo made him another" "$status" 4
like "it is said whose act it is" "$err" 'root \(uid 0\) proposed house'
chmod 755 "$tap_dir"
hand_over() { chown -R 65534:65534 "$project"; }
other() { # COMMAND...: as the account that owns the project
	hand_over
	try env EVENHAND_DATA="${EVENHAND_DATA:-$root}" setpriv --reuid=65534 --regid=65534 --clear-groups -- \
		"$EVENHAND" --project "$project" "$@"
}
other policy list
if [ "$status" -ne 0 ]; then
	note "$err"
	skip "approving, loosening, retiring, upgrades" "the other account cannot run the program"
	finish
	exit
fi
house 0.9 "4, 5" 10 >"$file"
SUDO_UID=65534 ev --quiet policy propose house --reason "through sudo" 2>/dev/null
like "the journal has who is behind sudo" "$(last_entry)" \
	'root	policy\.propose	house	.*; through sudo from nobody; through'
other policy approve house --reason "as myself"
is "who proposed through sudo cannot approve as himself" "$status" 4
like "it is said why" "$err" 'nobody \(uid 65534\) proposed through sudo house 0\.9 and cannot approve it'
other policy propose house --reason "as myself"
other policy retire house --reason "again, as myself"
other policy propose house --reason "as myself"
is "the other proposes" "$status" 0
hand_over
try env SUDO_UID=65534 "$EVENHAND" --project "$project" policy approve house --reason "through sudo"
is "who proposed cannot approve through sudo" "$status" 4
like "the account behind it is named" "$err" 'nobody \(uid 65534\) proposed house 0\.9'
like "the refusal is in the journal" "$(last_entry)" 'policy\.approve\.refused	house	'
try env SUDO_UID=1234 "$EVENHAND" --project "$project" policy approve house --reason "sudo of a third person"
is "a third person can, through sudo" "$status" 0
ev --quiet policy retire house --reason "was for the test" 2>/dev/null
house 1.0 "4, 5" 10 >"$file"
chown 0:0 "$file"
ev --quiet policy propose house --reason "again" 2>/dev/null
other policy approve house --reason "the file is mine now"
is "the owner of the file is asked as who proposed it wrote it: another may approve" "$status" 0
is "it is active" "$(state_of_row house 1.0)" "active "
like "with both names" "$(ev policy list --tsv | grep '^house')" \
	'^house	1\.0	[0-9a-f]{12}	active	root	nobody	2026-11-25'
like "journalled with the reason, by the other" "$(last_entry)" \
	'nobody	policy\.approve	house	version 1\.0, sha256 [0-9a-f]{64}; the file is mine now$'

try ev --quiet audit --json
is "an audit runs what is active, by name" "$(j '[[r["policy"], r["policy_state"], r["policy_author"],
	r["policy_approver"], r["policy_standing"]] for r in d["runs"]]')" \
	'[["evaluator_screen", "shipped default", null, null, null], ["house", "active", "root", "nobody", null]]'
like "the journal says so" "$(last_entry)" 'policy house 1\.0, sha256 [0-9a-f]{64}, project, active;'

# ---- the file changes: the text that was approved runs ----

house 1.1 "1, 2" 20 >"$file"
is "the file is a new draft, the text stays active" "$(state_of_row house 1.0)$(state_of_row house 1.1)" "active draft "
try ev --quiet audit --json
is "an audit runs the approved text" "$(house_runs)" '["1.0"]'
like "and says that the file has another" "$err" 'policy house: the active text ran, not the file.*policy diff house'
rm "$file"
try ev --quiet audit --json
is "also when the file is gone" "$(house_runs)" '["1.0"]'
house 1.1 "1, 2" 20 >"$file"
try ev --quiet audit --policy house --json
is "named, the file runs, as a draft" "$(j '[[r["policy_version"], r["policy_state"]] for r in d["runs"]]')" \
	'[["1.1", "draft"]]'
try ev --quiet audit --dry-run --policy house@active --json
is "NAME@active is the approved one" "$(j '[[r["policy_version"], r["policy_state"]] for r in d["runs"]]')" \
	'[["1.0", "active"]]'

# ---- a version by its hash: show, run, diff, check ----

short=$(ev policy show house@active | sha256sum | cut -c1-8)
try ev policy run "house@$short" --json
is "run takes NAME@HASH, also of a text that no file has" "$(j '[d["schema"], len(all_findings()) > 0]')" \
	'["evenhand.policy_run/1", true]'
is "it is the text of that hash: its minimum is the old one" \
	"$(j 'sorted({f["verdict"] for f in all_findings()})')" "$(try ev policy run house@active --json
	j 'sorted({f["verdict"] for f in all_findings()})')"
exits "run of a version that there is not" 1 ev policy run house@000000
like "with the mend" "$err" 'evenhand policy list --all shows them|begins with 000000'
exits "run of too few digits" 1 ev policy run house@abc
like "says how many are needed" "$err" 'at least 6 of the first digits'
exits "a hash of another name is none of this" 1 ev policy run "four_fifths@$short"
exits "without a project" 3 "$EVENHAND" --project "$tap_dir" policy run "house@$short"
exits "diff of two versions by hash" 0 ev policy diff house "house@$short"
like "names both" "$out" "^--- house@$short"
same=$(ev policy diff house --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["lines"])')
is "and says what diff of the active one says" "$(ev policy diff house "house@$short" --json |
	python3 -c 'import json, sys; print(json.load(sys.stdin)["lines"])')" "$same"
is "of a version with itself nothing" "$(ev policy diff "house@$short" "house@$short" 2>/dev/null)" ""

# ---- diff ----

exits "diff" 0 ev policy diff house
is "in the form that patch reads" "$(printf '%s\n' "$out" | sed 1,2d)" "$(printf '%s\n' '@@ -1,5 +1,5 @@' ' return {' \
	'-  name = "house", api = 1, version = "1.0", limit = { 4, 5 }, min_group = 10,' \
	'+  name = "house", api = 1, version = "1.1", limit = { 1, 2 }, min_group = 20,' \
	'   attributes = { "sex" }, needs = { "below_limit", "n" },' '   check = function(f)' \
	'     if f.below_limit then return { verdict = "notify", reason = "below" } end')"
like "what the settings loosen is said" "$err" 'loosen: limit 4/5 to 1/2; minimum of a group 10 to 20 persons'
try ev policy diff house --json
is "as a document" "$(j '[d["schema"], d["before"]["state"], d["after"]["state"],
	[(l["kind"], l["line"]) for l in d["lines"]]]')" \
	'["evenhand.policy_diff/1", "active", "draft", [["-", 2], ["+", 2]]]'
like "of two shipped files too, without a project" "$("$EVENHAND" policy diff four_fifths evaluator_screen)" '^\+'
exits "of a version that there is not" 1 ev policy diff house 000000

# ---- loosening asks for a reason ----

exits "a looser text is not proposed without one" 1 ev policy propose house
like "and what is loosened is named" "$err" 'loosens what was active \(limit 4/5 to 1/2; minimum of a group 10 to 20'
exits "nor with an empty one" 1 ev policy propose house --reason "  "
hand_over
exits "with one it is" 0 ev policy propose house --reason "the works council asked"
like "the journal says what is loosened, and why" "$(last_entry)" \
	'policy\.propose	house	version 1\.1, .*; loosens: limit 4/5 to 1/2; minimum of a group 10 to 20 persons; the works council'
other policy approve house --reason "agreed"
is "the last editor cannot approve either" "$status" 4
like "which is said" "$err" 'last edited house 1\.1'
exits "nor the proposer" 4 ev policy approve house --reason "agreed"
exits "a proposal is withdrawn by anybody, with a reason" 0 ev policy retire house --reason "no agreement" \
	--hash "$(hash_of "$file" | cut -c1-12)"
is "and what was active stays so" "$(state_of_row house 1.0)$(state_of_row house 1.1)" "active retired "
chown 0:0 "$file"
exits "a retired text is proposed again" 0 ev policy propose house --reason "once more"
other policy approve house
is "an approval needs a reason" "$status" 1
other policy approve house --hash 000000 --reason x
is "of the version meant" "$status" 1
chown 0:0 "$file"
other policy approve house --reason "agreed"
is "then it is active" "$status" 0
is "and the one before is retired" "$(state_of_row house 1.0)$(state_of_row house 1.1)" "retired active "
like "which policy list leaves out" "$(ev policy list --tsv | grep -c '^house')" '^1$'
house 1.0 "4, 5" 10 >"$tap_dir/old"
try ev --quiet audit --dry-run --policy "house@$(hash_of "$tap_dir/old" | cut -c1-8)" --json
is "an old version runs again by its hash" \
	"$(j '[[r["policy_version"], r["policy_state"]] for r in d["runs"]]')" '[["1.0", "retired"]]'

# ---- retiring ----

exits "retiring needs a reason" 1 ev policy retire evaluator_screen
exits "one person asks for the end of the shipped default, while another policy is active" 0 ev policy retire \
	evaluator_screen --reason "house has it all"
like "that it is still run is said" "$err" 'evaluator_screen .* is still run: another account carries its end out'
like "the journal has it" "$(last_entry)" 'policy\.retire\.ask	evaluator_screen	.*; house has it all'
try ev --quiet audit --json
is "and it is" "$(j '[r["policy"] for r in d["runs"]]')" '["evaluator_screen", "house"]'
like "the list says who waits for what" "$(ev policy list --tsv | grep '^evaluator_screen')" \
	'its end is asked for, waits for a second person'
exits "the same person does not carry it out" 4 ev policy retire evaluator_screen --reason "really"
exits "it can be taken back" 0 ev policy retire evaluator_screen --keep --reason "not yet"
exits "once" 1 ev policy retire evaluator_screen --keep --reason "not yet"
ok "asked for again" ev --quiet policy retire evaluator_screen --reason "house has it all"
other policy retire evaluator_screen --reason "agreed"
is "a second person ends it" "$status" 0
try ev --quiet audit --json
is "then it runs no more" "$(j '[r["policy"] for r in d["runs"]]')" '["house"]'
exits "the last one that runs cannot be retired" 4 ev policy retire house --reason "no more audits"
like "why" "$err" 'the only policy that an audit runs'
exits "a shipped text is activated as others are" 0 ev policy propose four_fifths
other policy approve four_fifths --reason "beside house"
is "by a second person" "$status" 0
other policy retire house --reason "four_fifths is enough"
is "now house can go" "$status" 0
exits "when both say so" 0 ev policy retire house --reason "four_fifths is enough"
cp "$file" "$tap_dir/kept"
house 1.2 "1, 5" 30 >"$file"
exits "a later text is weighed against what was active last" 1 ev policy propose house
like "by all it loosens" "$err" 'loosens what was active \(limit 1/2 to 1/5; minimum of a group 20 to 30 persons'
cp "$tap_dir/kept" "$file"
try ev --quiet audit --json
is "and four_fifths runs" "$(j '[[r["policy"], r["policy_state"], r["policy_origin"]] for r in d["runs"]]')" \
	'[["four_fifths", "active", "shipped"]]'
exits "the journal is whole" 0 ev journal verify

# ---- another program with another text of the default ----

project=$tap_dir/q
ok "another project" make_project "$project"
mkdir -p "$tap_dir/data/policies"
cp "$root"/scripts/*.lua "$tap_dir/data/policies/"
[ ! -d "$root/assets" ] || ln -s "$root/assets/models" "$tap_dir/data/models"
echo '-- of another version' >>"$tap_dir/data/policies/evaluator_screen.lua"
try env EVENHAND_DATA="$tap_dir/data" "$EVENHAND" --quiet --project "$project" audit --json
like "an upgrade that changes the default's text says so" "$err" \
	"the program's text of evaluator_screen changed since its last run, from sha256 [0-9a-f]{12} to [0-9a-f]{12}"
like "in the journal too" "$(last_entry)" "the program's text of evaluator_screen changed"
try env EVENHAND_DATA="$tap_dir/data" "$EVENHAND" --quiet --project "$project" audit --json
is "once" "$err" ""
like "and what changed can be seen" "$(ev policy diff evaluator_screen \
	"$(sha256sum "$tap_dir/data/policies/evaluator_screen.lua" | cut -c1-12)")" '^--- of another version$'
finish
