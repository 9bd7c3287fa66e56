# extract on real files: one line for what is broken, nothing of those without consent, nothing lost by kill -9 or
# Ctrl-C.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3 ffmpeg espeak-ng script
[ -d assets/portraits/female ] && [ -f assets/models/face_landmark.tflite ] || skip_all \
	"portraits or face models are not installed (make setup)"

project=$tap_dir/p
j() { json "$tap_dir/try.out" "$1"; }

# make_clip FILE PORTRAIT VOICE: nine seconds at 15 frames/s, 640x480, H.264 and AAC, a slow zoom
zoom="zoompan=z='1+0.0005*on':d=1:s=640x480:fps=15"
make_clip() {
	espeak-ng -v "$3" -w "$tap_dir/speech.wav" \
		"I have worked in this field for seven years, and what I like most about it is that every day
		brings another question. In my last position we were four people, and I was the one who planned the work
		of the week." &&
	ffmpeg -nostdin -v error -y -loop 1 -framerate 15 -i "$2" -i "$tap_dir/speech.wav" -t 9 \
		-vf "scale=1280:960:force_original_aspect_ratio=increase,crop=1280:960,$zoom,noise=alls=4:allf=t" \
		-c:v libx264 -preset veryfast -pix_fmt yuv420p -c:a aac -ar 44100 -shortest "$1"
}
mkdir -p "$tap_dir/t/media"
media=$tap_dir/t/media
ok "a clip of a woman" make_clip "$media/f.mp4" assets/portraits/female/1.jpg en+f2
ok "a clip of a man" make_clip "$media/m.mp4" assets/portraits/male/1.jpg en+m3
head -c 20000 /dev/urandom >"$media/broken.mp4"
head -c 9000 "$media/m.mp4" >"$media/cut.mp4"

# new_project DIR, interviews on stdin.  CF, CM, CX agreed to everything needed, CN to nothing.
new_project() {
	"$EVENHAND" --quiet init "$1" || return 1
	cat >"$tap_dir/t/candidates.csv" <<-E
		candidate_id,jurisdiction,declared.sex
		CF,US-IL,female
		CM,US-IL,male
		CX,US-IL,male
		CN,US-IL,female
	E
	{
		echo "candidate_id,purpose,granted,at$paper_columns"
		for c in CF CM CX; do
			for purpose in watch face voice; do
				echo "$c,$purpose,yes,2026-10-01T09:00:00Z$paper_cells"
			done
		done
	} >"$tap_dir/t/consents.csv"
	cat >"$tap_dir/t/interviews.csv"
	for new_project_kind in candidates consents interviews; do
		"$EVENHAND" --quiet --project "$1" import $new_project_kind "$tap_dir/t/$new_project_kind.csv" || \
			return 1
	done
}
new_project "$project" <<-E
	candidate_id,question_id,path
	CF,q1,media/f.mp4
	CF,q2,media/f.mp4
	CF,q3,media/broken.mp4
	CM,q1,media/m.mp4
	CM,q2,media/m.mp4
	CX,q1,media/cut.mp4
	CX,q2,media/none.mp4
	CN,q1,media/f.mp4
E

# ---- broken files, missing consent (two answers each: one alone has too few voiced seconds) ----

try ev extract --json
is "broken files do not make extract fail" "$status" 0
is "four measured, three failed, one not opened" \
	"$(j '[d[k] for k in ("schema", "answers", "measured", "kept", "failed", "skipped", "skipped_candidates")]')" \
	'["evenhand.extract/1", 8, 4, 0, 3, 1, 1]'
for file in broken cut none; do
	is "$file.mp4: exactly one line" "$(printf '%s\n' "$err" | grep -c "$file\.mp4")" 1
	like "$file.mp4: its name and a reason" "$err" "^$media/$file\.mp4: [^ ]+ [^ ]+"
done
is "of the good files no line" "$(printf '%s\n' "$err" | grep -c '[fm]\.mp4: ' | sed 's/^0$/none/')" none
is "the reason why one was not opened" "$(j '[[r["reason"], r["candidates"]] for r in d["reasons"]]')" \
	'[["no valid consent to watch the recording", 1]]'
coverage='sorted([c["attribute"], c["group"], c["candidates"], c["with_face"], c["with_voice"]] for c in d["coverage"])'
is "coverage: nobody without consent, faces and voices of the two" "$(j "$coverage")" \
	'[["", "", 3, 2, 2], ["sex", "female", 1, 1, 1], ["sex", "male", 2, 1, 1]]'
