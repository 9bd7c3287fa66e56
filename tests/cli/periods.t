# Windows of days, strata by period, trends: what was decided when, from the evaluations with their times.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

# E1 selects women and men alike, few of the many women in February and many of the many men in May; E2 is hard on women
# in May only; E3 stands on the edges of the quarters, and six of his decisions and a hold have no time.
tables=$tap_dir/tables
project=$tap_dir/p
mkdir "$tables"
awk -v dir="$tables" '
function put(file, line) { print line > (dir "/" file) }
function judge(e, sex, n, selected, at,  i) {
	for (i = 0; i < n; i++) {
		c++
		put("candidates.csv", sprintf("C%04d,US-IL,clerk,%s", c, sex))
		put("evaluations.csv", sprintf("E%d,C%04d,%s,%s", e, c, i < selected ? "advance" : "reject", at))
	}
}
BEGIN {
	put("evaluators.csv", "evaluator_id")
	put("candidates.csv", "candidate_id,jurisdiction,position_id,declared.sex")
	put("evaluations.csv", "evaluator_id,candidate_id,decision,decided_at")
	for (i = 1; i <= 3; i++)
		put("evaluators.csv", "E" i)
	judge(1, "female", 80, 16, "2026-02-10T09:00:00Z"); judge(1, "male", 20, 4, "2026-02-11")
	judge(1, "female", 20, 16, "2026-05-10T09:00:00Z"); judge(1, "male", 80, 64, "2026-05-11")
	judge(2, "female", 50, 25, "2026-02-10T09:00:00Z"); judge(2, "male", 50, 25, "2026-03-11")
	judge(2, "female", 50, 10, "2026-05-10T09:00:00Z"); judge(2, "male", 50, 40, "2026-06-11")
	judge(3, "female", 20, 10, "2026-03-31T23:59:59Z"); judge(3, "male", 20, 10, "2026-04-01T00:30:00+02:00")
	judge(3, "female", 20, 10, "2026-04-01T00:00:00Z"); judge(3, "male", 20, 10, "2025-12-31T20:00:00-05:00")
	judge(3, "male", 6, 3, "")
	put("candidates.csv", "C9999,US-IL,clerk,female")
	put("evaluations.csv", "E3,C9999,hold,")
}'
"$EVENHAND" --quiet init "$project"
for kind in evaluators candidates evaluations; do
	ev --quiet import "$kind" "$tables/$kind.csv"
done

j() { json "$tap_dir/try.out" "$1"; }
female() { j "find('$1', 'female')['$2']"; }
audit() { try ev audit --json "$@"; }

# ---- strata by period ----

audit --dry-run
is "plain, E1's women look half as lucky" "$(j 'round(find("E1", "female")["ratio"], 4)')" 0.4706
is "a whole audit has no window" "$(j '[run["window"], run["period"], run["without_time"]]')" '[null, null, 0]'
audit --dry-run --period quarter
is "within the quarters they are not" "$(j 'round(find("E1", "female")["ratio"], 12)')" 1.0
is "which is the stratified ratio, in two strata" "$(j '[find("E1", "female")[k] for k in ("rests_on", "strata")]')" \
	'["stratified", 2]'
is "the document says so" "$(j '[run["window"], run["period"], run["without_time"]]')" '[null, "quarter", 6]'
like "and stderr" "$err" 'decisions compared quarter by quarter'
like "with those that have no time" "$err" 'note: 6 decisions without a time compared with each other'
is "all decisions are there" "$(j 'run["rows"]')" 486
audit --dry-run --period month
is "months are finer" "$(j 'find("E2", "male")["strata"]')" 0
audit --dry-run --period year
is "a year is one stratum" "$(j 'round(find("E1", "female")["ratio"], 4)')" 0.4706

# ---- windows ----

audit --dry-run --from 2026-01-01 --to 2026-03-31
is "both ends are inside, in UTC" "$(j '[find("E3", g)["n"] for g in ("female", "male")]')" '[20, 40]'
is "E2 was fair then" "$(female E2 ratio)" 1.0
is "what was left out is counted" "$(j '[run["window"], run["rows"], run["without_time"]]')" \
	'[{"from": "2026-01-01", "to": "2026-03-31"}, 260, 6]'
