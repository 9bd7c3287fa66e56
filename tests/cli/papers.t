# The papers that Illinois and Maryland ask for before anything is measured: a real recording is not opened without
# them, is measured with them, and no policy changes that.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3 ffmpeg espeak-ng script
[ -d assets/portraits/female ] && [ -f assets/models/face_landmark.tflite ] || skip_all \
	"portraits or face models are not installed (make setup)"

project=$tap_dir/p
j() { json "$tap_dir/try.out" "$1"; }
sha=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

mkdir "$tap_dir/t"
espeak-ng -v en+f2 -w "$tap_dir/speech.wav" "I have worked in this field for seven years, and what I like most about it
	is that every day brings another question. In my last position we were four people, and I planned the work.
	When I began, nobody had told me how much of it is listening to what others need before they say it."
ffmpeg -nostdin -v error -y -loop 1 -framerate 15 -i assets/portraits/female/1.jpg -i "$tap_dir/speech.wav" -t 14 \
	-vf "scale=1280:960:force_original_aspect_ratio=increase,crop=1280:960,scale=640:480" \
	-c:v libx264 -preset veryfast -pix_fmt yuv420p -c:a aac -ar 44100 -shortest "$tap_dir/t/a.mp4"
cat >"$tap_dir/t/candidates.csv" <<-E
	candidate_id,jurisdiction,declared.sex
	IL1,US-IL,female
	MD1,US-MD,female
	NY1,US-NY,female
	US1,US,male
E
{
	echo candidate_id,purpose,granted,at
	for c in IL1 MD1 NY1 US1; do
		for p in watch face voice; do echo "$c,$p,yes,2026-10-01T09:00:00Z"; done
	done
} >"$tap_dir/t/consents.csv"
{
	echo candidate_id,question_id,path
	for c in IL1 MD1 NY1 US1; do echo "$c,q1,a.mp4"; done
} >"$tap_dir/t/interviews.csv"
"$EVENHAND" --quiet init "$project"
ok "import candidates" ev --quiet import candidates "$tap_dir/t/candidates.csv"
all_five='release_id, signature_sha256, purpose_text, term_until, policy_version'
exits "consents without papers are recorded" 0 ev import consents "$tap_dir/t/consents.csv"
like "and it is said that they open nothing yet" "$err" "candidate 'IL1': face recorded, but the written release of $(:
	)Illinois BIPA lacks $all_five: nothing is measured until it is complete \(5 such records in the table\)"
ok "import interviews" ev --quiet import interviews "$tap_dir/t/interviews.csv"

# ---- without papers ----

exits "Illinois: refused with 4" 4 ev extract --candidate IL1
like "with id, rule, fields and mend" "$err" "candidate 'IL1': face refused in US-IL: the written release lacks $(:
	)$all_five \(Illinois BIPA, 740 ILCS 14, PA 103-0769, in force\); record it: evenhand $(:
	)consent grant IL1 face --release-id"
is "and nothing on stdout" "$out" ""
exits "a place without its state: refused too" 4 ev extract --candidate US1
like "and says why" "$err" "face refused: its place names no state, so the strictest holds: the written release lacks"
try ev extract --json
is "only New York is measured whole, and of Maryland the voice" \
	"$(j '[d[k] for k in ("answers", "measured", "skipped", "skipped_candidates", "paper_missing")]')" \
	'[4, 2, 2, 2, 3]'
is "the skipped are counted by the paper they lack" "$(j '[[r["reason"], r["candidates"]] for r in d["reasons"]]')" \
	'[["no complete written release (Illinois BIPA)", 2]]'
coverage() { j '{c["group"]: [c["candidates"], c["with_face"], c["with_voice"], c["paper_missing"]]
	for c in d["coverage"]}'; }
is "and stay counted in each group" "$(coverage)" '{"": [2, 1, 2, 3], "female": [2, 1, 2, 2], "male": [0, 0, 0, 1]}'
like "for people too" "$err" '3 candidates: face or voice not measured, the release or waiver .* is missing'
try ev show candidate MD1 --json
is "of Maryland no face is shown" "$(j 'sorted({i["undefined"] or "" for i in d["indicators"]
	if i["name"].startswith("face.")})')" '["no_consent"]'
shown() { script -qefc "'$EVENHAND' --project '$project' show candidate $1" /dev/null </dev/null; }
like "and it is said why" "$(shown MD1)" 'the waiver lacks signed_name_given'
like "of Illinois too" "$(shown IL1)" 'voice refused in US-IL: the written release lacks'

# ---- no policy opens it ----

cat >"$tap_dir/opener.lua" <<-'E'
	local function try(f) pcall(f) end
	return { name = "opener", api = 1, version = "1", gate = function() return true end,
		check = function() return "ok" end,
		compute = function(project)
			try(function() project.jurisdictions[1].release_missing = 0 end)
			try(function() project.jurisdictions[1].consent.face.granted = 9 end)
			try(function() evenhand.consent("IL1", "face") end)
			try(function() evenhand.gate = function() return true end end)
			return { { subject = "release", verdict = "ok", rule = "open", reason = "It is open." } }
		end }
E
printf 'evaluator_id\nE1\n' >"$tap_dir/t/evaluators.csv"
printf 'evaluator_id,candidate_id,decision\nE1,IL1,1\nE1,NY1,0\nE1,US1,1\n' >"$tap_dir/t/evaluations.csv"
for kind in evaluators evaluations; do ev --quiet import $kind "$tap_dir/t/$kind.csv"; done
exits "a policy that says all is open runs" 0 ev audit --policy "$tap_dir/opener.lua" --json
is "and may say so" "$(j '[[f["own"]["subject"], f["reason"]] for f in run["own_findings"]]')" \
	'[["release", "It is open."]]'
