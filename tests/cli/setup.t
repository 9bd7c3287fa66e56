# Set-up: installs what is missing and nothing else, refuses what is not the pinned thing, and says in one line what it
# could not install; and CI fails when a step of it does.  All runs in a tree of its own where apt-get, npm, sudo, dpkg
# and make are stand-ins that note their calls.
. tests/lib/tap.sh
. tests/lib/project.sh

tree=$tap_dir/tree
bin=$tap_dir/bin
calls=$tap_dir/calls
mkdir -p "$tree/.ci" "$bin"
cp .ci/setup "$tree/.ci/setup"
# a PATH with nothing in it but plain tools: what else is there, a case puts there itself
for tool in sh sha256sum cut grep mktemp tail head mv tar gzip rm dirname mkdir cat env chmod readlink; do
	ln -s "$(command -v $tool)" "$bin/$tool"
done

# stand_in NAME: the script on standard input is program NAME; it notes its call
stand_in() {
	{ echo '#!/bin/sh'; echo "echo \"$1 \$*\" >>'$calls'"; cat; } >"$bin/$1"
	chmod 755 "$bin/$1"
}

# as UID PACKAGE...: who runs it, and what dpkg does not know
as() {
	uid=$1
	shift
	: >"$calls"
	echo "echo $uid" | stand_in id
	stand_in dpkg-query <<-EOF
		for p in "\$@"; do
			case "\$p" in -*) continue ;; esac
			case " $* " in *" \$p "*) ;; *) printf ' %s=installed ' "\$p" ;; esac
		done
	EOF
}

set_up() { try env -i PATH="$bin" HOME="$tap_dir" TMPDIR="$tap_dir" sh "$tree/.ci/setup"; }
called() { grep -c "^$1 " "$calls"; }
lines() { printf '%s\n' "$err" | grep -c .; }
last() { printf '%s\n' "$err" | tail -n 1; }
give_assets() { rm -rf "$tree/assets" && cp -rL assets "$tree/assets"; }

no_network() {
	echo 'echo "npm ERR! code ENOTFOUND" >&2; exit 1' | stand_in npm
	echo 'echo "E: Unable to fetch some archives" >&2; exit 100' | stand_in apt-get
}

# ---- everything is there ----

if [ -f assets/models/face_detection_full_range.tflite ] && [ -d assets/portraits/female ]; then
	no_network
	as 0
	give_assets
	set_up
	is "with everything there it says nothing and calls neither apt-get nor npm" \
		"$status:$out:$err:$(called apt-get):$(called npm)" "0:::0:0"

	for damaged in models/face_landmark.tflite models/face_detection_full_range.tflite portraits/male/1.jpg; do
		give_assets
		echo damaged >"$tree/assets/$damaged"
		as 0
		set_up
		is "a damaged $damaged is noticed and fetched anew" "$status:$(called npm)" "3:1"
	done

	give_assets
	as 0 praat
	set_up
	is "without the outside reference it goes on" "$status" 0
	like "and says what is skipped" "$err" 'going on without: praat .*Unable to fetch.*skipped'
	as 0 praat gcc
	echo 'exit 0' | stand_in apt-get
	set_up
	is "what it needs and what it only likes are installed apart" \
		"$status:$(grep -c 'install.* gcc$' "$calls"):$(grep -c 'install.* praat$' "$calls")" "0:1:1"
else
	skip "with everything there" "models or portraits are not installed (make setup)"
fi

# ---- Debian packages ----

no_network
as 0 tmux perl
set_up
is "a package that cannot be installed: status 3" "$status" 3
is "nothing is fetched then" "$(called npm)" 0
like "the last line names it and the reason" "$(last)" \
	'^setup: missing: tmux perl \(E: Unable to fetch some archives\)$'
is "beside the line that says what is done" "$(lines)" 2
is "nothing is ever removed for it" "$(grep '^apt-get install' "$calls" | grep -c -- '--no-remove')" 1

rm -f "$bin/apt-get"
set_up
is "without apt-get: one line" "$status:$(lines):$err" "3:1:setup: missing: tmux perl (there is no apt-get here)"

