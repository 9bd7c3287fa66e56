# Candidates: the list with consent and remarks, one candidate with the mean mesh in dots, and nothing without consent.
. tests/lib/tap.sh
. tests/lib/project.sh
. tests/tui/screen.sh
need ffmpeg espeak-ng
[ -d assets/portraits/female ] && [ -f assets/models/face_landmark.tflite ] || skip_all \
	"portraits or face models are not installed (make setup)"

project=$tap_dir/p
"$EVENHAND" --quiet init "$project"
mkdir "$tap_dir/t"
espeak-ng -v en+f2 -w "$tap_dir/speech.wav" \
	"I have worked in this field for seven years, and what I like most about it is that every day
	brings another question. In my last position we were four people, and I was the one who planned the work of
	the week. We met every morning, we spoke about what went well and what did not, and then everybody went to
	work on one thing."
zoom="zoompan=z='1+0.0005*on':d=1:s=640x480:fps=15"
ffmpeg -nostdin -v error -y -loop 1 -framerate 15 -i assets/portraits/female/1.jpg -i "$tap_dir/speech.wav" -t 18 \
	-vf "scale=1280:960:force_original_aspect_ratio=increase,crop=1280:960,$zoom" \
	-c:v libx264 -preset veryfast -pix_fmt yuv420p -c:a aac -ar 44100 -shortest "$tap_dir/t/a.mp4"
printf 'candidate_id,jurisdiction,position_id\nCA,US-IL,engineer\nCB,US-IL,\nCC,DE,\n' >"$tap_dir/t/candidates.csv"
{
	echo "candidate_id,purpose,granted,at$paper_columns"
	for p in watch face voice train; do echo "CA,$p,yes,2026-10-01T09:00:00Z$paper_cells"; done
	echo "CC,watch,yes,2026-10-01T09:00:00Z$paper_cells"
	echo "CC,voice,yes,2026-10-01T09:00:00Z$paper_cells"
} >"$tap_dir/t/consents.csv"
printf 'candidate_id,question_id,path\nCA,q1,a.mp4\nCB,q1,a.mp4\nCC,q1,a.mp4\n' >"$tap_dir/t/interviews.csv"
for kind in candidates consents interviews; do ev --quiet import $kind "$tap_dir/t/$kind.csv"; done
ev --quiet extract >/dev/null 2>&1

# lines of a screen with a dot on them
dotted() { show "$1" | grep -cP '[\x{2801}-\x{28ff}]'; }

screen one 80x24 "$EVENHAND" --project "$project" tui
wait_for one 'Desk   supervisor: '
keys one c
sees "c shows the candidates" one 'Candidates   consent and what was measured +3 rows'
list=$(show one)
like "consent, and what was measured" "$list" '▸ CA +US-IL +all +1 of 1 +yes +yes'
like "without consent nothing is measured" "$list" ' CB +US-IL +none +0 of 1 +- +-'
like "only the voice is allowed" "$list" ' CC +DE +watch voice +1 of 1 +- +yes'
keys one Enter
sees "Enter shows the candidate" one 'Candidate CA   US-IL   engineer'
page=$(show one)
like "consent and counts" "$page" 'consent +watch, face, voice, train'
like "the recording it comes from" "$page" 'q1 +h264 aac 640x480, face in [0-9]+ of [0-9]+'
like "indicators with their units" "$page" 'face.inner_canthi +0\.[0-9]{3}  IOD'
ok "the mean mesh, in dots" test "$(dotted one)" -gt 10
like "and what it is made of" "$page" 'mean mesh of [0-9]+ frames'
keys one G
sees "G goes to the last indicator" one 'voice\.[a-z_0-9]+ +'
keys one q
wait_for one 'Candidates   consent'
keys one j Enter
sees "without the consent to watch nothing opens, and it says why" one 'CB.*watch'
like "the list stays" "$(show one)" 'Candidates   consent'
keys one j Enter
sees "without the consent for the face" one 'Candidate CC   DE'
like "no mesh is drawn" "$(show one)" 'no consent for the face'
is "not a dot of it" "$(dotted one)" 0
keys one q
wait_for one 'Candidates   consent'
keys one g Enter
wait_for one 'mean mesh'
ev --quiet consent withdraw CA face --at 2026-11-01T00:00:00Z
sees "a withdrawal elsewhere takes the mesh off the screen" one 'no consent for the face'
is "wholly" "$(dotted one)" 0

screen ascii 72x24 env LC_ALL=C "$EVENHAND" --project "$project" tui
wait_for ascii 'Desk   supervisor: '
keys ascii c
wait_for ascii 'Candidates'
keys ascii G Enter
sees "in ASCII it opens too" ascii 'Candidate CC   DE'
unlike "with no other character" "$(show ascii)" '[^ -~]'
finish