is "asked for by id it is refused with 4" "$(ev extract --candidate CN >/dev/null 2>&1; echo $?)" 4
unlike "nothing of that candidate is in the store but its row, its consents and its interview" \
	"$(LC_ALL=C grep -abo 'CN' "$project/store/data.mdb" | wc -l) places" '^([7-9]|[0-9][0-9]+) places'

try ev extract --json
is "the next run keeps what is finished and tries the broken ones again" \
	"$(j '[d["measured"], d["kept"], d["failed"], d["skipped"]]')" '[0, 4, 3, 1]'
is "with the same coverage" "$(j "$coverage")" \
	'[["", "", 3, 2, 2], ["sex", "female", 1, 1, 1], ["sex", "male", 2, 1, 1]]'
try ev extract --again --candidate CF --json
is "--again measures one candidate anew" "$(j '[d["answers"], d["measured"], d["kept"], d["failed"]]')" '[3, 2, 0, 1]'

# ---- fast mode ----

measured='[d["measured"], d["kept"], d["failed"]]'
try ev extract --fast --candidate CF --json
is "what was measured in full counts for a fast run" "$(j "$measured")" '[0, 2, 1]'
try ev extract --fast --again --candidate CF --json
is "--fast --again measures in fast mode" "$(j "$measured")" '[2, 0, 1]'
like "which the journal says" "$(ev journal show --tsv)" '	extract	CF	.*fast mode'
try ev extract --fast --candidate CF --json
is "and a fast run keeps" "$(j "$measured")" '[0, 2, 1]'
try ev extract --candidate CF --json
is "but a usual run measures again" "$(j "$measured")" '[2, 0, 1]'

# ---- a kernel without a layer of the locks (worker.h: only what is reported changes) ----

# a sanitizer's build has no filter, some containers have no Landlock: then the real warning is there anyway
if [ "$(j 'd["sandbox_missing"]')" = "" ]; then
	unlike "with all layers nothing is said of them" "$err" 'WARNING'
	is "nor marked" "$(j 'd["sandbox_missing"]')" ''
	EVENHAND_PRETEND_MISSING=landlock
	export EVENHAND_PRETEND_MISSING
	try ev extract --again --candidate CF --json
	is "without Landlock the work goes on" "$status $(j "$measured")" '0 [2, 0, 1]'
	is "with a loud line" "$(printf '%s\n' "$err" | grep -c '^WARNING: this kernel lacks Landlock: ')" 1
	is "and a mark in the result" "$(j 'd["sandbox_missing"]')" Landlock
	like "and in the journal" "$(ev journal show --tsv)" '	extract	CF	.*workers without Landlock'
	before=$(ev journal show --tsv | wc -l)
	exits "--require-sandbox refuses" 3 ev extract --again --require-sandbox
	like "and says why" "$err" 'lacks Landlock.*--require-sandbox.*no recording is opened'
	is "nothing was done" "$(ev journal show --tsv | wc -l)" "$before"
	like "doctor shows the layer" "$(ev doctor 2>&1)" '^remark	landlock	'
	EVENHAND_PRETEND_MISSING="landlock seccomp"
	exits "both missing: refused" 3 ev extract --require-sandbox
	like "and both named" "$err" 'lacks Landlock and seccomp'
	unset EVENHAND_PRETEND_MISSING
	exits "with both there --require-sandbox changes nothing" 0 ev extract --require-sandbox
else
	like "the missing layer is warned of" "$err" '^WARNING: this kernel lacks '
	skip "simulated layers" "this machine lacks $(j 'd["sandbox_missing"]')"
fi

ok "a withdrawn consent" ev consent withdraw CM face
try ev extract --json
is "takes the face indicators with it and leaves the voice's" "$(j "$coverage")" \
	'[["", "", 3, 1, 2], ["sex", "female", 1, 1, 1], ["sex", "male", 2, 0, 1]]'
ok "watch is withdrawn too" ev consent withdraw CM watch
try ev extract --json
is "then nothing is left of the candidate" "$(j "$coverage")" \
	'[["", "", 2, 1, 1], ["sex", "female", 1, 1, 1], ["sex", "male", 1, 0, 0]]'
like "the journal says what was taken away" "$(ev journal show --tsv)" \
	'	consent.sweep	indicators	indicators of 2 answers'
ok "the journal is whole" ev journal verify

# ---- interrupted ----

