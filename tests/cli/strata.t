# The strata behind a stratified ratio: whoever adds them up gets the ratio that is printed, a notification keeps its
# own, and a p that no double can hold is told as a bound, never as 0.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

# Two stages and positions of 100 women and 100 men; three evaluators, of whom E0 alone prefers men.  The last person
# was seen at one stage only.
tables() {
	awk -v dir="$1" '
	function put(file, line) { print line > (dir "/" file) }
	BEGIN {
		put("evaluators.csv", "evaluator_id")
		put("candidates.csv", "candidate_id,jurisdiction,position_id,declared.sex")
		put("evaluations.csv", "evaluator_id,candidate_id,stage,decision")
		for (e = 0; e < 3; e++)
			put("evaluators.csv", "E" e)
		for (i = 0; i < 400; i++) {
			man = i % 2
			put("candidates.csv", sprintf("C%03d,US-IL,%s,%s", i, int(i / 2) % 3 ? "nurse" : "clerk",
				man ? "male" : "female"))
			for (e = 0; e < 3; e++)
				for (s = 0; s < 2 - (i == 399); s++)
					put("evaluations.csv", sprintf("E%d,C%03d,%s,%d", e, i, s ? "room" : "phone",
						(int(i / 4) * 37 + e * 11 + s * 23 + man * 5) % 100 < \
						(e > 0 ? 50 - 9 * s : man ? 60 + 7 * s : 25 - 4 * s)))
		}
	}'
}

# Python with d = the document: every object of by_stratum against the finding that it is of.
adds_up='
import json, sys
d = json.load(open(sys.argv[1]))
def findings(d):
    for a in d["attributes"]:
        for f in a["pooled"]["groups"]: yield f
        for u in a["positions"] + a["evaluators"]:
            for f in u["groups"]: yield f
def key(x): return tuple(x[k] or "" for k in ("evaluator", "attribute", "group", "position"))
of = {key(f): f for f in findings(d)}
n = 0
for s in d["by_stratum"]:
    f = of[key(s)]
    assert s["why"] is None, s["why"]
    up = down = 0.0
    for r in s["rows"]:
        N = r["n"] + r["ref_n"]
        assert r["numerator"] == r["selected"] * r["ref_n"] / N and r["denominator"] == r["ref_selected"] * r["n"] / N
        assert r["weight"] == r["n"] * r["ref_n"] / N
        up += r["numerator"]
        down += r["denominator"]
    assert up / down == f["mh_ratio"] == s["sums"]["ratio"], (up / down, f["mh_ratio"])
    assert len(s["rows"]) == f["strata"]
    for k in ("selected", "n", "ref_selected", "ref_n"):
        assert sum(r[k] for r in s["rows"]) + s["left_out"][k] == f[k]
    bd = sum((r["selected"] - r["bd_expected"]) ** 2 / r["bd_variance"] for r in s["rows"])
    assert abs(bd - s["sums"]["breslow_day"]) < 1e-9 * bd
    h = s["sums"]["homogeneity"]
    assert f["homogeneity_test"] == "liang_self" and f["homogeneity_inflation"] >= 1
    assert h["p_liang_self"] == f["p_homogeneity"] and h["fitted_cells"] == 4 * len(s["rows"])
    assert h["chi_square_holds"] is True and h["below_five"] == 0
    cmh = (sum(r["selected"] - r["expected"] for r in s["rows"])) ** 2 / sum(r["variance"] for r in s["rows"])
    assert abs(cmh - s["sums"]["cmh"]) < 1e-9 * cmh
    n += 1
print(n)
'

project=$tap_dir/p
mkdir "$tap_dir/t"
tables "$tap_dir/t"
ok "a project" ev --quiet init "$project"
for kind in evaluators candidates evaluations; do
	ok "$kind" ev --quiet import $kind "$tap_dir/t/$kind.csv"
done
try ev audit --quiet
is "an audit" "$(ev notifications list --tsv | awk -F'\t' 'NR > 1 { print $1, $3 }' | paste -sd, -)" \
	"N0001 (process),N0002 (process),N0003 (process),N0004 E0"

try ev metrics --json --by-stratum
is "every finding's strata add up to its ratio, to all digits" \
	"$(python3 -c "$adds_up" "$tap_dir/try.out")" 12
