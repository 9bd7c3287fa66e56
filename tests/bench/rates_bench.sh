#!/bin/sh
# Bars of `rates` (issue 5): 1e6 rows x 1,000 evaluators x 6 groups below 0.5 s and 100 MB on one processor, 1e7 rows
# below 5 s and 200 MB (that on two too), two processors 1.7 times as fast with the same bytes.
# Usage: tests/bench/rates_bench.sh EVENHAND TABLE TIME [RUNS]; TABLE and TIME: the built audit_table and audit_time.
# EVENHAND_RIVAL: a command that reads the table named by its last argument and prints counts and Z; it is timed in turn
# with the program on one processor.  Without it the rival is DuckDB where npm can get it ("none": no rival).
# BENCH_ROWS: sizes instead of "1000000 10000000"; BENCH_PANELS: those of tables in which three evaluators judge each
# candidate, instead of "1000000" ("none": no such table).  Of these the figures are printed, and the bytes compared.
# Prints medians; exit 1 when a bar is missed.  Wall time means something on an idle machine only: the load is printed.
set -eu
evenhand=$1 table=$2 timer=$3 runs=${4:-5}
rival=${EVENHAND_RIVAL:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/evenhand-rates-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
if [ -z "$rival" ]; then
	RIVAL_DIR=$(dirname "$evenhand")/rival
	export RIVAL_DIR
	if "$(dirname "$0")/rates_duckdb" --install "$RIVAL_DIR"; then
		rival=$(dirname "$0")/rates_duckdb
	else
		echo "rival: DuckDB could not be installed, none is timed"
	fi
fi
[ "$rival" != none ] || rival=

# Lines of "wall user system peak" in $1: the median of column $2.
median() {
	cut -d' ' -f"$2" "$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# line NAME FILE: one row of the figures
line() {
	printf '%-28s %8s %8s %8s %8s\n' "$1" "$(median "$2" 1)" "$(median "$2" 2)" "$(median "$2" 3)" \
		"$(median "$2" 4)"
}

# below WHAT VALUE BAR: counts a missed bar
missed=0
below() {
	awk -v a="$2" -v b="$3" 'BEGIN { exit !(a < b) }' || { echo "MISSED: $1 is $2, the bar is $3"; missed=1; }
}

# measure RIVAL: the table in turn on one processor, on two and, where RIVAL is a command, by that; prints the figures.
measure() {
	printf '%-28s %8s %8s %8s %8s\n' '' 'wall s' 'user s' 'system s' 'peak MB'
	rm -f "$work"/one "$work"/two "$work"/rival
	i=0
	while [ "$i" -lt "$runs" ]; do
		"$timer" 1 "$work/one.json" "$evenhand" --quiet rates "$work/table.csv" --class race \
			--stratum position --json >>"$work/one"
		if "$timer" 2 "$work/two.json" "$evenhand" --quiet rates "$work/table.csv" --class race \
			--stratum position --json \
			>"$work/last" 2>"$work/why"; then
			cat "$work/last" >>"$work/two"
			cmp -s "$work/one.json" "$work/two.json" ||
				{ echo "MISSED: two processors write other bytes"; missed=1; }
		fi
		# split into words on purpose: it is a command with its arguments
		[ -z "$1" ] || "$timer" 1 "$work/rival.out" $1 "$work/table.csv" >>"$work/rival"
		i=$((i + 1))
	done
	line 'evenhand, one processor' "$work/one"
	if [ -s "$work/two" ]; then
		line 'evenhand, two processors' "$work/two"
		awk -v a="$(median "$work/one" 1)" -v b="$(median "$work/two" 1)" \
			'BEGIN { printf "two processors: %.2f times as fast\n", a / b }'
	else
		echo "two processors: not measured ($(head -1 "$work/why"))"
	fi
	[ ! -s "$work/rival" ] || line "rival: $(basename "${1%% *}")" "$work/rival"
}

about() {
	echo "$1 rows, 1000 evaluators, 6 groups$2; load $(cut -d' ' -f1 /proc/loadavg); medians of $runs runs"
}

sed -n 's/^model name[^:]*: /machine: /p' /proc/cpuinfo 2>/dev/null | head -1
for rows in ${BENCH_ROWS:-1000000 10000000}; do
	"$table" "$rows" >"$work/table.csv"
	about "$rows" ''
	measure "$rival"
	case $rows in
	1000000) below 'wall [s]' "$(median "$work/one" 1)" 0.5; below 'peak [MB]' "$(median "$work/one" 4)" 100 ;;
	10000000) below 'wall [s]' "$(median "$work/one" 1)" 5; below 'peak [MB]' "$(median "$work/one" 4)" 200 ;;
	esac
	[ ! -s "$work/two" ] || [ "$rows" != 10000000 ] || below 'peak on two [MB]' "$(median "$work/two" 4)" 200
	[ ! -s "$work/two" ] || below 'wall on two / on one' \
		"$(awk -v a="$(median "$work/two" 1)" -v b="$(median "$work/one" 1)" 'BEGIN { print a / b }')" 0.588
	[ ! -s "$work/rival" ] ||
		below 'wall beside the rival [s]' "$(median "$work/one" 1)" "$(median "$work/rival" 1)"
done
for rows in ${BENCH_PANELS:-1000000}; do
	[ "$rows" != none ] || continue
	"$table" "$rows" 1000 20 3 >"$work/table.csv"
	about "$rows" ', panels of three'
	measure ''
done
exit "$missed"