# Answers are the same clip again and again. The progress bar needs a terminal: script gives one.
n=28
interviews() {
	echo candidate_id,question_id,path
	i=0
	while [ $i -lt $n ]; do
		i=$((i + 1))
		ln -f "$media/f.mp4" "$media/copy$i.mp4"
		echo "CF,q$i,media/copy$i.mp4"
	done
}
reported() {
	reported_last=$(tr '\r' '\n' <"$tap_dir/bar" | sed -n "s|.*[]] \([0-9]*\)/[0-9].*|\1|p" | tail -n 1)
	echo "${reported_last:-0}"
}

# run_until DONE SIGNAL: extract under a terminal until the bar says DONE answers, then SIGNAL; its exit status
run_until() {
	: >"$tap_dir/bar"
	rm -f "$tap_dir/pid"
	script -qefc "echo \$\$ >'$tap_dir/pid'; exec '$EVENHAND' --project '$project' extract --jobs 1" \
		"$tap_dir/bar" >/dev/null 2>&1 </dev/null &
	run_until_script=$!
	run_until_ticks=0
	while [ "$(reported)" -lt "$1" ] && [ $run_until_ticks -lt 1200 ]; do
		sleep 0.05
		run_until_ticks=$((run_until_ticks + 1))
	done
	run_until_pid=$(cat "$tap_dir/pid")
	kill -s "$2" "$run_until_pid"
	wait $run_until_script
}
# processes whose parent or session was the killed one
left_over() {
	for stat in /proc/[0-9]*/stat; do
		sed 's/.*) //' "$stat" 2>/dev/null | awk -v pid="$1" \
			'$2 == pid || $3 == pid || $4 == pid { print "left" }'
	done | sort -u
}

project=$tap_dir/killed
interviews | new_project "$project"
run_until 4 KILL
is "kill -9 while extract runs" $? 137
done_before=$(reported)
sleep 1
is "leaves no process behind" "$(left_over "$run_until_pid")" ""
ok "in the middle" test "$done_before" -ge 4 -a "$done_before" -lt $n
ok "the journal is whole" ev journal verify
run_until 6 INT
is "Ctrl-C ends the next run with 1" $? 1
ok "in the middle too" test "$(reported)" -ge 6 -a "$(reported)" -lt $((n - done_before))
like "and says that nothing is lost" "$(tr -s ' \r\n' ' ' <"$tap_dir/bar")" \
	'stopped; what was finished is stored, the next run goes on from here'
first_run=$done_before
done_before=$(tr '\r' '\n' <"$tap_dir/bar" | sed -n \
	's/.*answers: \([0-9]*\) measured, \([0-9]*\) finished before.*/\1 \2/p')
ok "what was reported before kill -9 was found finished" test "${done_before#* }" -ge "$first_run"
try ev extract --json
is "the third run goes on where the second stopped" "$status $(j '[d["measured"] + d["kept"], d["kept"],
	d["failed"]]')" \
	"0 [$n, $((${done_before% *} + ${done_before#* })), 0]"
try ev extract --json
is "and the fourth has nothing to do" "$(j '[d["measured"], d["kept"]]')" "[0, $n]"
is "every run that ended is in the journal" "$(ev journal show --tsv | grep -c '	extract	')" 2

# ---- hostile files ----

hostile=$EVENHAND_SHARED/data/hostile
if [ -d "$hostile" ]; then
	hostile=$(cd "$hostile" && pwd)
	project=$tap_dir/hostile
	(cd "$hostile" && find "$PWD" -type f ! -name EXPECTED.tsv | sort) >"$tap_dir/files"
	{
		echo candidate_id,question_id,path
		awk '{ print "CX,q" NR "," $0 }' "$tap_dir/files"
		echo "CF,q1,media/f.mp4"
	} | new_project "$project"
	try timeout 300 "$EVENHAND" --project "$project" extract --json
	is "hostile files stop nothing" "$status $(j 'd["measured"] + d["failed"]')" \
		"0 $(($(wc -l <"$tap_dir/files") + 1))"
	is "the good one among them is measured" "$(j '[c["with_face"] for c in d["coverage"]
		if c["group"] == "female"]')" '[1]'
	is "each that failed has one line of its own" \
		"$(printf '%s\n' "$err" | sed -n "s|^\($hostile/[^:]*\): .*|\1|p" | sort | uniq -c | awk '$1 != 1')" ""
	is "as many as failed" "$(printf '%s\n' "$err" | grep -c "^$hostile/")" "$(j 'd["failed"]')"
	note "$(j '"hostile files: %d measured, %d refused" % (d["measured"], d["failed"])')"
else
	skip "hostile files" "$hostile is not there"
fi
finish