is "without the option they are left out" "$(ev metrics --json | grep -c by_stratum)" 0
is "a table of them for programs" \
	"$(ev metrics E0 --group female --by-stratum --tsv | awk -F'\t' 'NR > 1 { up += $13; down += $14 }
		END { printf "%.12f", up / down }')" \
	"$(ev metrics E0 --group female --json | python3 -c '
import json, sys
print("%.12f" % json.load(sys.stdin)["attributes"][0]["evaluators"][0]["groups"][0]["mh_ratio"])')"

try ev explain N0004
cp "$tap_dir/try.out" "$tap_dir/first"
is "explain shows them with their sums" \
	"$(awk '/^ +(clerk|nurse) (phone|room) / && NF == 7 { up += $6; down += $7; n++ }
		/^ +all / { printf "%d %.3f %.6f %.6f", n, up / down, $5, $6; exit }' "$tap_dir/first")" \
	"$(awk '/^ +(clerk|nurse) (phone|room) / && NF == 7 { up += $6; down += $7; n++ }
		END { printf "%d %.3f %.6f %.6f", n, up / down, up, down }' "$tap_dir/first")"
is "and the ratio of these is the one above" \
	"$(tr -s ' \n' '  ' < "$tap_dir/first" |
		grep -o 'Mantel-Haenszel ratio = [0-9.]* / [0-9.]* = [0-9.]* ([0-9.]* above)' |
		awk '{ printf "%s", sprintf("(%.3f", $8) == $9 ? "same" : $0 }')" \
	same
like "which numbers are evaluations and which persons" "$(tr -s ' \n' '  ' < "$tap_dir/first")" \
	"The counts are evaluations."
like "whether the strata differ is asked of the test that holds" "$(tr -s ' \n' '  ' < "$tap_dir/first")" \
	"are the strata alike: Liang-Self p 0\.[0-9]*: no sign that they differ; Breslow-Day p 0\.[0-9]* does not hold, as"
like "with its formula" "$(tr -s ' \n' '  ' < "$tap_dir/first")" \
	"Liang and Self 1985\\): sum of \\(a - E\\)\\^2 = [0-9.]*, E by the noncentral hypergeometric distribution"
like "and which variance decides" "$(tr -s ' \n' '  ' < "$tap_dir/first")" "variance between persons .clustered."
ev explain N0004 --ascii > "$tap_dir/plain"
is "no line is longer than 80 columns" "$(awk 'length > 80' "$tap_dir/plain" | wc -l)" 0
is "no row of a table is broken by a screen of 80" \
	"$(awk '/^    [a-z(]/ && length > 78' "$tap_dir/plain" | wc -l)" 0
is "the ratios stand on one scale, limit and 1 below each other" \
	"$(awk '/^ +0\.4 +0\.6 +0\.8 +1\.0 +1\.2$/ { on = 1; next }
		on && /known classes$|by stratum .MH.$|benchmark: [0-9]+ others?$/ { n++
			ok += substr($0, 20, 1) ~ /[]|+o[-]/ && substr($0, 25, 1) ~ /[]:+o[-]/ }
		/^ .\| limit 4\/5, : ratio 1.$/ { printf "%d %d", n, ok; exit }' "$tap_dir/plain")" "3 3"
is "as many lines where the locale has more signs" "$(wc -l < "$tap_dir/first")" "$(wc -l < "$tap_dir/plain")"

printf 'evaluator_id,candidate_id,stage,decision\nE0,C000,phone,1\nE0,C001,phone,0\nE0,C399,room,1\n' \
	> "$tap_dir/t/more.csv"
ok "the counts go on" ev --quiet import evaluations "$tap_dir/t/more.csv"
try ev explain N0004
is "a notification keeps its strata" "$(diff "$tap_dir/first" "$tap_dir/try.out" && echo same)" same
try ev explain E0 --group female
like "other findings say that the counts have changed" "$(tr -s ' \n' '  ' < "$tap_dir/try.out")" \
	"the counts have changed since this audit"
try ev metrics E0 --json --by-stratum
is "programs too" \
	"$(python3 -c 'import json, sys
