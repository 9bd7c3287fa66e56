# All numbers of one finding, a page at a time, in the words of explain.
. tests/lib/tap.sh
. tests/lib/project.sh
. tests/tui/screen.sh

# Two positions, every tenth person of unknown class, scores; E07 advances one woman in four and three men in five.
project=$tap_dir/p
mkdir "$tap_dir/t"
awk -v dir="$tap_dir/t" '
function put(file, line) { print line > (dir "/" file) }
BEGIN {
	put("evaluators.csv", "evaluator_id")
	put("candidates.csv", "candidate_id,jurisdiction,position_id,declared.sex")
	put("evaluations.csv", "evaluator_id,candidate_id,decision,score")
	for (e = 5; e <= 8; e++)
		put("evaluators.csv", "E0" e)
	for (i = 0; i < 240; i++) {
		woman = i % 2
		put("candidates.csv", sprintf("C%03d,US-IL,%s,%s", i, int(i / 2) % 2 ? "nurse" : "clerk",
			i % 20 > 17 ? "" : woman ? "female" : "male"))
		for (e = 5; e <= 8; e++) {
			yes = (int(i / 4) * 7 + e * 3 + woman) % 20 < (e == 7 && woman ? 5 : 12)
			put("evaluations.csv", sprintf("E0%d,C%03d,%d,%.1f", e, i, yes, 40 + i * 7 % 23 + 9 * yes))
		}
	}
}'
ok "a project" ev --quiet init "$project"
for kind in evaluators candidates evaluations; do
	ok "$kind" ev --quiet import $kind "$tap_dir/t/$kind.csv"
done
ok "an audit" ev --quiet audit

pages() { # what all pages of the selected finding say, one after the other
	pages_n=$(settled s | sed -n 's/.* page 1 of \([0-9]*\).*/\1/p')
	pages_at=1
	while [ $pages_at -le "${pages_n:-1}" ]; do
		[ $pages_at -eq 1 ] || wait_for s "page $pages_at of $pages_n"
		show s | awk '/^─/ { rules++; next } rules == 1 && lower && !/Tab: more/ { print } !NF { lower = 1 }'
		keys s Tab
		pages_at=$((pages_at + 1))
	done
	wait_for s "page 1 of ${pages_n:-1}"
}
screen s 80x24 "$EVENHAND" --project "$project" tui
wait_for s 'HOW THINGS STAND'
ev explain E07 --attribute sex --group female | tr -s '\n ' ' ' >"$tap_dir/explained"

for size in 80x24 60x20; do
	resize s $size
	keys s m
	wait_for s 'all numbers of the last audit.*'
	sees "$size: the first page has the plots, and says that there are more" s 'Tab: more numbers, page 1 of [2-6]$'
	pages | tr -s '\n ' ' ' >"$tap_dir/said"
	for words in \
		'Effect shortfall [0-9.]+ persons, Cohen.s h -0\.[0-9]+, phi -0\.[0-9]+, Mantel-Haenszel odds ratio' \
		'Posterior probability of a true ratio below the limit \(Jeffreys priors\) above 0\.9999' \
		'the swap of one person would not turn the order round' \
		'the smallest ratio that these numbers could find with power \.8 is 0\.' \
		'[24] strata; (Breslow-Day|Liang-Self) p [0-9.]+: (no sign that they differ|they DIS)' \
		'Benchmark [1-3] evaluators? within the limit: .* deviation -0\.[0-9]+' \
		'Grade individual: the evaluator also differs from the others' \
		'Scores [0-9]+ and [0-9]+ persons: median [0-9.]+, share above it 0\.' 'rank test p' \
		'Classes persons: declared 216 \(90 %\), imported 0 \(0 %\), predicted 0 \(0 %\), unknown 24 \(10 %\)' \
		'24 decisions on persons of unknown class: with them the plain ratio would lie between 0\.[0-9]+ and [0-9.]+' \
		'Built in four-fifths result watch'; do
		like "$size: $words" "$(cat "$tap_dir/said")" "$words"
	done
	keys s q
	wait_for s 'HOW THINGS STAND'
done
for pattern in 'phi -0.[0-9]*' "Cohen's h -0.[0-9]*" 'Jeffreys priors) [a-z]* *0.[0-9]*' 'power .8 is 0.[0-9]*' \
	'Liang-Self p 0*[0-9.]*' "Cohen's d [-+][0-9.]*"; do
	is "the number of explain: $pattern" "$(grep -o "$pattern" "$tap_dir/said" | tr -d ')' | sed 's/:* p/ p/')" \
		"$(grep -o "$pattern" "$tap_dir/explained" | tr -d ')' | sed 's/:* p/ p/')"
done

# ---- the pages are of the finding that is selected ----

resize s 80x24
keys s m
wait_for s 'page 1 of'
keys s Tab
wait_for s 'page 2 of'
keys s BTab
wait_for s 'page 1 of'
keys s Tab
wait_for s 'page 2 of'
keys s G
sees "another finding begins on its first page" s 'page 1 of'
resize s 120x60
wait_for s '^(─){120}$'
unlike "where all fits on the screen there are no pages" "$(settled s)" 'page [0-9]'

# ---- how sure the deviation from the benchmark is, where there is room beside the plot ----

said=$(ev metrics E07 --attribute sex --group female --json | python3 -c '
import json, sys
b = json.load(sys.stdin)["attributes"][0]["evaluators"][0]["groups"][0]["benchmark"]
print("deviation %.2f [%.2f %.2f]" % (b["deviation"], *b["deviation_interval"]))')
like "the document has a deviation with an interval" "$said" '^deviation -0\.[0-9]+ \[-[0-9.]+ -?[0-9.]+\]$'
said=$(echo "$said" | sed 's/[][.]/\\&/g')
resize s 140x60
wait_for s '^(─){140}$'
keys s g
sees "a wide screen has all of it" s "benchmark: [1-3] others?, $said"
resize s 121x60
wait_for s '^(─){121}$'
sees "a narrower one the words that matter" s "[^:] [1-3] others?, $said"
resize s 80x60
wait_for s '^(─){80}$'
sees "a low one whose it is" s 'benchmark: [1-3] others?$'
keys s C-c
is "ends well" "$(ended s)" 0
finish