like "and said" "$err" 'decisions of 2026-01-01 to 2026-03-31'
like "with the untimed" "$err" 'note: 6 decisions without a time left out'
audit --from 2026-04-01
is "E2 is not fair now" "$(female E2 ratio)" 0.25
is "E2 and the process are notified about" \
	"$(j '[run["raised"], find("E2", "female")["verdict"], run["look"]]')" '[2, "notify", 1]'
try ev notifications show N0001
like "it names the days" "$out" '^decisions from 2026-04-01$'
try ev notifications show N0001 --json
is "to programs too" "$(j 'd["notification"]["window"] if "window" in d["notification"] else d["window"]' 2>&1)" \
	'{"from": "2026-04-01", "to": null}'
try ev explain N0001
like "so does its explanation" "$out" '\), decisions from 2026-04-01$'
try ev evaluators --json
is "and the stored run" "$(j '[d["window"], d["without_time"]]')" '[{"from": "2026-04-01", "to": null}, 6]'
try ev journal show
like "and the journal" "$out" 'look 1, decisions from 2026-04-01 \(6 without a time\), limit 4/5'
audit --from 2026-04-01
is "again: the same look, the matters refreshed" "$(j '[run["look"], run["raised"], run["refreshed"]]')" '[1, 0, 2]'
audit --period quarter
is "all days are other data: their first look; the matter is the same" \
	"$(j '[run["look"], run["raised"], run["refreshed"]]')" '[1, 0, 2]'
audit
is "and the whole again is no new look" "$(j 'run["look"]')" 1
audit --to 2026-12-31 --dry-run
is "another window is looked at for the first time" "$(j '[run["look"], run["rows"]]')" '[1, 480]'

exits "a date that is none" 2 ev audit --from 2026-02-30
like "is named" "$err" "audit: --from: '2026-02-30' is no date; write it as 2026-03-31"
exits "a time is no date" 2 ev audit --to 2026-02-01T10:00:00Z
exits "the end before the beginning" 2 ev audit --from 2026-02-02 --to 2026-02-01
like "is said" "$err" 'the window ends on 2026-02-01, before it begins on 2026-02-02'
exits "no such period" 2 ev audit --period week
exits "a window without decisions" 1 ev audit --from 2027-01-01
like "is said to have none" "$err" 'no decision of the days from 2027-01-01'

# ---- a policy counts by period ----

cat > "$tap_dir/counts.lua" <<'LUA'
return { name = "counts", api = 1, version = "1", check = function()
	local texts = {}
	for i, r in ipairs(evenhand.counts {by = {"period", "question"}, where = {evaluator = "E3"}}) do
		texts[i] = r.period .. " " .. r.question .. " " .. r.selected .. "/" .. r.n
	end
	return {verdict = "watch", reason = table.concat(texts, ", ")}
end }
LUA
audit --dry-run --policy "$tap_dir/counts.lua" --period quarter
is "by month, also where the quarter is in the stratum" "$(female E1 reason)" \
	'  3/6, 2026-01  10/20, 2026-03  20/40, 2026-04  10/20'
audit --dry-run --policy "$tap_dir/counts.lua"
is "and of a whole audit" "$(female E1 reason)" '  3/6, 2026-01  10/20, 2026-03  20/40, 2026-04  10/20'

# 246 men and 240 women; in February more women than men
cat > "$tap_dir/largest.lua" <<'LUA'
return { name = "largest", api = 1, version = "1", reference = "majority", needs = {"n"},
	check = function() return "ok" end,
	compute = function()
		return {{ attribute = "sex", group = "female", reference = "majority", period = "2026-02",
			verdict = "watch", rule = "February", reason = "Look." }}
	end }
