#!/bin/sh
# Bar of `import evaluations` (issue 5): 1e6 evaluations of 1,000 evaluators into a project that knows their candidates,
# on disk and counted (the cubes of audit/cubes.h) when the program returns, below 5 s.
# Usage: tests/bench/import_bench.sh EVENHAND TABLE TIME [RUNS]; TABLE and TIME: the built audit_table and audit_time.
# BENCH_ROWS: another size than 1000000 (no bar then).  BENCH_SCORES: so many different scores beside the decisions.
# TMPDIR must lie on a disk for the sync to count.
# Prints the median and beside it an audit of that project; exit 1 when the bar is missed.
set -eu
evenhand=$1 table=$2 timer=$3 runs=${4:-3} rows=${BENCH_ROWS:-1000000} bar=5
work=$(mktemp -d "${TMPDIR:-/tmp}/evenhand-import-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# Lines of "wall user system peak" in $1: the median of column $2.
median() {
	cut -d' ' -f"$2" "$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

line() {
	printf '%-28s %8s %8s %8s %8s\n' "$1" "$(median "$2" 1)" "$(median "$2" 2)" "$(median "$2" 3)" \
		"$(median "$2" 4)"
}

"$table" "$rows" | awk -F, -v dir="$work" -v scores="${BENCH_SCORES:-0}" '
	NR == 1 {
		print "candidate_id,jurisdiction,position_id,declared.race" > (dir "/candidates.csv")
		print "evaluator_id,candidate_id,decision" (scores > 0 ? ",score" : "") > (dir "/evaluations.csv")
		next
	}
	{
		print $2 ",US-IL," $5 "," $4 > (dir "/candidates.csv")
		print $1 "," $2 "," $3 (scores > 0 ? "," 1 + NR * 7919 % scores : "") > (dir "/evaluations.csv")
		seen[$1] = 1
	}
	END {
		print "evaluator_id" > (dir "/evaluators.csv")
		for (e in seen) print e > (dir "/evaluators.csv")
	}'
"$evenhand" --quiet init "$work/base"
"$evenhand" --quiet --project "$work/base" import evaluators "$work/evaluators.csv"
"$evenhand" --quiet --project "$work/base" import candidates "$work/candidates.csv"

sed -n 's/^model name[^:]*: /machine: /p' /proc/cpuinfo 2>/dev/null | head -1
echo "$rows evaluations, 1000 evaluators, 6 groups; load $(cut -d' ' -f1 /proc/loadavg); medians of $runs runs"
printf '%-28s %8s %8s %8s %8s\n' '' 'wall s' 'user s' 'system s' 'peak MB'
i=0
while [ "$i" -lt "$runs" ]; do
	rm -rf "$work/p"
	cp -r "$work/base" "$work/p"
	sync
	"$timer" 1 "$work/out" "$evenhand" --quiet --project "$work/p" import evaluations \
		"$work/evaluations.csv" >>"$work/import"
	"$timer" 1 "$work/out" "$evenhand" --quiet --project "$work/p" audit --dry-run --tsv >>"$work/audit"
	i=$((i + 1))
done
line 'import, one processor' "$work/import"
line 'audit of the project' "$work/audit"
[ "$rows" = 1000000 ] || exit 0
awk -v a="$(median "$work/import" 1)" -v b="$bar" 'BEGIN {
	printf "import of 1e6 evaluations: %s s, bar %s s, %s\n", a, b, a < b ? "met" : "MISSED"
	exit !(a < b)
}'
