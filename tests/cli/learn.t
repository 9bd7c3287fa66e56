# train and classify: what is asked for wrongly, what is refused, and, on a demo project, the whole road with a withdrawal.
# EVENHAND_DEMO names a finished demo project (a copy of it is used); without it that part is skipped.
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
like "that says who was left out" "$err" 'sex: 0 declared groups to learn from, at least two are needed; left out: [0-9]+ without consent'
exits "nothing was stored" 0 ev model list --json
is "no model is there" "$(j 'd["models"]')" "[]"
exits "classify without a model" 1 ev classify
exits "a refresh of nothing is nothing" 0 ev train --refresh
like "and says so" "$err" 'there is no model'
exits "a refresh of what is not there" 1 ev train --refresh sex
like "names the mend" "$err" "there is no model of 'sex'; run: evenhand train sex"

if [ -z "${EVENHAND_DEMO:-}" ]; then
	skip "training on a demo project" "EVENHAND_DEMO names none"
	finish
	exit
fi
unset EVENHAND_TIME_NOW # consents of the demo have real dates
project=$tap_dir/demo
cp -rp "$EVENHAND_DEMO" "$project" || exit 1

exits "training" 0 ev train sex --json
is "is of the documented form" "$(j '[d["schema"], len(d["models"]), d["models"][0]["state"], d["models"][0]["classifies"]]')" \
	'["evenhand.train/1", 1, "trained", true]'
note "$(j '{k: [round(s["auc_low"], 3), round(s["auc"], 3)] for k, s in d["models"][0]["skill"].items() if s}')"
model=$(j 'd["models"][0]["model"]')
exits "the same seed gives the same model" 0 ev train sex --json
is "by its id" "$(j 'd["models"][0]["model"]')" "$model"
exits "classifying" 0 ev classify sex --json
is "counts add up" "$(j '(lambda a: [a["undetermined"] >= a["out_of_scope"], a["classified"] >= a["undetermined"], a["classified"] > 0])(d["attributes"][0])')" \
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