LUA
audit --dry-run --policy "$tap_dir/largest.lua" --period month
is "the largest group of the pool is everybody's reference" \
	"$(j '[run["reference"], sorted({f["reference"] for f in all_findings()})]')" '["majority", ["male"]]'
is "and that of a policy's own look at one month, whoever are more there" \
	"$(j '[[f["reference"], f["n"], f["ref_n"]] for f in run["own_findings"]]')" '[["male", 130, 20]]'
audit --dry-run --policy "$tap_dir/largest.lua"
is "of a whole audit too" "$(j '[[f["reference"], f["n"], f["ref_n"]] for f in run["own_findings"]]')" \
	'[["male", 130, 20]]'

# ---- trends ----

try ev trend E2 --by quarter --json
is "trend of one evaluator" "$status" 0
cp "$tap_dir/try.out" "$tap_dir/one"
is "two quarters, two groups, one test each" "$(j '[d["schema"], d["by"], len(d["trends"]), d["family"]["size"]]')" \
	'["evenhand.trend/1", "quarter", 2, 2]'
is "counts and ratio, quarter by quarter" \
	"$(j '[[x["period"], x["n"], x["selected"], x["ratio"], x["state"]] for x in d["trends"][0]["periods"]]')" \
	'[["2026-Q1", 50, 25, 1.0, "ok"], ["2026-Q2", 50, 10, 0.25, "watch"]]'
audit --dry-run --from 2026-04-01 --to 2026-06-30
is "ratio, interval and p are those of the audit of that quarter" "$(python3 - "$tap_dir/one" "$tap_dir/try.out" <<'PY'
import json, sys
a, b = (json.load(open(f)) for f in sys.argv[1:])
x = a["trends"][0]["periods"][1]
f = [f for e in b["runs"][0]["attributes"][0]["evaluators"] if e["evaluator"] == "E2"
     for f in e["groups"] if f["group"] == "female"][0]
print(all(x[k] == f[k] for k in ("ratio", "p", "rate", "ref_rate", "n", "ref_n")) and
      x["interval"] == f["ratio_interval"])
PY
)" True
try ev trend --by quarter --json
cp "$tap_dir/try.out" "$tap_dir/two"
is "everybody and each" \
	"$(j '[t["evaluator"] for t in d["trends"] if t["group"] == "female"]')" '[null, "E1", "E2", "E3"]'
is "one family over evaluators, groups and quarters" "$(j '[d["family"]["size"], d["family"]["size_all"]]')" '[5, 2]'
is "q is of that family" "$(python3 - "$tap_dir/two" <<'PY'
import json, sys
d = json.load(open(sys.argv[1]))
x = sorted((p["p"], p["q"]) for t in d["trends"] if t["evaluator"] and t["group"] == "female"
           for p in t["periods"] if p["q"] is not None)
m, q = len(x), 1.0
ok = m == d["family"]["size"]
for i in range(m, 0, -1):
    q = min(q, m * x[i - 1][0] / i)
    ok = ok and abs(q - x[i - 1][1]) < 1e-12
print(ok)
PY
)" True
is "too few says so, and has no q" \
	"$(j '[[p["state"], p["q"], p["undefined"]["q"]] for t in d["trends"] if t["evaluator"] == "E3"
		for p in t["periods"] if p["period"] == "2026-Q2"]')" \
	'[["too_few", null, "too_few"]]'
is "holds and what has no time are told" "$(j '[d["without_time"], d["decisions"]]')" '[6, 480]'
try ev trend --by quarter --json --threads 1
ok "the same bytes on one thread" cmp -s "$tap_dir/two" "$tap_dir/try.out"
try ev trend --by month --attribute sex --group female --tsv
is "months, one group, as rows" "$(printf '%s\n' "$out" | cut -f 1-6 | grep '^E2')" \
	"$(printf 'E2\tsex\tfemale\t2026-02\t50\t25
E2\tsex\tfemale\t2026-05\t50\t10')"
is "a month in which he judged women only has no ratio" \
	"$(printf '%s\n' "$out" | awk -F '\t' '$1 == "E2" { print $11 "," $16 }' | sort -u)" ',too_few'