exits "but does not open it" 4 ev extract --candidate IL1
like "the refusal is the same" "$err" "written release lacks $all_five"
sed 's/local HERE = "US-IL"/local HERE = "US-XX"/; s/place.release_missing > 0/false/' scripts/bipa_gate.lua \
	>"$tap_dir/bipa_gate.lua"
exits "an edited bipa_gate runs" 0 ev audit --policy "$tap_dir/bipa_gate.lua"
exits "and opens nothing" 4 ev extract --candidate IL1

# ---- with papers ----

grant() { # CANDIDATE PURPOSE OPTION...: a consent with a part or all of the paper, of an earlier day
	ev consent grant "$@" --at 2026-11-01T09:00:00Z
}
exits "a part of the release is recorded" 0 grant IL1 face --release-id R-7 --purpose-text "hiring audit" \
	--term-until 2028-01-01
like "with what is still missing" "$err" "IL1: face recorded; in US-IL it is not used until the written release is $(:
	)complete \(Illinois BIPA, 740 ILCS 14, PA 103-0769\): it lacks signature_sha256, policy_version"
exits "and opens nothing" 4 ev extract --candidate IL1
like "the refusal names the rest" "$err" 'the written release lacks signature_sha256, policy_version \('
release="--release-id R-7 --signature-sha256 $sha --term-until 2028-01-01 --policy-version v3"
# shellcheck disable=SC2086 # options
exits "the whole release, for the face" 0 ev consent grant IL1 face $release --purpose-text "hiring audit" --json
is "is shown as complete" "$(j '[d[k] for k in ("release_id", "signature_sha256", "purpose_text", "term_until",
	"policy_version", "signed_name_given", "release_complete", "waiver_complete")]')" \
	"[\"R-7\", \"$sha\", \"hiring audit\", \"2028-01-01T00:00:00Z\", \"v3\", null, true, false]"
is "without a remark" "$err" ""
exits "opens the face" 0 ev extract --candidate IL1 --json
is "and measures it" "$(j '[d["measured"], d["paper_missing"]]')" '[1, 3]'
try ev show candidate IL1 --json
is "but not the voice, whose consent has no release" "$(j '[all((i["undefined"] == "no_consent") == shut
	for i in d["indicators"] if i["name"].startswith(w)) for w, shut in (("face.", False), ("voice.", True))]')" \
	'[true, true]'
# shellcheck disable=SC2086 # options
exits "with it the voice" 0 ev consent grant IL1 voice $release --purpose-text "hiring audit"
try ev extract --json
is "is measured too, and Illinois is counted whole" "$(coverage)" \
	'{"": [3, 2, 3, 2], "female": [3, 2, 3, 1], "male": [0, 0, 0, 1]}'
like "the journal guards the release, its words by their hash" \
	"$(ev journal show --tsv | grep 'candidate IL1	face' | tail -n 1)" \
	"face, .*, release R-7, signature $sha, purpose of sha256 [0-9a-f]{64}, term until 2028-01-01T00:00:00Z, policy v3"
unlike "and does not repeat them" "$(ev journal show --tsv)" 'hiring audit'

exits "Maryland: a waiver that was not read" 0 grant MD1 face --signed-name-given yes --interview-date 2026-09-30 \
	--waiver-read no
exits "keeps the face shut" 0 ev extract --candidate MD1 --json
is "of somebody whose voice is open" "$(j '[d["measured"], d["kept"], d["paper_missing"]]')" '[0, 1, 2]'
exits "one with all four fields" 0 ev consent grant MD1 face --signed-name-given yes --interview-date 2026-09-30 \
	--waiver-read yes
try ev extract --json
is "opens it" "$(coverage)" '{"": [3, 3, 3, 1], "female": [3, 3, 3, 0], "male": [0, 0, 0, 1]}'
is "the ledger has the fields" "$(ev consent list MD1 --tsv | awk -F'\t' 'NR == 1 || $2 == "face"' |
	cut -f2,3,12-14)" "purpose	granted	signed_name_given	interview_date	waiver_read
face	yes			
face	yes	yes	2026-09-30T00:00:00Z	no
face	yes	yes	2026-09-30T00:00:00Z	yes"
is "and the release" "$(ev consent list IL1 --tsv | tail -n 1 | cut -f2,7-11)" \
	"voice	R-7	$sha	hiring audit	2028-01-01T00:00:00Z	v3"

# ---- it ends ----

export EVENHAND_TIME_NOW=2028-01-01T00:00:00Z
exits "when the term is over" 4 ev extract --candidate IL1
like "the gate is shut" "$err" 'the written release lacks term_until \(it is over\)'
try ev extract --json
is "and what was measured has gone" "$(coverage)" '{"": [2, 2, 2, 2], "female": [2, 2, 2, 1], "male": [0, 0, 0, 1]}'
export EVENHAND_TIME_NOW=2026-11-25T10:00:00Z

# ---- slips ----

before=$(state_of "$project")
exits "a signature that is none" 1 ev consent grant IL1 face --signature-sha256 abc
like "is told with its option" "$err" '--signature-sha256: a signature is the SHA-256'
exits "neither yes nor no" 1 ev consent grant MD1 face --waiver-read maybe
like "with its option" "$err" "--waiver-read: 'maybe' is neither yes nor no"
exits "a day that is none" 1 ev consent grant MD1 face --interview-date soon
exits "a withdrawal has no paper" 2 ev consent withdraw IL1 face --release-id R-7
is "nothing of it was stored" "$(state_of "$project")" "$before"
like "the help names the fields of each place" "$(ev consent grant --help)" 'US-MD +face: a signed waiver'
finish
