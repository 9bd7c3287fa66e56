# train and classify: what is asked for wrongly, what is refused, and, on a demo project, the whole road with a
# withdrawal. EVENHAND_DEMO names a finished demo project (a copy of it is used); without it that part is skipped.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
j() { json "$tap_dir/try.out" "$1"; }
make_project "$project"

exits "train wants an attribute" 2 ev train
like "and says how" "$err" 'which attribute\? For example: evenhand train sex'
exits "what is never inferred is not learnt" 4 ev train religion
exits "with others neither: all or none" 4 ev train sex religion
exits "a postcode beside the indicators is refused" 4 ev train sex --with zip_code
like "with the reason" "$err" "column 'zip_code' refused: postcodes and the like"
exits "by pattern too" 4 ev train sex --with x.homePostCode
exits "a column that is none is a slip" 2 ev train sex --with shoe_size
like "and there are two" "$err" 'there are: position, jurisdiction'
exits "one attribute twice is a slip" 2 ev train sex sex
exits "nobody to learn from is a failure" 1 ev train sex
like "that says who was left out" "$err" \
	'sex: 0 known groups to learn from, at least two are needed; left out: [0-9]+ without consent'
exits "nothing was stored" 0 ev model list --json
is "no model is there" "$(j 'd["models"]')" "[]"
exits "classify without a model" 1 ev classify
exits "a refresh of nothing is nothing" 0 ev train --refresh
like "and says so" "$err" 'there is no model'
exits "a refresh of what is not there" 1 ev train --refresh sex
like "names the mend" "$err" "there is no model of 'sex'; run: evenhand train sex"

# degraded copies of the voices of those who teach: sixteen speakers made of damped tones, eleven seconds each
voices=$tap_dir/voices
mkdir "$voices"
python3 - "$voices" "$paper_columns" "$paper_cells" <<-'E' || exit 1
	import math, random, struct, sys, wave
	to = sys.argv[1]
	tables = {name: open("%s/%s.csv" % (to, name), "w") for name in ("candidates", "consents", "interviews")}
	tables["candidates"].write("candidate_id,jurisdiction,declared.sex\n")
	tables["consents"].write("candidate_id,purpose,granted,at%s\n" % sys.argv[2])
	tables["interviews"].write("candidate_id,question_id,path\n")
	for i in range(16):
	    r = random.Random(i)
	    f0 = (205, 115)[i % 2] * r.uniform(0.88, 1.12)
	    formants = [f * (1.12, 0.97)[i % 2] * r.uniform(0.95, 1.05) for f in (620, 1350, 2500, 3500)]
	    period = [sum(9000 / (k + 1) * math.exp(-t / 16000 * math.pi * (70 + 40 * k)) *
	                  math.sin(2 * math.pi * f * t / 16000) for k, f in enumerate(formants)) for t in range(400)]
	    pcm = []
	    while len(pcm) < 11 * 16000:
	        a = r.uniform(0.9, 1.1)
	        pcm += [int(a * v + r.gauss(0, 12)) for v in period[:int(16000 / f0 * r.uniform(0.99, 1.01))]]
	    with wave.open("%s/V%02d.wav" % (to, i), "wb") as w:
	        w.setnchannels(1), w.setsampwidth(2), w.setframerate(16000)
	        w.writeframes(struct.pack("<%dh" % len(pcm), *pcm))
	    tables["candidates"].write("V%02d,US-IL,%s\n" % (i, ("female", "male")[i % 2]))
	    tables["interviews"].write("V%02d,q1,V%02d.wav\n" % (i, i))
	    for purpose in ("watch", "voice", "train"):
	        tables["consents"].write("V%02d,%s,yes,2026-01-01%s\n" % (i, purpose, sys.argv[3]))
	E
