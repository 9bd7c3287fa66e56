# doctor: what the machine and the project have, each line with its mend.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
ok "a project" make_project "$project"
j() { json "$tap_dir/try.out" "$1"; }
state() { j "[l['state'] for l in d['lines'] if l['what'] == '$1']"; }
cd "$tap_dir" || exit 1

try "$EVENHAND" doctor --json
is "without a project the machine is looked at" "$(j '[d["schema"], sorted({k for l in d["lines"] for k in l}),
	[l["what"] for l in d["lines"]]]')" \
	'["evenhand.doctor/1", ["state", "text", "what"], ["seccomp", "landlock", "locks", "media", "voice", "face models", "default policy", "ffmpeg", "espeak-ng"]]'
is "and what is not there decides the exit status" "$([ "$status" -eq 0 ] && echo sound || echo broken)" \
	"$(j '"broken" if any(l["state"] == "BROKEN" for l in d["lines"]) else "sound"')"
[ "$(state seccomp)" != '["ok"]' ] || is "the locks of a policy's worker hold" "$(state locks)" '["ok"]'
is "the default policy loads" "$(state 'default policy')" '["ok"]'

try ev doctor --json
is "with a project, store and journal come first" "$(j '[l["what"] for l in d["lines"]][:3]')" \
	'["store", "readers", "journal"]'
is "they are sound" "$(j '[l["state"] for l in d["lines"]][:3]')" '["ok", "ok", "ok"]'
is "the stored counts are those of the evaluations" "$(state counts)" '["ok"]'
like "the store line has counts" "$(j '[l["text"] for l in d["lines"] if l["what"] == "store"][0]')" \
	': 1440 evaluations, '
before=$(state_of "$project")
try ev doctor
like "a row per line" "$out" '^ok	journal	intact, 6 entries$'
is "doctor changes nothing" "$(state_of "$project")" "$before"

# ---- what is missing is named with the mend ----

mkdir -p bin empty/models empty/policies
cp "$EVENHAND" bin/evenhand
try env EVENHAND_DATA="$tap_dir/empty" PATH=/nowhere "$tap_dir/bin/evenhand" doctor --json
is "without models and policies doctor exits with 3" "$status" 3
is "both are called broken" "$(state 'face models') $(state 'default policy')" '["BROKEN"] ["BROKEN"]'
like "with the mend" "$(j '[l["text"] for l in d["lines"] if l["what"] == "face models"][0]')" 'make setup'
unlike "the models' line has no other library's version" "$("$EVENHAND" doctor --tsv | grep '	face models	')" \
	'FFmpeg|FFTW'
is "programs that only the demo needs are a remark" "$(state ffmpeg) $(state espeak-ng)" '["remark"] ["remark"]'
like "with the mend" "$(j '[l["text"] for l in d["lines"] if l["what"] == "ffmpeg"][0]')" 'apt-get install ffmpeg'

exits "a project that is none is refused" 3 "$EVENHAND" --project "$tap_dir/none" doctor
like "and named" "$err" "$tap_dir/none is no Evenhand project"
exits "and in the environment too" 3 env EVENHAND_PROJECT="$tap_dir/none" "$EVENHAND" doctor
# another account's project: root looks as nobody, everybody else at a directory without any permission
foreign() { # COMMAND...
	if [ "$(id -u)" -eq 0 ]; then
		try setpriv --reuid=65534 --regid=65534 --clear-groups -- "$EVENHAND" --project "$project" "$@"
	else
		chmod 000 "$project"
		try ev "$@"
		chmod 700 "$project"
	fi
}
chmod 755 "$tap_dir"
for command in doctor "journal show"; do
	foreign $command
	is "$command on another account's project is refused" "$status" 3
	like "with its path and whose it is" "$err" \
		"$project: permission denied; it belongs to [^ ]+ \(uid [0-9]+\), who alone"
	unlike "not with the advice to make another" "$err" 'no Evenhand project|evenhand init'
done
printf 'no store' >"$tap_dir/p/store/data.mdb"
exits "a store that is none is refused" 3 ev doctor
like "and the store named" "$err" 'the store: .*not an LMDB file'
like "the machine is looked at all the same" "$out" '^ok	default policy'
finish
