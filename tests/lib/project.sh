# A small project with known findings, and what command and screen tests share.  Source it after tap.sh.
#   make_tables DIR   five tables in DIR; make_project DIR [OPTION...]   a project with them, audited (options: of
# audit)
#   try COMMAND...    runs it: $status, $out, $err; ev COMMAND...   the program on $project
#   json FILE EXPR    value of a Python expression on the document d; find(E, G), pooled(G), all_findings() and
#                     notified() reach into findings, and run is the first run of an audit
#   need PROGRAM...   skips the whole test without them

[ -x "${EVENHAND:-}" ] || { echo "Bail out! EVENHAND does not name the program"; exit 1; }

need() {
	for need_name in "$@"; do
		command -v "$need_name" >/dev/null 2>&1 || skip_all "$need_name is not installed"
	done
}

note() { printf '%s\n' "$*" | sed 's/^/# /'; }

try() {
	"$@" >"$tap_dir/try.out" 2>"$tap_dir/try.err" </dev/null
	status=$?
	out=$(cat "$tap_dir/try.out")
	err=$(cat "$tap_dir/try.err")
}

ev() { "$EVENHAND" --project "$project" "$@"; }

# exits WHAT STATUS COMMAND...: the status, and what was said when it is another
exits() {
	exits_what=$1
	exits_wanted=$2
	shift 2
	try "$@"
	[ "$status" -eq "$exits_wanted" ] || printf '%s\n' "$out" "$err" | sed 's/^/# /' | head -20
	is "$exits_what" "$status" "$exits_wanted"
}

# Strings are printed bare, everything else as JSON.
json() {
	python3 -c '
import json, sys
def no_constant(name):
    raise SystemExit("not JSON: " + name)
d = json.load(open(sys.argv[1]), parse_constant=no_constant)
run = d["runs"][0] if "runs" in d else d
def all_findings():
    return [f for a in run["attributes"] for e in a["evaluators"] for f in e["groups"]]
def pooled(group, attribute="sex"):
    hits = [f for a in run["attributes"] for f in a["pooled"]["groups"]
            if (f["group"], f["attribute"]) == (group, attribute)]
    return hits[0] if len(hits) == 1 else None
def find(evaluator, group, attribute="sex"):
    hits = [f for f in all_findings() if (f["evaluator"], f["group"], f["attribute"]) == (evaluator, group, attribute)]
    return hits[0] if len(hits) == 1 else None
def notified():
    return sorted({f["evaluator"] + ":" + f["group"] for f in all_findings() if f["verdict"] == "notify"})
v = eval(sys.argv[2])
print(v if isinstance(v, str) else json.dumps(v, sort_keys=True))
' "$1" "$2" 2>&1
}

# The written release that face and voice need in Illinois: end of the header and of a row of consents.
paper_columns=,release_id,signature_sha256,purpose_text,term_until,policy_version
paper_cells=,R1,0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef,hiring\ audit,2099-12-31,v1

# Decisions: in each question exactly the given number of either sex advances, the same people never in a row.
# E07 women 15 of 60 (.25), men 45 of 60 (.75); E03 18 of 60 of both (.30); everybody else 36 of 60 of both (.60).
make_tables() {
	mkdir -p "$1" || return 1
	awk -v dir="$1" -v columns="$paper_columns" -v cells="$paper_cells" '
	function put(file, line) { print line > (dir "/" file) }
	function advance(e, q, female) {
		if (e == 7) return female ? 6 + q : 24 - q
		return e == 3 ? 9 : 18
	}
	BEGIN {
		split("7 11 13 17 19 23", step, " ")
		put("evaluators.csv", "evaluator_id,name,unit")
		put("candidates.csv", "candidate_id,jurisdiction,position_id,declared.sex")
		put("consents.csv", "candidate_id,purpose,granted,at,notice,expires" columns)
		put("interviews.csv", "candidate_id,question_id,path")
		put("evaluations.csv", "evaluator_id,candidate_id,question_id,decision")
		n = split("watch face voice train infer:sex", purpose, " ")
		for (c = 1; c <= 60; c++) {
			id = sprintf("C%03d", c)
			put("candidates.csv", id ",US-IL,engineer," (c % 2 ? "female" : "male"))
			for (i = 1; i <= n; i++)
				put("consents.csv", id "," purpose[i] ",yes,2026-10-01T09:00:00Z,n1," cells)
			for (q = 1; q <= 2; q++)
				put("interviews.csv", id ",q" q ",media/" id "-q" q ".mp4")
		}
		for (e = 1; e <= 12; e++) {
			ev = sprintf("E%02d", e)
			put("evaluators.csv", ev ",Evaluator " e "," (e % 2 ? "north" : "south"))
			for (q = 1; q <= 2; q++)
				for (c = 1; c <= 60; c++) {
					rank = int((c - 1) / 2) * step[1 + (e + q) % 6]
					rank = (rank + 5 * e + 11 * q + 3 * (c % 2)) % 30
					put("evaluations.csv", sprintf("%s,C%03d,q%d,%s", ev, c, q,
						rank < advance(e, q, c % 2) ? "advance" : "reject"))
				}
		}
	}'
}

# Everything imported (no recordings exist), one audit: N0001 is about E07 and women.
make_project() {
	make_project_dir=$1
	shift
	"$EVENHAND" --quiet init "$make_project_dir" && make_tables "$make_project_dir/tables" || return 1
	for make_project_kind in evaluators candidates consents evaluations; do
		"$EVENHAND" --quiet --project "$make_project_dir" import $make_project_kind \
			"$make_project_dir/tables/$make_project_kind.csv" || return 1
	done
	"$EVENHAND" --quiet --project "$make_project_dir" audit "$@" >/dev/null
}

# Everything a person could see of a project's state; two equal texts mean that nothing was changed.
state_of() {
	"$EVENHAND" --quiet --project "$1" journal show --tsv
	"$EVENHAND" --quiet --project "$1" consent list --tsv
	"$EVENHAND" --quiet --project "$1" notifications list --tsv
	"$EVENHAND" --quiet --project "$1" audit --dry-run --tsv 2>&1
}
