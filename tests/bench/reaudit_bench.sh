#!/bin/sh
# Bars of an audit that stays open (issues 5 and 6): a stored project of 1e7 evaluations, on two processors and on one;
# and what the command `audit` takes on it, the first time and after one more evaluation.
# Usage: tests/bench/reaudit_bench.sh EVENHAND TABLE TIME REAUDIT; the last three: the built audit_table, audit_time,
# audit_reaudit.
# BENCH_ROWS: another size than 10000000 (no bar then).  TMPDIR must lie on a disk for the sync to count; 1e7 take 3 GB
# there, and 4 GB of memory while they are imported.  BENCH_PROJECT: a directory that is kept; the
# project in it is used again.
set -eu
evenhand=$1 table=$2 timer=$3 reaudit=$4 rows=${BENCH_ROWS:-10000000} spares=1000
work=$(mktemp -d "${TMPDIR:-/tmp}/evenhand-reaudit-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
project=${BENCH_PROJECT:-$work}/p

make_project() {
	"$table" "$rows" | awk -F, -v dir="$work" -v spares="$spares" '
		NR == 1 {
			print "candidate_id,jurisdiction,position_id,declared.race" > (dir "/candidates.csv")
			print "evaluator_id,candidate_id,decision" > (dir "/evaluations.csv")
			next
		}
		{
			print $2 ",US-IL," $5 "," $4 > (dir "/candidates.csv")
			print $1 "," $2 "," $3 > (dir "/evaluations.csv")
			seen[$1] = 1
		}
		END {
			for (i = 0; i < spares; i++) {
				printf "S%05d,US-IL,J%02d,white\n", i, i % 20 > (dir "/candidates.csv")
				printf "R%05d,US-NY,J00,white\n", i > (dir "/candidates.csv")
			}
			# of a rare kind, which until later no other evaluator has anybody of
			print "E0000,R00000,advance" > (dir "/evaluations.csv")
			print "evaluator_id" > (dir "/evaluators.csv")
			for (e in seen) print e > (dir "/evaluators.csv")
		}'
	mkdir -p "${project%/*}"
	"$evenhand" --quiet init "$project"
	"$evenhand" --quiet --project "$project" import evaluators "$work/evaluators.csv"
	for kind in candidates evaluations; do
		printf 'import %s: %s (wall, user, system s; peak MB)\n' "$kind" "$("$timer" 2 "$work/out" "$evenhand" \
			--quiet --project "$project" import "$kind" "$work/$kind.csv")"
		rm "$work/$kind.csv"
	done
	echo 0 >"$project/../spare"
}

# The next $1 spare candidates: prints the first.
take() {
	first=$(cat "$project/../spare")
	echo $((first + $1)) >"$project/../spare"
	echo "$first"
}

command_line() {
	printf '%-40s %s\n' "$1" "$("$timer" 2 "$work/out" "$evenhand" --quiet --project "$project" audit --tsv)"
}

sed -n 's/^model name[^:]*: /machine: /p' /proc/cpuinfo 2>/dev/null | head -1
echo "$rows evaluations, 1000 evaluators, 6 groups, 20 positions; load $(cut -d' ' -f1 /proc/loadavg)"
[ -d "$project" ] || make_project
missed=0
bar=
[ "$rows" != 10000000 ] || bar=bar
for processors in 2 1; do
	"$timer" "$processors" "$work/report" "$reaudit" "$project" "$(take 21)" "$work/one.csv" $bar >/dev/null ||
		missed=1
	cat "$work/report"
done
echo 'the command `audit`, on disk (wall, user, system s; peak MB)'
command_line 'the first time'
printf 'evaluator_id,candidate_id,decision\nE0007,S%05d,advance\n' "$(take 1)" >"$work/one.csv"
"$evenhand" --quiet --project "$project" import evaluations "$work/one.csv"
command_line 'after one more evaluation'
exit $missed
