# For authors: policy new and explain, what check finds in a text, and the files that are made of the table of names.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
root=$PWD
ok "a project" "$EVENHAND" init "$project"
j() { json "$tap_dir/try.out" "$1"; }

# ---- new ----

exits "new" 0 ev policy new my_rule
is "new: says where the two files are" "$out" "$project/policies/my_rule.lua
$project/policies/my_rule_spec.lua"
exits "new: the policy passes check" 0 ev policy check my_rule
unlike "without a remark" "$err" 'warning|error'
exits "new: and its spec" 0 ev policy test my_rule
is "new: which has three cases" "$(printf '%s\n' "$out" | grep -c '^ok')" 3
before=$(cat "$project/policies/my_rule.lua" "$project/policies/my_rule_spec.lua" | cksum)
exits "new: never over a file that is there" 1 ev policy new my_rule
like "is said" "$err" 'is there already: nothing was written'
rm "$project/policies/my_rule_spec.lua"
exits "new: also when only one of the two is" 1 ev policy new my_rule
is "and nothing is changed" "$([ ! -e "$project/policies/my_rule_spec.lua" ] && echo same)" same
exits "new: a name that none is" 2 ev policy new "My-Rule"
exits "new: out of the project by its name" 2 ev policy new "../x"
exits "new: without a project" 3 env -C "$tap_dir" "$EVENHAND" policy new x
is "a spec is no policy" "$(ev policy list --tsv | cut -f1 | grep -c spec)" 0
exits "new again" 0 ev policy new other
is "writes the same text but for the name" "$(cat "$project/policies/my_rule.lua" | cksum)" \
	"$(sed 's/other/my_rule/g' "$project/policies/other.lua" | cksum)"

# ---- explain ----

exits "explain" 0 ev policy explain my_rule --json
is "explain: figures of the policy" "$(j '[d["schema"], d["name"], d["attributes"], d["limit"], d["reference"],
	d["min_group"], d["min_total"], d["family"], d["state"], d["gate"]]')" \
	'["evenhand.policy_explain/1", "my_rule", ["sex"], [4, 5], "rest", 10, 30, "bh", "draft", false]'
is "explain: the hash of the file" "$(j 'd["hash"]')" "$(sha256sum "$project/policies/my_rule.lua" | cut -d' ' -f1)"
try ev policy explain my_rule --tsv
like "explain: in plain words" "$out" '^compared with	everybody else'
like "and its state" "$out" '^state	draft'
cat >"$tap_dir/pack.lua" <<'E'
return { name = "pack", api = 1, version = "2", author = "Jo Example", attributes = { "race" }, reference = "highest",
	family = "holm", pack = { name = "TEST", source = "1 CFR 1", from = "2027-01-01" },
	check = function(f) if f.flips then return "ok" end return "watch" end,
	summarise = function() end }
E
try "$EVENHAND" policy explain "$tap_dir/pack.lua" --tsv
like "explain: author" "$out" '^author	Jo Example$'
like "explain: the pack with its dates" "$out" '^rule pack	TEST .1 CFR 1., not in force before 2027-01-01$'
like "explain: without needs it says what the text reads" "$out" '^reads	flips$'
like "explain: callbacks" "$out" 'summarise: may change'
exits "explain: one that is not there" 1 "$EVENHAND" policy explain none

# ---- what check finds in a text ----

lint() { # policy on stdin; $out has "line text" of the document
	cat >"$tap_dir/l.lua"
	try "$EVENHAND" policy check "$tap_dir/l.lua" --json
	found=$(j '"\n".join("%d %s %s" % (r["line"], r["severity"], r["text"]) for r in d["remarks"])')
}
lint <<'E'
return { name = "l", api = 1, version = "1", check = function(f)
	if f.n == -1 then return { verdict = "ok", reson = "x", reason = "y" } end
	if f.n == -1 then return evenhand.family({ f.p }, "bonferoni") end
	if f.n == -1 then return evenhand.counts { by = { "evalutor", "position" }, clas = "sex" } end
	if f.n == -1 then return evenhand.benchmark({ selcted = 1, n = 2 }) end
	local e = evenhand.effects(1, 2, 1, 2)
	if f.n == -1 then return e.shortfal + e.phi + evenhand.strata({ { 1, 2, 1, 2 } }).ratoi end
	local i = f.n == -1 and e or f
	return i and { verdict = "ok", mine = i.nothing } and "ok"
end,
compute = function(project)
	if evenhand.project and evenhand.project.as_off then return {} end
	local p = evenhand.project
	if p and p.data.vectrs and p.declarations.anything and project.notifications.pendin then return {} end
end,
on_notification = function(n) return n.evaluatr and { text = n.evaluator } end }
E
is "fields, keys and words of what evenhand takes and gives" "$found" \
	'2 warning unknown field reson beside a verdict: did you mean reason, ref_n?
