# show candidate and indicators: what was measured, with quality and provenance, and only what consent allows.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3 ffmpeg espeak-ng
[ -d assets/portraits/female ] && [ -f assets/models/face_landmark.tflite ] || skip_all \
	"portraits or face models are not installed (make setup)"

project=$tap_dir/p
j() { json "$tap_dir/try.out" "$1"; }
ind='dict((i["name"], i) for i in d["indicators"])'

# ---- the dictionary ----

try "$EVENHAND" indicators --json
is "the dictionary is one document" "$status $(j 'd["schema"]')" "0 evenhand.indicators/1"
is "every entry has a name, unit, kind, formula and source" \
	"$(j '[i["name"] for i in d["indicators"] if not all(i[k]
	for k in ("name", "unit", "kind", "what", "source"))]')" '[]'
is "names are unique" "$(j 'len(set(i["name"] for i in d["indicators"])) == len(d["indicators"])')" true
is "behaviour and quality never enter a class vector, shape does" \
	"$(j 'sorted(set(i["kind"] for i in d["indicators"] if i["class_vector"]))')" '["shape"]'
is "the kinds" "$(j 'sorted(set(i["kind"] for i in d["indicators"]))')" '["behaviour", "quality", "shape"]'
is "none is an embedding or names an emotion" \
	"$(j '[i["name"] for i in d["indicators"]
	if __import__("re").search("embed|emotion|happ|anger|angr|fear|disgust|sadness|surpris", i["name"])]')" '[]'
is "sources are papers, rules or the project's own words, not notes of its makers" \
	"$(j '[i["name"] for i in d["indicators"] if "facts/" in i["source"] + i["what"] or ".md" in i["source"]]')" \
	'[]'
n=$(j 'len(d["indicators"])')
is "TSV has a line each and a heading" "$("$EVENHAND" indicators --tsv | wc -l | tr -d ' ')" $((n + 1))
is "a prefix narrows" "$("$EVENHAND" indicators voice.f --tsv | tail -n +2 | cut -c1-7 | sort -u)" voice.f
exits "a prefix without a hit says so" 1 "$EVENHAND" indicators nothing
exits "an unknown kind is a wrong use" 2 "$EVENHAND" indicators --kind colour
is "the manual page lists every indicator" \
	"$("$EVENHAND" manual indicators | grep -c '^\.B \(face\|voice\)\.')" "$n"
if command -v man >/dev/null 2>&1; then
	is "and is well-formed" "$("$EVENHAND" manual indicators | man --warnings -l - 2>&1 >/dev/null | head -3)" ""
fi

# ---- a candidate ----

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
printf 'candidate_id,jurisdiction,name\nCA,US-IL,Ada Person\nCB,US-IL,Bea Person\nCC,US-IL,\n' \
	>"$tap_dir/t/candidates.csv"
{
	echo "candidate_id,purpose,granted,at$paper_columns"
	for p in watch face voice; do echo "CA,$p,yes,2026-10-01T09:00:00Z$paper_cells"; done
	echo "CC,watch,yes,2026-10-01T09:00:00Z$paper_cells"
} >"$tap_dir/t/consents.csv"
printf 'candidate_id,question_id,path\nCA,q1,a.mp4\nCB,q1,a.mp4\nCC,q1,a.mp4\n' >"$tap_dir/t/interviews.csv"
for kind in candidates consents interviews; do ev --quiet import $kind "$tap_dir/t/$kind.csv"; done

try ev show candidate CA --json
is "before extract nothing is measured, and it says so" \
	"$status $(j 'sorted(set(i["undefined"] for i in d["indicators"]))')" '0 ["not_measured"]'
ev --quiet extract >/dev/null

try ev show candidate CA --json
is "schema and counts" "$status $(j '[d["schema"], d["candidate"], d["interviews"], len(d["answers"])]')" \
	'0 ["evenhand.candidate/1", "CA", 1, 1]'
is "provenance of the recording" \
	"$(j '[d["answers"][0]["media"][k] for k in ("video_codec", "audio_codec", "width", "height",
	"audio_rate")]')" '["h264", "aac", 640, 480, 44100]'
is "and of the measuring: models, locks, mode" \
	"$(j '["mesh c603fa6149219a3e" in d["answers"][0]["origin"]["extractor"],
	d["answers"][0]["origin"]["fast"]]')" '[true, false]'
is "every indicator of the dictionary is there" "$(j 'len(d["indicators"])')" "$n"
is "a value or a reason, never both, never neither" \
	"$(j '[i["name"] for i in d["indicators"] if (i["value"] is None) != (i["undefined"] is not None)]')" '[]'
is "shape has a median and its spread, in its range" \
	"$(j "0.2 < $ind['face.inner_canthi']['value'] < 0.6 and 0 <= $ind['face.inner_canthi']['mad'] < 0.1")" true
is "percentiles are in order" \
	"$(j '[i["name"] for i in d["indicators"] if "p10" in i and not i["p10"] <= i["p90"]]')" '[]'
is "pitch of a woman's voice, in semitones re 27.5 Hz" "$(j "31 < $ind['voice.f0_median']['value'] < 45")" true
unlike "no name of a person" "$out" Ada

out=$(ev show candidate CA --tsv)
is "TSV: a line for each indicator" "$(printf '%s\n' "$out" | wc -l | tr -d ' ')" $((n + 1))
like "TSV of the answers" "$(ev show candidate CA --answers --tsv)" \
	'^q1	[a-z0-9,]+	h264	aac	640x480	'

# ---- consent ----

exits "without the consent to watch it is refused" 4 ev show candidate CB
like "with the id and the purpose" "$err" "CB.*watch"
try ev show candidate CC --json
is "with watch alone nothing of face or voice is shown" "$status $(j 'sorted(set(i["undefined"]
	for i in d["indicators"]))')" '0 ["no_consent"]'
ev --quiet consent withdraw CA face --at 2026-11-01T00:00:00Z
try ev show candidate CA --json
is "a withdrawal for the face holds at once" \
	"$(j "[$ind['face.jaw']['undefined'], $ind['voice.f0_median']['undefined']]")" '["no_consent", null]'
exits "an unknown candidate" 1 ev show candidate CZ
like "is named" "$err" CZ
finish