no_network
as 1000 tmux
set_up
is "not root and no sudo: one line with the command" "$status:$(lines):$(called apt-get):$err" \
	"3:1:0:setup: missing: tmux (run as root: apt-get install --no-install-recommends tmux)"

echo 'echo "sudo: a password is required" >&2; exit 1' | stand_in sudo
as 1000 tmux
set_up
like "a sudo that refuses is the reason given" "$err" 'missing: tmux \(sudo: a password is required\)'

echo 'exec "$@"' | stand_in sudo
echo 'exit 0' | stand_in apt-get
as 1000 tmux
rm -rf "$tree/assets"
set_up
is "not root: apt-get runs through sudo" "$(grep -c '^sudo .*apt-get install .*tmux' "$calls")" 1

# ---- npm packages ----

rm -rf "$tree/assets"
no_network
as 0
set_up
like "without network: one line says what is missing" "$status $(last)" \
	'^3 .*could not fetch the npm package @mediapipe/face_mesh@[0-9.]+ \(no network\?\); without it: no face models$'
is "after the one that says what is done" "$(lines)" 2

stand_in npm <<-EOF
	echo other >other.tgz
	echo other >other.tgz
EOF
as 0
set_up
like "another package than the pinned one is not used" "$status $(last)" \
	'^3 .*another sha256 than the pinned one: not used$'
is "and leaves nothing" "$(find "$tree/assets" -type f 2>/dev/null | wc -l)" 0
is "nor does any run leave a temporary directory" "$(find "$tap_dir" -maxdepth 1 -name 'tmp.*' | wc -l)" 0

# no npm client at all: Debian's is installed, but never over a Node.js from elsewhere
rm -f "$bin/npm"
stand_in apt-get <<-EOF
	case "\$*" in
	install*npm)
		printf '#!/bin/sh\necho "npm \$*" >>"$calls"\nexit 1\n' >"$bin/npm"
		chmod 755 "$bin/npm" ;;
	esac
EOF
as 0
set_up
is "without npm and Node.js Debian's npm is installed and used" "$(grep -c '^apt-get install .* npm$' \
	"$calls"):$(called npm)" "1:1"

rm -f "$bin/npm"
echo | stand_in node
echo 'exit 1' | stand_in dpkg # it does not own the file it is asked for
as 0
set_up
like "a Node.js from elsewhere without npm is left alone, and named" "$status $(last)" \
	"^3 .*missing: npm for the node at $bin/node .*; without it: no face models\$"
is "apt-get is not even asked" "$(called apt-get)" 0

echo 'exit 0' | stand_in dpkg
as 0
set_up
is "a Node.js of Debian's gets Debian's npm" "$(grep -c '^apt-get install .* npm$' "$calls")" 1

no_network
rm -f "$bin/npm"
as 0
set_up
like "an npm that cannot be installed is one line" "$status $(last)" \
	'^3 setup: missing: npm \(E: Unable to fetch some archives\); without it: no face models$'

# ---- what CI runs stops at the first step that fails ----

cp .ci/run "$tree/.ci/run"
mkdir -p "$tree/tests"
# step: counts the calls and fails at number $FAIL_AT
printf '%s\n' '#!/bin/sh' "echo \"\$0 \$*\" >>'$calls'" "[ \"\$(grep -c . '$calls')\" -ne \"\$FAIL_AT\" ]" >"$bin/make"
chmod 755 "$bin/make"
cp "$bin/make" "$tree/.ci/setup"
cp "$bin/make" "$tree/tests/run"
ci() { : >"$calls"; env -i PATH="$bin" FAIL_AT="$1" sh "$tree/.ci/run" >/dev/null 2>&1; }
ci 0
is "every step right: CI is right" "$?" 0
steps=$(grep -c . "$calls")
ok "it has its steps" test "$steps" -ge 7
wrong=
for n in $(seq "$steps"); do
	! ci "$n" && [ "$(grep -c . "$calls")" -eq "$n" ] || wrong="$wrong $n"
done
is "each failing step ends it with a failure" "$wrong" ""
ci 0
like "the last is the suite" "$(tail -n 1 "$calls")" '/make .*WERROR=1 .*test$'

finish