project=$tap_dir/heard
"$EVENHAND" --quiet init "$project" || exit 1
for table in candidates consents interviews; do ev --quiet import $table "$voices/$table.csv" || exit 1; done
if ev --quiet extract >/dev/null; then
	exits "training without copies" 0 ev train sex --no-copies --json
	is "opens nothing" "$(j 'd["models"][0]["degraded_copies"]')" \
		'{"candidates": 0, "recordings_failed": 0, "recordings_not_readable": 0}'
	plain=$(j 'd["models"][0]["model"]')
	like "the card says so" "$(ev model card sex)" 'degraded copies  none: '
	rm "$voices/V15.wav"
	exits "training with copies" 0 ev train sex --jobs 2 --json
	is "counts who taught as copies, and what is gone" "$(j 'd["models"][0]["degraded_copies"]')" \
		'{"candidates": 15, "recordings_failed": 0, "recordings_not_readable": 1}'
	like "and says it" "$err" 'sex: 15 candidates taught as degraded copies of the voice too'
	copied=$(j 'd["models"][0]["model"]')
	ok "it is another model" test "$plain" != "$copied"
	like "the card says of whom" "$(ev model card sex)" 'degraded copies  15 candidates also taught as copies'
	ev model card sex --json >"$tap_dir/card"
	is "by part and kind" "$(json "$tap_dir/card" '[(p["part"], p["degraded_copies"]["candidates"], [k["candidates"]
		for k in p["degraded_copies"]["kinds"]]) for p in d["parts"] if p["trained"]]')" \
		'[["voice alone", 15, [15, 15, 15]]]'
	exits "training again" 0 ev train sex --json
	is "makes the same model" "$(j 'd["models"][0]["model"]')" "$copied"
	is "and no copies anew" "$(ev journal show --tsv | grep -c 'train\.copies')" 1
	exits "a withdrawal" 0 ev consent withdraw V03 train
	like "takes the copies away" "$(ev journal show --tsv)" 'degraded copies of 1 candidates'
	exits "a refresh cannot go below eight of a class" 0 ev train --refresh --json
	is "so the model goes too" "$(j 'd["models"][0]["state"]')" removed
else
	skip "degraded copies" "recordings cannot be measured here (make setup)"
fi

if [ -z "${EVENHAND_DEMO:-}" ]; then
	skip "training on a demo project" "EVENHAND_DEMO names none"
	finish
	exit
fi
unset EVENHAND_TIME_NOW # consents of the demo have real dates
project=$tap_dir/demo
cp -rp "$EVENHAND_DEMO" "$project" || exit 1

exits "training" 0 ev train sex --json
is "is of the documented form" "$(j '[d["schema"], len(d["models"]), d["models"][0]["state"],
	d["models"][0]["classifies"]]')" \
	'["evenhand.train/1", 1, "trained", true]'
note "$(j '{k: [round(s["auc_low"], 3), round(s["auc"], 3)] for k, s in d["models"][0]["skill"].items() if s}')"
model=$(j 'd["models"][0]["model"]')
exits "the same seed gives the same model" 0 ev train sex --json
is "by its id" "$(j 'd["models"][0]["model"]')" "$model"
exits "classifying" 0 ev classify sex --json
is "counts add up" "$(j '(lambda a: [a["undetermined"] >= a["out_of_scope"], a["classified"] >= a["undetermined"],
	a["classified"] > 0])(d["attributes"][0])')" \
	"[true, true, true]"
note "$(j 'd["attributes"][0]')"
exits "a block of places" 0 ev train sex --with jurisdiction --json
exits "classifies too" 0 ev classify sex --json

who=$(ev consent list --tsv | awk -F'\t' '$2 == "train" && $3 == "yes" { print $1; exit }')
exits "a withdrawal" 0 ev consent withdraw "$who" train
exits "blocks the model at once" 4 ev classify sex
like "with the mend" "$err" 'run: evenhand train --refresh sex'
exits "which the list shows" 0 ev model list --tsv
like "as stale" "$out" 'stale'
exits "a refresh makes it anew" 0 ev train --refresh --json
is "without that one" "$(j '[m["state"] for m in d["models"]]')" '["trained"]'
exits "and it classifies" 0 ev classify sex
exits "a second refresh has nothing to do" 0 ev train --refresh --json
is "and keeps it" "$(j '[m["state"] for m in d["models"]]')" '["kept"]'
exits "the store is whole" 0 ev journal verify
finish
