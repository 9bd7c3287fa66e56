# The whole road once: the demo finds what was injected, skips those without consent, and a second run goes on from
# there. EVENHAND_DEMO names a finished demo project (a copy of it is used); without it one is made, which takes
# minutes.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3 ffmpeg espeak-ng script
[ -d assets/portraits/female ] && [ -f assets/models/face_landmark.tflite ] || skip_all \
	"portraits or face models are not installed (make setup)"

project=$tap_dir/demo
unset EVENHAND_TIME_NOW # consents of the demo have real dates
j() { json "$tap_dir/try.out" "$1"; }

# ---- somebody's own project is no place for invented people ----

make_project "$tap_dir/own"
state_of "$tap_dir/own" >"$tap_dir/before"
exits "a demo into an own project is refused" 1 "$EVENHAND" demo "$tap_dir/own"
like "and says so" "$err" 'holds something that is not a demo, so it is left alone; choose another directory'
state_of "$tap_dir/own" >"$tap_dir/after"
ok "nothing is changed there" cmp "$tap_dir/before" "$tap_dir/after"
ok "and no file added" test ! -e "$tap_dir/own/truth_candidates.csv"

if [ -n "${EVENHAND_DEMO:-}" ]; then
	cp -rp "$EVENHAND_DEMO" "$project" || exit 1
	note "a copy of $EVENHAND_DEMO"
	# the copy's recordings are elsewhere now: the tables say so
	ev --quiet import interviews "$project/tables/interviews.csv"
else
	begin=$(date +%s)
	try "$EVENHAND" demo "$project" --json --quiet
	is "the demo ends with what was injected" "$status $(j '[d["schema"], d["as_injected"], d["synthetic"]]')" \
		'0 ["evenhand.demo/1", true, true]'
	note "made in $(($(date +%s) - begin)) s: $(j \
		'"%d answers measured, %d failed, %d candidates skipped" %\
			(d["answers_measured"], d["answers_failed"], d["skipped_candidates"])')"
	is "quiet is quiet" "$err" ""
fi

# ---- a second run keeps all answers, and finds the same ----

journal_before=$(ev journal show --tsv | wc -l)
try "$EVENHAND" demo "$project" --json
cp "$tap_dir/try.out" "$tap_dir/demo.json"
TERM=xterm script -qec "'$EVENHAND' demo '$project'" "$tap_dir/terminal" >/dev/null 2>&1 </dev/null
like "on a terminal it draws bars" "$(tr '\r' '\n' <"$tap_dir/terminal")" 'making interviews +\[#+\] 126/126'
unlike "and no line is written behind one" "$(tr '\r' '\n' <"$tap_dir/terminal")" '\] [0-9]+/.*\[ *[0-9.]+ s\]'
is "a second run measures nothing anew" "$status $(j 'd["answers_measured"]')" "0 0"
is "and keeps every answer" "$(j 'd["answers_kept"]')" "$(j '126 - 2 * d["skipped_candidates"] - d["answers_failed"]')"
is "the biased evaluator is notified, the harsh and the fair ones are not" \
	"$(j '[d["as_injected"], sorted(r["evaluator"] + " " + r["injected"] for r in d["evaluators"]
	if r["found"] == "notify")]')" '[true, ["E07 biased"]]'
is "twelve evaluators: one biased, one harsh, ten fair" \
	"$(j '[len(d["evaluators"])] + [sum(r["injected"] == k for r in d["evaluators"])
	for k in ("biased", "harsh", "fair")]')" '[12, 1, 1, 10]'
is "the biased one's ratio is far below the limit" "$(j '[r["ratio"] < 0.6 for r in d["evaluators"]
	if r["injected"] == "biased"]')" '[true]'
like "it says that everything is synthetic" "$err" 'Everything here is synthetic'
is "and how strong the bias is that was put in" "$(j '[d["injected"][k]
	for k in ("biased", "biased_rate_group", "biased_rate_rest", "harsh_rate", "fair_rate")]')" \
	'["E07", 0.25, 0.75, 0.3, 0.6]'
like "in words too" "$err" \
	'injected: E07 advances women 0\.25 and men 0\.75 \(ratio 0\.33\); E03 is harsh to all \(0\.30\); the others 0\.60'
like "and where the truth is" "$err" "$project/truth\.csv is what was injected; no audit reads it"
is "the second run raised nothing new" "$(ev notifications list --tsv | cut -f1-5 | tail -n +2)" \
	"N0001	pending	E07	sex	female"
ok "and is in the journal" test "$(ev journal show --tsv | wc -l)" -gt "$journal_before"
note "$(j '"declared %d, predicted %d, biased ratio %.2f (q %.1e)" % (d["declared"], d["predicted"],
	*[(r["ratio"], r["q"]) for r in d["evaluators"] if r["injected"] == "biased"][0])')"

