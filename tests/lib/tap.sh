# TAP for shell tests: plan at the end, a temporary directory that goes away, no network, fixed clock.
# Usage: . tests/lib/tap.sh; ok "what" command...; is "what" GOT WANTED; like "what" GOT PATTERN; finish
tap_n=0
tap_failed=0
tap_dir=$(mktemp -d "${TMPDIR:-/tmp}/evenhand-test-XXXXXX") || { echo "Bail out! no temporary directory"; exit 1; }
EVENHAND_TIME_NOW=2026-11-25T10:00:00Z
export EVENHAND_TIME_NOW
tap_cleanup() { rm -rf "$tap_dir"; }
trap tap_cleanup EXIT
trap 'exit 1' INT TERM

tap_result() { # STATUS WHAT
	tap_n=$((tap_n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_n - $2"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_n - $2"
	fi
}

ok() { # WHAT COMMAND...
	tap_what=$1
	shift
	if "$@" >"$tap_dir/.out" 2>"$tap_dir/.err"; then
		tap_result 0 "$tap_what"
	else
		tap_result 1 "$tap_what"
		sed 's/^/# /' "$tap_dir/.out" "$tap_dir/.err" | head -20
	fi
}

is() { # WHAT GOT WANTED
	if [ "$2" = "$3" ]; then
		tap_result 0 "$1"
	else
		tap_result 1 "$1"
		printf '%s\n' "got:    $2" "wanted: $3" | sed 's/^/# /'
	fi
}

like() { # WHAT GOT PATTERN (extended regular expression)
	if printf '%s\n' "$2" | grep -Eq -- "$3"; then
		tap_result 0 "$1"
	else
		tap_result 1 "$1"
		printf '%s\n' "got:    $2" "no match for: $3" | sed 's/^/# /' | head -30
	fi
}

unlike() { # WHAT GOT PATTERN
	if printf '%s\n' "$2" | grep -Eq -- "$3"; then
		tap_result 1 "$1"
		printf '%s\n' "matches: $3" "$2" | sed 's/^/# /' | head -30
	else
		tap_result 0 "$1"
	fi
}

skip() { # WHAT WHY
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP $2"
}

skip_all() { # WHY
	echo "1..0 # SKIP $1"
	exit 0
}

finish() {
	echo "1..$tap_n"
	[ "$tap_failed" -eq 0 ]
}