try ev trend E3 --by year --from 2026-01-01 --to 2026-12-31 --json
is "a year" "$(j '[[x["period"], x["n"]] for x in d["trends"][0]["periods"]]')" '[["2026", 40]]'

COLUMNS=100 python3 - "$EVENHAND" "$project" >"$tap_dir/try.out" <<'PY'
import os, pty, sys
for args in ([], ["E2"], ["--ascii"]):
    sys.stdout.flush()
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(sys.argv[1], [sys.argv[1], "--project", sys.argv[2], "trend", "--by", "quarter"] + args)
    text = b""
    while True:
        try:
            part = os.read(fd, 65536)
        except OSError:
            break
        if not part:
            break
        text += part
    os.waitpid(pid, 0)
    print(text.decode().replace("\r", ""))
PY
out=$(cat "$tap_dir/try.out")
like "people see each evaluator's quarters as blocks" "$out" '^E2 .* female .* ▇▂ .* 0\.25  *2026-Q2'
like "too few as a dot" "$out" '^E3 .* female .* ▇· '
like "in plain characters tenths" "$out" '^E2 .* female .* \+2 '
like "of one evaluator every quarter" "$out" '^E2 .* 2026-Q2 .* 0\.250 '
like "the family is printed" "$out" 'family bh of 5 tests: evaluators, groups and periods'

exits "no such evaluator" 1 ev trend E9
like "is said" "$err" "there is no decision of an evaluator 'E9'"
exits "no such group" 1 ev trend --group purple
exits "no such attribute" 1 ev trend E1 --attribute race
exits "no such period" 2 ev trend --by week

# ---- without any time ----

project=$tap_dir/q
"$EVENHAND" --quiet init "$project"
cut -d, -f1-3 "$tables/evaluations.csv" >"$tables/e.csv"
for kind in evaluators candidates; do
	ev --quiet import "$kind" "$tables/$kind.csv"
done
ev --quiet import evaluations "$tables/e.csv"
exits "nothing has a time: no trend" 1 ev trend
like "which is said, with the mend" "$err" \
	'none of 486 decisions has a time; import evaluations with a column decided_at'
exits "no window" 1 ev audit --from 2026-01-01
exits "no period" 1 ev audit --period month
audit --dry-run --policy "$tap_dir/counts.lua"
like "no months to count by, with the mend" "$(female E1 reason)" 'import evaluations with that column'

# ---- the largest group as the reference ----

awk 'BEGIN { print "evaluator_id,candidate_id,decision,candidate_race"
	for (i = 0; i < 60; i++) print "E1,A" i "," (i % 2) ",Black"
	for (i = 0; i < 40; i++) print "E1,B" i "," (i % 4 > 0) ",White"
	for (i = 0; i < 40; i++) print "E2,C" i "," (i % 4 > 0) ",Asian"
	for (i = 0; i < 20; i++) print "E2,D" i "," (i % 4 > 1) ",Asian"
	for (i = 0; i < 40; i++) print "E2,E" i "," (i % 4 == 0) ",White" }' >"$tables/race.csv"
try "$EVENHAND" rates "$tables/race.csv" --class candidate_race --reference majority --json
is "of equal groups the first by name, for every evaluator" \
	"$(j '[d["reference"], sorted({f["reference"] for f in all_findings()})]')" '["majority", ["White"]]'
is "though another rate is higher" "$(j '[round(find("E1", "Black", "race")["ratio"], 3)]')" '[0.667]'
grep -v '^E2,E[0-9]*[02468],' "$tables/race.csv" >"$tables/equal.csv"
try "$EVENHAND" rates "$tables/equal.csv" --class candidate_race --reference majority --json
is "three groups of sixty: the first in byte order" \
	"$(j 'sorted({f["reference"] for f in all_findings()})')" '["Asian"]'
exits "a reference that is none" 2 "$EVENHAND" rates "$tables/race.csv" --reference '#'
like "names the words" "$err" 'highest, rest, majority or the name of a group'
finish
