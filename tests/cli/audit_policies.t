# Several policies in one audit, and what is recorded of each: one that has nothing to look at stops nobody, settings
# that are not the policy's are named everywhere, looser ones want a reason, and a name alone hides no other text.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
ok "a project whose candidates have a sex" make_project "$project"
cat >"$tap_dir/far.lua" <<-E
	return { name = "far", api = 1, version = "1", attributes = { "race" },
		check = function(f) return { verdict = "ok", reason = "never asked" } end }
E
cat >"$tap_dir/half.lua" <<-E
	return { name = "half", api = 1, version = "2", attributes = { "sxe", "sex" }, min_group = 7,
		alpha = 0.04, author = "Ada", check = function(f) return { verdict = "ok", reason = "so it is" } end }
E
cat >"$tap_dir/broken.lua" <<-E
	return { name = "broken", api = 1, version = "1", check = function(
E
last() { ev journal show --tsv | tail -1; }

# ---- nothing to look at ----

try ev audit --policy "$tap_dir/far.lua" --policy evaluator_screen --json
is "a policy for attributes that nobody has here stops nobody" "$status" 0
cp "$tap_dir/try.out" "$tap_dir/a.json"
doc() { json "$tap_dir/a.json" "$1"; }
is "both are in the document, in their order" "$(doc '[r["policy"] for r in d["runs"]]')" '["far", "evaluator_screen"]'
is "the first without findings, run or error" \
	"$(doc '[run["attributes"], run["own_findings"], run["run"], run["policy_error"], run["budget_used"]]')" \
	'[[], [], null, null, null]'
is "but with what it missed" "$(doc '[run["nothing_to_look_at"], run["attributes_missing"]]')" \
	'["nothing to look at: it looks at race, and here two groups are known only of sex", ["race"]]'
is "the second with its own" "$(doc '[d["runs"][1]["nothing_to_look_at"], d["runs"][1]["attributes_missing"],
	d["runs"][1]["run"] > 0, len(d["runs"][1]["attributes"])]')" '[null, [], true, 1]'
is "nobody failed" "$(doc 'd["failed"]')" '[]'
like "people are told, with --quiet too" "$(ev audit --quiet --dry-run --policy "$tap_dir/far.lua" \
	--policy evaluator_screen 2>&1 >/dev/null)" 'policy far: nothing to look at: it looks at race, and here'
like "the journal has both" "$(ev journal show --tsv | tail -2 | head -1)" \
	'	audit	far	no run: nothing to look at: it looks at race, .*; policy far 1, sha256 [0-9a-f]{64}, file, draft'
like "in their order" "$(last)" '	audit	evaluator_screen	run [0-9]+, look'
is "what is browsed is the last run with findings" "$(ev evaluators --json >"$tap_dir/e.json" &&
	json "$tap_dir/e.json" 'run["policy"]')" evaluator_screen
exits "where no policy looks at anything, the audit has failed" 1 ev audit --policy "$tap_dir/far.lua"
like "and says so" "$err" 'no policy had anything to look at'
exits "policy run too" 1 ev policy run "$tap_dir/far.lua" --json
like "in its document" "$(json "$tap_dir/try.out" 'd["nothing_to_look_at"]')" '^nothing to look at: it looks at race'
try ev audit --dry-run --policy "$tap_dir/half.lua" --json
is "of several attributes the known ones are looked at" \
	"$(json "$tap_dir/try.out" '[run["attributes_missing"], [a["attribute"] for a in run["attributes"]]]')" \
	'[["sxe"], ["sex"]]'
like "and the others named" "$err" 'note: policy half looks at sxe too, of which no two groups are known here'
try ev policy check "$tap_dir/half.lua" --json
is "policy check in a project names what nobody there has" "$status $(json "$tap_dir/try.out" \
	'd["attributes_not_known"]')" "0 sxe"
like "in words too" "$err" 'warning: no candidate of this project has a class of sxe'

# ---- the others go on ----

try ev audit --policy "$tap_dir/broken.lua" --policy evaluator_screen --json
is "a broken policy has its errors, the next one its run" "$status $(json "$tap_dir/try.out" \
	'[r["policy_error"] is None for r in d["runs"]]')" "1 [false, true]"
try ev audit --policy evaluator_screen --policy four_fifths --intersect sex,age --json
is "what goes wrong leaves a whole document" "$status $(python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(len(d["runs"]), *[f["policy"] for f in d["failed"]])' "$tap_dir/try.out")" "2 0 evaluator_screen four_fifths"
before=$(ev journal show --tsv | wc -l)
exits "an unknown name is told" 1 ev audit --policy evaluator_screen --policy nonexist
like "by its name" "$err" 'no policy "nonexist"'
is "before anything runs or is stored" "$(ev journal show --tsv | wc -l)" "$before"

# ---- settings that are not the policy's ----

exits "a minimum that lets everybody through wants a reason" 1 ev audit --min 100000
like "and says what it loosens" "$err" \
	'loosens policy evaluator_screen, which is shipped default .*10 to 100000.*--reason'
exits "so does a lower limit" 1 ev audit --limit 1/10
is "nothing was stored" "$(ev journal show --tsv | wc -l)" "$before"
exits "a dry run wants none" 0 ev audit --dry-run --limit 1/10 --json
is "and names what is overridden" "$(json "$tap_dir/try.out" '[run["overridden"], run["policy_settings"]["limit"],
	run["limit"], run["loosened"]]')" '[["limit"], [4, 5], [1, 10], "limit 4/5 to 1/10"]'
