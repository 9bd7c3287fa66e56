# What a policy adds to an audit: findings of its own, dates of its rule, facts about the project, declarations.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
ok "a project" make_project "$project"
j() { json "$tap_dir/try.out" "$1"; }
own() { j '[[f["own"]["subject"] or f["evaluator"], f["group"], f["n"], f["verdict"]] for f in run["own_findings"]]'; }
mkdir "$project/policies"

# house FIELDS COMPUTE: the check says ok to all
house() {
	cat >"$project/policies/house.lua" <<-E
		return {
		  name = "house", api = 1, version = "1.0", author = "Works council", needs = { "n" }, $1
		  check = function() return "ok" end,
		  compute = function(project)
		    $2
		  end,
		}
	E
}

# ---- findings of its own, counted again ----

house '' '
	local list = {}
	for _, row in ipairs(evenhand.counts{ by = {"evaluator", "question"}, class = "sex" }) do
		if row.evaluator == "E07" and row.group == "female" then
			list[#list + 1] = { attribute = "sex", group = "female", reference = "male",
				evaluator = "E07", question = row.question, verdict = "notify",
				rule = "by question", reason = "Per question.", n = row.n, selected = row.selected,
				ref_n = 30, ref_selected = row.question == "q1" and 23 or 22 }
		end
	end
	return list'
try ev audit --policy house --json
is "the run is sound" "$status" 0
is "two findings of its own beside the built-in ones" "$(own)" \
	'[["E07", "female", 30, "notify"], ["E07", "female", 30, "notify"]]'
is "with the program's numbers" "$(j '[[f["own"]["question"], f["selected"], f["rests_on"], round(f["ratio"], 3),
	f["p"] < .001, f["q"], f["family_size"]] for f in run["own_findings"]]')" \
	'[["q1", 7, "plain", 0.304, true, null, 0], ["q2", 8, "plain", 0.364, true, null, 0]]'
is "each is a notification" "$(j '[run["raised"], run["refreshed"]]')" '[2, 0]'
is "the built-in findings are as before" "$(j 'find("E07", "female")["builtin"]')" watch
is "its author is told" "$(j 'run["policy_text_author"]')" "Works council"
try ev audit --policy house --json
is "the same again is the same matter" "$(j '[run["raised"], run["refreshed"]]')" '[0, 2]'
like "the journal names the author" "$(ev journal show --tsv | tail -1)" 'author of the text: Works council'
try ev audit --policy house --dry-run --tsv
like "rows of the table too" "$out" '^E07		sex	female	30	7	.*	question q1$'
try ev metrics E07 --json
is "metrics lists them" "$(j '[f["own"]["question"] for f in run["own_findings"]]')" '["q1", "q2"]'
try ev explain E07
like "explain shows whose finding it is" "$out" "The policy's own finding, from compute\(\)"
like "and what it is about" "$out" 'Finding +evaluator E07, question q1, sex: female'
like "with its counts" "$out" '7 of 30 decisions favourable'
like "and its rule" "$out" 'by question'
id=$(ev notifications list --json | python3 -c 'import json, sys
print([n["notification"] for n in json.load(sys.stdin)["notifications"] if n["policy"] == "house"][0])')
like "a notification explains itself" "$(ev explain "$id")" 'question q1'

# ---- its strata are counted in the part that it looks at ----

unlike "one stratum has no table" "$(ev explain "$id")" 'strata with both sides'
house '' 'return {
	{ attribute = "sex", group = "female", reference = "male", evaluator = "E07", verdict = "notify",
		rule = "both questions", reason = "Over both." },
	{ attribute = "sex", group = "female", question = "q2", verdict = "notify", rule = "question 2",
		reason = "All of them." } }'
try ev audit --policy house --json
is "two findings over several strata" \
	"$(j '[[f["evaluator"], f["strata"], f["rests_on"]] for f in run["own_findings"]]')" \
	'[["E07", 2, "stratified"], [null, 12, "stratified"]]'
for n in 1 2; do
	id=$(ev notifications list --json | python3 -c 'import json, sys
v = [n["notification"] for n in json.load(sys.stdin)["notifications"] if n["policy"] == "house"]
print(sorted(v)[-3 + int(sys.argv[1])])' $n)
	try ev explain "$id" --json
	is "notification $n keeps them, and they add up to its ratio" "$(python3 - "$tap_dir/try.out" <<-'END'
		import json, sys
		s = json.load(open(sys.argv[1]))["by_stratum"][0]
		up, down = (sum(r[k] for r in s["rows"]) for k in ("numerator", "denominator"))
		print(len(s["rows"]), s["why"], abs(up / down - s["sums"]["ratio"]) < 1e-12,
		      len({tuple(r["stratum"]) + (r.get("evaluator"),) for r in s["rows"]}) == len(s["rows"]))
		END
	)" "$([ $n = 1 ] && echo 2 || echo 12) None True True"
	like "explain shows them" "$(ev explain "$id" | tr -s '\n ' ' ')" \
		"Strata $([ $n = 1 ] && echo 2 || echo 12) strata with both sides.* Mantel-Haenszel ratio = .* above\)"
done
like "of all evaluators with their names" "$(ev explain "$id")" '^ +E07 .*q2 +[0-9]+/30 '
try ev explain E07 --group female
is "so does the evaluator's page, beside the built-in finding" "$(grep -c '^Strata' "$tap_dir/try.out")" 2
unlike "nothing says that there are none" "$out" 'without their counts'

house '' 'return { { attribute = "sex", group = "female", evaluator = "E07", verdict = "ok", n = 12, selected = 1,
	ref_n = 60, ref_selected = 45 } }'
