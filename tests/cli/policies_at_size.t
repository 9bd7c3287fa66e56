# Every shipped policy at the size the program is made for: 1,000 evaluators, 60,000 decisions, 4 attributes of 17
# groups, 20 positions.  Half of the sandbox's budget of 50 million instructions is the most that one may take.
. tests/lib/tap.sh
. tests/lib/project.sh

tables=$tap_dir/tables
project=$tap_dir/p
mkdir "$tables"
awk -v dir="$tables" '
function put(file, line) { print line > (dir "/" file) }
function draw(n) { seed = (seed * 1103515245 + 12345) % 2147483648; return int(seed / 65536) % n }
BEGIN {
	seed = 7
	put("evaluators.csv", "evaluator_id")
	for (e = 0; e < 1000; e++)
		put("evaluators.csv", sprintf("E%04d", e))
	put("candidates.csv", "candidate_id,jurisdiction,position_id,declared.sex,declared.race,declared.age_40," \
		"declared.origin")
	put("evaluations.csv", "evaluator_id,candidate_id,decision")
	for (c = 0; c < 5000; c++) {
		r = draw(100)
		race = r < 40 ? "White" : r < 65 ? "Black" : r < 85 ? "Hispanic" : r < 94 ? "Asian" : \
			r < 97 ? "Native" : r < 99 ? "Pacific" : "Two"
		put("candidates.csv", "C" c ",US-NY,job" draw(20) "," (draw(2) ? "female" : "male") "," race "," \
			(draw(3) ? "under_40" : "40_plus") ",o" draw(6))
		# of each candidate 12 different evaluators
		for (k = 0; k < 12; k++)
			put("evaluations.csv", sprintf("E%04d,C%d,%s", (c * 7 + k * 83) % 1000, c,
				draw(2) ? "advance" : "reject"))
	}
}'
ok "a project of that size" sh -c "'$EVENHAND' --quiet init '$project' &&
	for what in candidates evaluators evaluations; do
		'$EVENHAND' --quiet --project '$project' import \$what '$tables/'\$what.csv || exit 1
	done"

thousands() { printf '%s\n' "$err" | sed -n 's/^less than \([0-9]*\) thousand instructions.*/\1/p' | tail -1; }

failed() { cut -f10 "$tap_dir/try.out" | grep -c policy_error; }

for name in $(ls scripts/*.lua | sed 's|^scripts/||; s|\.lua$||' | grep -v -x evenhand); do
	try ev policy run "$name" --tsv
	is "$name: no policy_error" "$status $(failed)" "0 0"
	used=$(thousands)
	note "$name: less than $used thousand instructions"
	ok "$name: at most half of the budget" test "${used:-99999}" -le 25000
done
try ev audit --dry-run --policy small_cells --intersect sex,race --tsv
is "small_cells with pairs of classes: within the budget" "$status $(grep -c policy_error "$tap_dir/try.out")" "0 0"

finish