# ---- half of the candidates declared nothing: their classes are predicted ----

is "about half of the candidates are classified" "$(j '20 <= d["predicted"] <= 35 and 20 <= d["declared"] <= 35')" true
try ev metrics E07 --attribute sex --group female --json
is "the finding says whose class was predicted" \
	"$(j 'all_findings()[0]["provenance"]["declared"] > 0 and all_findings()[0]["provenance"]["predicted"] > 0')" \
	true
try ev model list --json
is "the model is listed, better than chance" "$(j '[m["attribute"] for m in d["models"] if m["auc"] > 0.8]')" '["sex"]'
ok "and has its card" ev model card sex

# ---- consent ----

# Who may be measured now, from the table alone: the newest record per purpose, watch and (face or voice).
python3 - "$project/tables" >"$tap_dir/allowed" <<-'E'
	import csv, datetime, os, sys
	rows = lambda name: list(csv.DictReader(open(os.path.join(sys.argv[1], name))))
	now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
	newest = {}
	for r in sorted(rows("consents.csv"), key=lambda r: r["at"]):
	    newest[r["candidate_id"], r["purpose"]] = r
	def holds(c, purpose):
	    r = newest.get((c, purpose))
	    return bool(r) and r["granted"] == "yes" and r["at"] <= now and not (r["expires"] and r["expires"] <= now)
	for r in rows("candidates.csv"):
	    c = r["candidate_id"]
	    ok = holds(c, "watch") and (holds(c, "face") or holds(c, "voice"))
	    print(c, "yes" if ok else "no", "face" if ok and holds(c, "face") else "-",
	          "voice" if ok and holds(c, "voice") else "-")
E
allowed=$(grep -c ' yes ' "$tap_dir/allowed")
refused=$(awk '$2 == "no" { print $1 }' "$tap_dir/allowed")
note "by tables/consents.csv: $allowed candidates may be measured, not: $(echo $refused)"
ok "a few candidates lack a consent" test -n "$refused"
try ev extract --json
is "extract skips exactly as many" "$(j 'd["skipped_candidates"]') $(j 'd["answers"]')" "$(echo "$refused" | wc -l) 126"
is "and has rows of the others only" "$(j '[c["candidates"] for c in d["coverage"] if c["attribute"] == ""]')" \
	"[$allowed]"
is "faces only where the face was allowed" "$(j "[c['with_face'] <= $(grep -c ' face ' \
	"$tap_dir/allowed") and c['with_voice'] <= $(grep -c ' voice$' \
	"$tap_dir/allowed") for c in d['coverage'] if c['attribute'] == '']")" '[true]'
is "each refused one is refused by id with 4" \
	"$(for c in $refused; do ev extract --candidate "$c" >/dev/null 2>&1; echo $?; done | sort -u)" 4
is "and nobody else is" "$(for c in $(awk '$2 == "yes" { print $1 }' "$tap_dir/allowed" | head -n 3); do ev extract \
	--candidate "$c" >/dev/null 2>&1; echo $?; done | sort -u)" 0

# ---- truth, journal ----

is "no journal entry names the truth" "$(ev journal show --tsv | grep -c truth)" 0
mkdir "$tap_dir/aside"
mv "$project"/truth*.csv "$tap_dir/aside/"
try ev audit --dry-run --json
is "the audit finds the same without the truth there" "$(json "$tap_dir/try.out" 'notified()')" '["E07:female"]'
ok "the journal is whole" ev journal verify
mv "$tap_dir"/aside/truth*.csv "$project/"

# ---- an answer ----

ok "an answer" ev notifications confirm N0001 --reason "looked at both questions"
ev notifications show N0001 --json >"$tap_dir/try.out"
is "is in the store" "$(j '[d["state"], d["answers"][0]["reason"]]')" '["confirmed", "looked at both questions"]'
is "and in the journal" "$(ev journal show --tsv | tail -n 1 | cut -f4-)" \
	"notification.confirm	N0001	looked at both questions"
ok "which is whole" ev journal verify

# ---- other decisions about the same people (tests/bench/seeds has twenty) ----

for seed in 11 12 13; do
	"$EVENHAND" --quiet demo "$project" --decisions-only --seed $seed
	ev --quiet import evaluations "$project/tables/evaluations.csv"
	try ev audit --dry-run --json
	is "seed $seed: the biased evaluator is notified, nobody else" \
		"$(json "$tap_dir/try.out" 'notified()')" '["E07:female"]'
	note "seed $seed: ratio $(json "$tap_dir/try.out" '"%.2f, q %.1e" % (find("E07", "female")["ratio"],
		find("E07", "female")["q"])')"
done
finish