exits "a wrong number is a failure" 1 ev audit --policy house --json
like "that says which" "$err" \
	'POLICY ERROR: finding 1 of compute\(\) \(E07, sex, female\): it says n = 12, the counts say 60'
is "in place of its findings" "$(j '[[f["own"]["subject"], f["verdict"]] for f in run["own_findings"]]')" \
	'[["compute", "policy_error"]]'
is "what check said stands" "$(j 'find("E07", "female")["verdict"]')" ok
house '' 'error("boom")'
exits "so is a compute that raises" 1 ev audit --policy house --json
like "with its line" "$err" 'house\.lua:[0-9]+: boom'

# ---- facts about the project ----

house '' 'local d, v = project.declarations, project.jurisdictions[1]
	if not d.worker_notice then return { { subject = "worker_notice", verdict = "notify", rule = "notice",
		reason = "No notice; " .. v.code .. " has " .. v.candidates .. " candidates, " ..
		v.consent.watch.granted .. " may be watched, " .. project.evaluators .. " evaluators, as of " ..
		project.as_of } } end
	return { { subject = "worker_notice", verdict = "ok", reason = "since " .. d.worker_notice } }'
try ev audit --policy house --json
is "a finding about the project" "$(j '[[f["own"]["subject"], f["attribute"], f["own"]["counted"], f["verdict"],
	f["scope"]] for f in run["own_findings"]]')" '[["worker_notice", "", false, "notify", "systemic"]]'
is "with its facts" "$(j 'run["own_findings"][0]["reason"]')" \
	"No notice; US-IL has 60 candidates, 60 may be watched, 12 evaluators, as of 2026-11-25"
like "listed as what it is about" "$(ev notifications list --tsv)" 'worker_notice'
like "and explained" "$(ev explain all)" 'Finding +the project: worker_notice'
exits "what is declared must be known" 1 ev policy declare worker_notise 2026-01-05
like "and near names are told" "$err" 'worker_notice'
exits "and of its kind" 1 ev policy declare worker_notice yes
like "which is told" "$err" 'worker_notice is a date such as'
exits "a declaration" 0 ev policy declare worker_notice 2026-01-05 --reason "letter 7"
like "is in the journal" "$(ev journal show --tsv | tail -1)" 'declare	worker_notice	= 2026-01-05; reason: letter 7'
exits "a text" 0 ev policy declare auditor "Ada Example"
unlike "is not repeated there" "$(ev journal show --tsv | tail -1)" 'Ada'
try ev policy declarations --json
is "what stands is listed" "$(j '[[x["key"], x["value"]] for x in d["declarations"]]')" \
	'[["auditor", "Ada Example"], ["worker_notice", "2026-01-05"]]'
try ev audit --policy house --json
is "the policy sees it" "$(j '[f["reason"] for f in run["own_findings"]]')" '["since 2026-01-05"]'
exits "it is taken back" 0 ev policy declare worker_notice --withdraw
is "and gone" "$(ev policy declarations --tsv | wc -l)" 2
exits "a value and --withdraw do not go together" 2 ev policy declare worker_notice 2026-01-05 --withdraw
like "all keys have a meaning" "$(ev policy declarations --all --tsv | grep -c .)" '^[3-9][0-9]$'

# ---- dates ----

pack() {
	cat >"$project/policies/pack.lua" <<-E
		return { name = "pack", api = 1, version = "1", needs = { "below_limit" },
		  pack = { name = "Colorado", source = "SB 26-189", from = "$1", to = $2 },
		  check = function(f) return f.below_limit and { verdict = "notify", reason = "Below." } or "ok" end }
	E
}
pack 2027-01-01 nil
try ev --quiet audit --policy pack --json
is "before its first day nobody is accused" \
	"$(j '[find("E07", "female")["verdict"], find("E07", "female")["reason"], run["raised"]]')" \
	'["watch", "Not notified: pack Colorado (SB 26-189), not in force before 2027-01-01. Below.", 0]'
like "which is said, with --quiet too" "$err" \
	'policy pack: pack Colorado \(SB 26-189\), not in force before 2027-01-01: its notifications are held back'
is "the document says so" "$(j '[run["pack"]["state"], run["pack"]["from"], run["pack"]["to"]]')" \
	'["not yet in force", "2027-01-01", null]'
like "the journal too" "$(ev journal show --tsv | tail -1)" 'pack Colorado \(SB 26-189\), not in force before'
try ev metrics E07 --json
is "and the stored run" "$(j '[d["pack_state"], d["pack"]]')" \
	'["not yet in force", "Colorado (SB 26-189), not in force before 2027-01-01"]'
pack 2020-01-01 '"2026-11-24"'
try ev audit --policy pack --json
is "after its last day neither" "$(j '[run["pack"]["state"], run["raised"]]')" '["no longer in force", 0]'
pack 2020-01-01 '"2026-11-25"'
try ev audit --policy pack --json
is "on its last day it holds" "$(j '[run["pack"]["state"], find("E07", "female")["verdict"], run["raised"] > 0]')" \
	'["in force", "notify", true]'
like "for people too" "$err" 'pack Colorado \(SB 26-189\), in force from 2020-01-01 to 2026-11-25'
id=$(ev notifications list --json | python3 -c 'import json, sys
print([n["notification"] for n in json.load(sys.stdin)["notifications"] if n["policy"] == "pack"][0])')
try ev notifications show "$id" --json
like "and in its notification" "$out" 'Colorado \(SB 26-189\), in force from 2020-01-01'
like "for people too" "$(ev notifications show "$id")" '^rule pack: Colorado \(SB 26-189\), in force from 2020-01-01 to'
pack 2026-02-30 nil
exits "a day that is none is refused" 1 ev policy check "$project/policies/pack.lua"

finish