like "in words too" "$err" "not the policy's own: limit"
exits "a stricter one wants none" 0 ev audit --quiet --limit 9/10
exits "nor do p-values for any number of looks" 0 ev audit --quiet --looks anytime
exits "nor a draft" 0 ev audit --quiet --policy "$tap_dir/half.lua" --min 8
exits "with a reason it is done" 0 ev audit --min 100000 --reason "a question of the works council" --json
is "the document has the reason" "$(json "$tap_dir/try.out" '[run["override_reason"], run["overridden"],
	run["min_group"], run["policy_settings"]["min_group"], run["alpha"]]')" \
	'["a question of the works council", ["min_group"], 100000, 10, 0.05]'
like "the journal what was used, what the policy has, and why" "$(last)" \
	'limit 4/5, family bh of [0-9]+, min_group 100000, min_total 30, min_share 2 %, alpha 0.05, OVERRIDDEN \(the policy has min_group 10\);.*; reason: a question of the works council'
like "and what the policy's worker used" "$(last)" 'used [0-9]+ instructions, [0-9]+ KiB, [0-9.]+ s'
for verb in evaluators metrics; do
	ev $verb --json >"$tap_dir/e.json"
	is "$verb has what was used, and whose it was" "$(json "$tap_dir/e.json" '[run["min_group"], run["alpha"],
		run["overridden"], run["policy_state"], len(run["policy_hash"]), run["override_reason"],
		sorted(run["budget_used"])]')" \
		'[100000, 0.05, ["min_group"], "shipped default", 64, "a question of the works council", ["instructions", "memory", "seconds"]]'
done
ok "a policy with settings of its own" ev audit --quiet --policy "$tap_dir/half.lua"
ev evaluators --json >"$tap_dir/e.json"
is "has them in the document, overridden by nobody" "$(json "$tap_dir/e.json" '[run["min_group"], run["alpha"],
	run["overridden"], run["policy_state"], run["policy_text_author"]]')" '[7, 0.04, [], "draft", "Ada"]'
like "and in the journal" "$(last)" 'min_group 7, min_total 30, min_share 2 %, alpha 0.04;'
exits "a reason with control characters is refused" 1 ev audit --limit 1/10 --reason "$(printf 'a\033[2Jb')"

# ---- the notification's policy ----

ok "a notification raised with another limit" ev audit --quiet --limit 9/10
try ev notifications show N0001
like "shows the policy's text" "$out" 'Policy text shipped default, sha256'
like "and hash" "$out" ' [0-9a-f]{64}$'
like "and the settings" "$out" 'Settings +limit 9/10 \(the policy.s: 4/5\), minimum per group 10, in all 30'
is "no line is wider than a terminal" "$(printf '%s\n' "$out" | sed -n '1,8p' | awk 'length > 80')" ""
ev notifications show N0001 --json >"$tap_dir/n.json"
is "the document too" "$(json "$tap_dir/n.json" '[
	[d["audit"][k] for k in ("policy_state", "policy_author", "overridden")],
	d["audit"]["settings"]["limit"], d["audit"]["policy_hash"] == d["policy_hash"], d["run"] > 1]')" \
	'[["shipped default", null, ["limit"]], [9, 10], true, true]'

# ---- the words of a verdict, and of a name ----

cat >"$tap_dir/sayok.lua" <<-E
	return { name = "sayok", api = 1, version = "1", check = function() return "ok" end }
E
ok "a policy that says ok to everything" ev audit --quiet --policy "$tap_dir/sayok.lua"
try ev explain E07 --group female
like "explain says that nobody activated the text" "$(printf '%s ' $out)" \
	'policy sayok 1 \([0-9a-f]{12}\) \(draft, not activated\)'
like "so does the list" "$(ev evaluators 2>&1 >/dev/null)" 'policy sayok 1 \(draft, not activated\)'
like "explain says ok" "$out" 'Verdict +ok'
unlike "but never that it is not below the limit" "$(printf '%s ' $out)" 'Not below the limit'
like "the numbers say otherwise" "$(printf '%s ' $out)" 'asks for no response although the ratio is below the limit'
like "and so does the built-in result" "$(printf '%s ' $out)" \
	'four-fifths result watch: the plain ratio 0\.333 is below 4/5, .*does not agree with the policy.s ok'
mkdir -p "$project/policies"
sed 's/sayok/evaluator_screen/' "$tap_dir/sayok.lua" >"$project/policies/zzz.lua"
try ev audit --dry-run --policy zzz --json
is "a file that calls itself as a shipped policy is found out" \
	"$(json "$tap_dir/try.out" '[run["policy"], run["policy_namesake"], run["policy_shadows"]]')" \
	'["evaluator_screen", true, false]'
like "in words" "$err" 'the policy evaluator_screen is .*zzz.lua, not the text of that name that comes with the program'
try ev policy check zzz --json
like "by policy check too" "$(json "$tap_dir/try.out" 'd["namesake"]')" '^its name is evaluator_screen, but'
try ev audit --dry-run --json
is "the shipped one is none" "$(json "$tap_dir/try.out" 'run["policy_namesake"]')" false

# ---- packs ----

cat >"$tap_dir/later.lua" <<-E
	return { name = "later", api = 1, version = "1",
		pack = { name = "P", source = "S 1", from = "2090-01-01" },
		check = function() return "ok" end }
E
try ev policy run "$tap_dir/later.lua" --json
is "policy run has the pack" "$(json "$tap_dir/try.out" '[d["pack"]["name"], d["pack"]["state"]]')" \
	'["P", "not yet in force"]'
like "and says that it is not in force" "$err" 'pack P \(S 1\), not in force before 2090-01-01'
try ev policy run evaluator_screen --json
is "where there is none it is null" "$(json "$tap_dir/try.out" 'd["pack"]')" null

finish