3 error "bonferoni" is no FamilyMethod: did you mean bonferroni?
4 error "evalutor" is no CountsKey: did you mean evaluator?
4 error unknown key clas of CountsQuery: did you mean class?
5 error unknown key selcted of Judge: did you mean selected?
7 error unknown field Effects.shortfal: did you mean shortfall, shortfall_pooled?
7 error unknown field ratoi of Strata: did you mean ratio?
12 error unknown field as_off of Project: did you mean as_of?
14 error unknown field ProjectData.vectrs: did you mean vectors?
14 error unknown field ProjectNotices.pendin: did you mean pending?
16 error unknown field Notice.evaluatr: did you mean evaluator?'
lint <<'E'
local function where(x, list)
	if #list > 5 then return x.em.intervl.low end
	return x.positon .. string.dmp
end
local function check(facts)
	local f = facts
	if f.ratio == -1 then
		return { verdict = "notfy", reason = where(f, {}) .. evenhand.ratio_txt(f.ratio) }
	elseif f.n == -1 then
		total = os.time()
	end
	return "ok"
end
return { name = "l", api = 1, version = "1", needs = { "ratio", "em", "phi" }, check = check,
	summarise = function(findings)
		for i, x in ipairs(findings) do
			if x.n == -1 then return { [i] = x.verdct } end
		end
	end }
E
is "check: status" "$status" 1
is "check: everything with its line and what was meant, also where no sample comes" "$found" \
"2 error unknown fact em.intervl: did you mean interval?
3 error string has no dmp
3 error unknown fact facts.positon: did you mean position?
8 error evenhand has no ratio_txt: did you mean ratio_text?
8 error unknown verdict \"notfy\": did you mean notify?
9 error fact n is read but not declared: add \"n\" to needs
10 error global total is assigned: a policy has no globals, write local total
10 error unknown global os: a policy has no clock and no system
14 warning needs names phi, which nothing here reads: leave it out
17 error unknown fact facts.verdct: did you mean verdict?" 2>/dev/null
lint <<'E'
return { name = "l", api = 1, version = "1", needs = { "ratio", "z" }, check = function(f)
	return { verdict = f.ratio and "ok" or "watch" } end }
E
is "check: a warning alone is no failure" "$status $found" \
	"0 1 warning needs names z, which nothing here reads: leave it out"
lint <<'E'
local M = { name = "l", api = 1, version = "1", needs = { "ratio", "z" } }
local t = { verdict = "x" == "y" and "ok" or "watch", positon = 1 }
function M.check(f) local y = f t = y for k in pairs(f) do t = k end return t.zz and "ok" or "watch" end
return M
E
is "check: where it is not sure it says nothing" "$status $found" "0 "
printf 'return { name = "l", api = 1, version = "1", check = function(f) local x = %s1%s return "ok" end }\n' \
	"$(printf '%150s' | tr ' ' '(')" "$(printf '%150s' | tr ' ' ')')" >"$tap_dir/l.lua"
cat >"$tap_dir/c.lua" <<-'E'
	return { name = "c", api = 1, version = "1", check = function() return "ok" end,
	  compute = function(project)
	    local n = evenhand.counts({ by = { "jurisdiction" }, class = "sex" })[1].n
	    return { { subject = "x", verdict = "ok", rule = "r", reason = n .. project.nonsuch } }
	  end }
E
exits "check: compute() runs too" 1 "$EVENHAND" policy check "$tap_dir/c.lua"
like "with file and line" "$err" 'c\.lua:4: unknown field project\.nonsuch \(compute\(\) on a sample project\)'
sed 's/project.nonsuch/project.as_of/' "$tap_dir/c.lua" >"$tap_dir/c2.lua"
exits "check: a compute() that is well" 0 "$EVENHAND" policy check "$tap_dir/c2.lua"
like "with its findings" "$err" 'compute\(\) on a sample project: 1 finding,'
exits "check: a deep text" 0 "$EVENHAND" policy check "$tap_dir/l.lua"
printf 'return %s' "$(printf '%200000s' | tr ' ' '(')" >"$tap_dir/l.lua"
exits "check: one that is deeper than Lua goes" 1 timeout 8 "$EVENHAND" policy check "$tap_dir/l.lua"
for file in scripts/*.lua; do
	name=$(basename "$file" .lua)
	[ "$name" = evenhand ] || ok "check: the shipped $name has no remark" \
		sh -c '"$EVENHAND" policy check "$1" 2>&1 >/dev/null | { ! grep -E "(error|warning): "; }' sh "$name"
done

# ---- what is made of the table of names ----

ok "the type stubs are Lua" lua5.4 -e 'assert(loadfile("scripts/meta/evenhand.lua"))()'
"$EVENHAND" manual lua >"$tap_dir/evenhand-lua.7"
if command -v man >/dev/null; then
	is "evenhand-lua(7) formats without a warning" "$(LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -l \
		"$tap_dir/evenhand-lua.7" 2>&1 >"$tap_dir/man.txt")" ""
	like "and has facts, functions and verdicts" "$(tr -s ' \n' '  ' <"$tap_dir/man.txt")" \
		'ratio_if_unknown_high.*evenhand\.below.*too_few|too_few.*ratio_if_unknown_high.*evenhand\.below'
else
	skip "evenhand-lua(7)" "man is not installed"
fi
is "stub" "$("$EVENHAND" manual stub | cksum)" "$(cksum <scripts/meta/evenhand.lua)"
exits "a page that there is not" 2 "$EVENHAND" manual none
cd "$root" || exit 1
finish
