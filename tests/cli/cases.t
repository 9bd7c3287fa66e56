# rates against the published and constructed tables outside the repository: reference, ties, small groups, every
# number.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

cases=$EVENHAND_SHARED/cases
[ -f "$cases/expected_2x2.csv" ] || skip_all "the case files are not there ($cases)"

cat >"$tap_dir/cases.py" <<'EOF'
import csv, json, re, subprocess, sys

program, cases, work = sys.argv[1:4]
ROWS = 60000                            # a table of millions is the overflow trap; integers are tested in C
NUMBERS = {                             # our name: column of the file
    "rate": "rate_focal", "ref_rate": "rate_reference", "impact_ratio": "impact_ratio", "z": "z_pooled",
    "p_z": "p_z_two_sided", "p_fisher": "p_fisher_two_sided", "p_mid": "p_midp_two_sided_a", "odds_ratio": "odds_ratio",
    "cohen_h": "cohen_h", "phi": "phi", "shortfall": "shortfall_ref", "shortfall_pooled": "shortfall_pooled",
    "posterior": "post_p_ir_below_0.8"}
checked = wrong = 0

def lines(name):
    """Rows of a case file, group names as they are."""
    with open(cases + "/" + name) as f:
        return list(csv.DictReader(line for line in f if not line.startswith("#")))

def bad(where, text):
    global wrong
    wrong += 1
    print("# %s: %s" % (where, text))

def number(where, f, name, ours, cell):
    global checked
    checked += 1
    if cell.startswith("undefined:") or cell == "inf":
        reason = "unbounded" if cell == "inf" else cell[10:]
        if ours is not None or f["why"].get(name) != reason:
            bad(where, "%s is %s (%s), expected %s" % (name, ours, f["why"].get(name), cell))
    elif ours is None or abs(ours - float(cell)) > 1e-9 * abs(float(cell)) + 1e-13:
        bad(where, "%s is %s (%s), expected %s" % (name, ours, f["why"].get(name), cell))

def compare(where, f, row):
    global checked
    checked += 3
    if f["reference"] != row["reference"]:
        bad(where, "reference %s, expected %s" % (f["reference"], row["reference"]))
    below = row["below_four_fifths"]
    if f["below_limit"] is not (None if below.startswith("undefined") else below == "1"):
        bad(where, "below_limit %s, expected %s" % (f["below_limit"], row["below_four_fifths"]))
    if f["flips"] is not (None if row["flip_swap"].startswith("undefined") else row["flip_swap"] == "1"):
        bad(where, "flips %s, expected %s" % (f["flips"], row["flip_swap"]))
    for name, column in NUMBERS.items():
        number(where, f, name, f[name], row[column])
    for i, end in enumerate(("lo", "hi")):
        number(where, f, "interval." + ("low", "high")[i], f["interval"][i], row["mn_" + end])

def run(name, table, rule, groups):
    path = work + "/table.csv"
    with open(path, "w") as out:
        out.write("evaluator_id,candidate_id,decision,class\n")
        for g, n, k in groups:
            for i in range(n):
                out.write('E,"%s %d",%d,"%s"\n' % (g, i, i < k, g))
    args = [program, "rates", path, "--class", "class", "--json"]
    args += [] if rule.endswith("min2pct") else ["--min-share", "0"]
    got = subprocess.run(args, capture_output=True, text=True)
    if got.returncode != 0:
        bad(name + " " + table, got.stderr.strip())
        return
    doc = json.loads(got.stdout)
    found = {f["group"]: f for f in doc["attributes"][0]["evaluators"][0]["groups"]}
    for row in lines("expected_2x2.csv"):
        if (row["file"], row["table"], row["reference_rule"]) != (name, table, rule) or int(row["n_focal"]) == 0:
            continue
        f, where = found[row["group"]], "%s %s %s" % (name, table, row["group"])
        if row["z_pooled"] == "is_reference":
            if not f["is_reference"]:
                bad(where, "is not the reference, %s is" % f["reference"])
        elif row["z_pooled"] == "undefined:below_two_percent":
            if (not f["below_two_percent"] or f["impact_ratio"] is not None or
                    f["why"]["impact_ratio"] != "below_two_percent"):
                bad(where, "a small group is compared")
        else:
            compare(where, f, row)

done = 0
rules = {(r["file"], r["table"], r["reference_rule"]) for r in lines("expected_2x2.csv")}
for name, table, rule in sorted(rules):
    if rule == "fixed":
        continue
    groups = [(r["group"], int(r["applicants"]), int(r["selected"])) for r in lines(name) if r["table"] == table]
    groups = [g for g in groups if g[1] > 0]
    if len(groups) > 1 and sum(g[1] for g in groups) <= ROWS:
        run(name, table, rule, groups)
        done += 1
print("# %d tables, %d values, %d wrong" % (done, checked, wrong))
sys.exit(1 if wrong or done < 20 or checked < 500 else 0)
EOF
try python3 "$tap_dir/cases.py" "$EVENHAND" "$cases" "$tap_dir"
note "$(printf '%s\n' "$out" "$err" | tail -n 12 | sed "s/^# //")"
is "every table of the case files comes out of the program as expected" "$status" 0
finish
