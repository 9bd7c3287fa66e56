#!/bin/sh
# The severity model beside R's lme4 (Debian: r-cran-lme4).  raters_bench.sh check|bench PROGRAM
# check: the same answers as glmer(nAGQ = 0) on five designs, to the tolerances that raters_oracle.R prints.
# bench: 1e5 decisions x 1,000 evaluators in 2 s of CPU, glmer's seconds in the same run; 36,000 x 11,000 in a minute.
set -eu
mode=$1 program=$2
here=$(dirname "$0")
dir=$(mktemp -d "${TMPDIR:-/tmp}/evenhand-raters-XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
bad=0

have_lme4() { Rscript -e 'quit(status = !requireNamespace("lme4", quietly = TRUE))' >/dev/null 2>&1; }

# bar WHAT SECONDS LIMIT
bar() {
	if awk -v s="$2" -v l="$3" 'BEGIN { exit !(s <= l) }'; then
		echo "$1: $2 s of $3 s, met"
	else
		echo "$1: $2 s of $3 s, MISSED"
		bad=1
	fi
}

# timed LIMIT ROWS EVALUATORS STRATA PERSONS
timed() {
	limit=$1
	shift
	"$program" all "$dir" "$@" 1 >"$dir/out"
	cat "$dir/out"
	bar "$1 decisions x $2 evaluators, user CPU" "$(sed -n '1s/.*: \([0-9.]*\) s user.*/\1/p' "$dir/out")" "$limit"
}

case $mode in
check)
	have_lme4 || {
		echo "raters: R with lme4 is not installed (apt-get install r-cran-lme4); nothing was checked" >&2
		exit 3
	}
	for design in "5000 60 8 5000 1" "300 60 3 300 2" "20000 200 1 20000 3" "30000 400 60 5000 4" \
		"400 8 4 400 5"; do
		# shellcheck disable=SC2086
		"$program" model "$dir" $design
		Rscript "$here/raters_oracle.R" "$dir" || bad=1
	done
	;;
bench)
	timed 2 100000 1000 20 100000
	if have_lme4; then
		Rscript "$here/raters_oracle.R" "$dir" bench
	else
		echo "R with lme4 is not installed: no time to compare with"
	fi
	timed 60 1296000 11000 9 36000
	timed 60 144000 11000 36000 36000
	;;
esac
exit $bad