v = json.load(open(sys.argv[1]))["by_stratum"]
print({(s["why"] or "")[:23] for s in v}, v[0]["rows"])' \
	"$tap_dir/try.out")" \
	"{'the counts have changed'} None"
ok "another audit" ev --quiet audit
try ev metrics --json --by-stratum
is "has them again" "$(python3 -c "$adds_up" "$tap_dir/try.out")" 12
is "and so has the notification, anew" \
	"$(ev explain N0004 | diff -q "$tap_dir/first" - > /dev/null || echo other)" other
ev metrics --json --by-stratum > "$tap_dir/a"
is "the same bytes again" "$(ev metrics --json --by-stratum | cmp "$tap_dir/a" - && echo same)" same

# ---- many small strata: Breslow-Day's chi-square does not hold there ----

# Selection does not depend on sex (fair), its odds ratio turns with the job (planted); pairs: one and one in each job.
python3 - "$tap_dir" <<'END'
import random, sys
def table(name, jobs, rows, rate):
    r = random.Random(5)
    with open("%s/%s.csv" % (sys.argv[1], name), "w") as f:
        f.write("evaluator_id,candidate_id,sex,job,decision\n")
        for j in range(jobs):
            for i in range(rows):
                sex = "fm"[i % 2] if rows == 2 else r.choice("fmm")
                f.write("E1,c%d_%d,%s,j%d,%d\n" % (j, i, sex, j, r.random() < rate(j, sex)))
table("fair", 200, 8, lambda j, sex: .2 + .4 * (j % 7) / 6)
table("planted", 200, 8, lambda j, sex: .4 + .3 * (-1) ** j * (sex == "f"))
table("pairs", 200, 2, lambda j, sex: .5)
END
for name in fair planted pairs; do
	try ev rates "$tap_dir/$name.csv" --class sex --reference rest --stratum job --json
	cp "$tap_dir/try.out" "$tap_dir/$name"
done
said() { # FILE
	json "$1" '[(f["p_breslow_day"] < .05, f["homogeneity_test"], f["notes"] + [f["why"].get("p_homogeneity")])
		for f in [find("E1", "f")]][0]'
}
is "fair strata, which Breslow-Day calls unequal, are not" "$(said "$tap_dir/fair")" '[true, "liang_self", [null]]'
is "strata that do differ are" "$(said "$tap_dir/planted")" \
	'[true, "liang_self", ["the strata differ (Liang-Self p < .05): one common ratio hides something", null]]'
like "and so says the policy" "$(json "$tap_dir/planted" 'find("E1", "f")["reason"]')" 'strata differ \(Liang-Self p'
is "of pairs nothing can be told" "$(said "$tap_dir/pairs")" \
	"[true, null, [\"cannot tell whether the strata differ: there is too little in them for a test\", \"not_identified\"]]"
like "which the policy says too" "$(json "$tap_dir/pairs" 'find("E1", "f")["reason"]')" 'Strata not tested'

# ---- a p that underflows ----

awk 'BEGIN {
	print "evaluator_id,candidate_id,sex,decision"
	for (i = 0; i < 8000; i++)
		printf "E1,C%d,%s,%d\n", i, i % 2 ? "m" : "f", i % 100 < (i % 2 ? 90 : 3)
}' > "$tap_dir/far.csv"
try ev rates "$tap_dir/far.csv" --class sex --json
is "JSON: the bound, and that it is one" \
	"$(json "$tap_dir/try.out" \
		'[(f["p"], f["q"], f["p_fisher"], f["why"]["p"], f["why"]["q"]) for f in [find("E1", "f")]][0]')" \
	"[1e-300, 1e-300, 1e-300, \"below_smallest\", \"below_smallest\"]"
is "TSV: the bound" \
	"$(ev rates "$tap_dir/far.csv" --class sex --tsv | awk -F'\t' '$4 == "f" { print $13, $14; exit }')" \
	"1e-300 1e-300"
like "Lua: the bound, and that it is one" \
	"$(echo 'evenhand.test("z", 30, 4000, 3600, 4000)' | "$EVENHAND" policy repl 2>&1)" '"below_smallest"'
is "nowhere a p of 0" "$(grep -cE '"[pq](_[a-z]+)?": 0(\.0)?[,}]' "$tap_dir/try.out")" 0

finish
