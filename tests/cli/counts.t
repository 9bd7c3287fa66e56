# A policy counts for itself what the audit counted: the same numbers, from the project's decisions.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

# 40 women and 40 men, two stages, two evaluators; in the second project every candidate has one decision only.
tables() {
	awk -v dir="$1" -v once="$2" '
	function put(file, line) { print line > (dir "/" file) }
	BEGIN {
		put("evaluators.csv", "evaluator_id")
		put("candidates.csv", "candidate_id,jurisdiction,position_id,declared.sex")
		put("evaluations.csv", "evaluator_id,candidate_id,stage,decision")
		put("evaluators.csv", "E1")
		put("evaluators.csv", "E2")
		for (i = 0; i < 80; i++) {
			put("candidates.csv", sprintf("C%02d,US-IL,clerk,%s", i,
				i % 8 == 7 ? "" : i % 2 ? "male" : "female"))
			for (e = 1; e <= 2; e++)
				if (!once || i % 2 + 1 == e)
					put("evaluations.csv", sprintf("E%d,C%02d,S%d,%d", e, i,
						i % 3 == 0 ? 2 : 1, (i * 7 + e) % 5 < 2))
		}
	}'
}

cat > "$tap_dir/recount.lua" <<'LUA'
return {
	name = "recount", api = 1, version = "1",
	check = function(f)
		local where = {group = f.group}
		local n, selected, persons = 0, 0, 0
		if not f.pooled then
			where.evaluator = f.evaluator
		end
		for _, row in ipairs(evenhand.counts {by = {"stage"}, class = f.attribute, where = where}) do
			n, selected = n + row.n, selected + row.selected
		end
		for _, row in ipairs(evenhand.counts {class = f.attribute, where = where}) do
			persons = persons + row.persons
		end
		if n == f.n and selected == f.selected and persons == f.persons then
			return {verdict = "watch", reason = "the same"}
		end
		return {verdict = "notify", reason = ("%d/%d of %d, facts %d/%d of %d"):format(selected, n, persons,
			f.selected, f.n, f.persons)}
	end,
}
LUA

for once in 0 1; do
	project=$tap_dir/p$once
	mkdir "$tap_dir/t$once"
	tables "$tap_dir/t$once" $once
	ok "a project" ev --quiet init "$project"
	for kind in evaluators candidates evaluations; do
		ok "$kind" ev --quiet import $kind "$tap_dir/t$once/$kind.csv"
	done
	try ev audit --dry-run --json --policy "$tap_dir/recount.lua"
	is "every finding's counts are those that the policy counts" \
		"$(json "$tap_dir/try.out" 'sorted({f["reason"] for f in all_findings()})')" '["the same"]'
	is "four of evaluators were compared, beside the pooled" \
		"$(json "$tap_dir/try.out" 'len([f for f in all_findings()])')" 4
done

cat > "$tap_dir/stages.lua" <<'LUA'
return {
	name = "stages", api = 1, version = "1",
	check = function(f)
		local texts = {}
		local rows = evenhand.counts {by = {"stage"}, class = "sex", where = {evaluator = f.evaluator}}
		for i, row in ipairs(rows) do
			texts[i] = ("%s %s %d/%d"):format(row.stage, row.group or "unknown", row.selected, row.n)
		end
		return {verdict = "watch", reason = table.concat(texts, ", ")}
	end,
}
LUA
try ev audit --dry-run --json --policy "$tap_dir/stages.lua"
cp "$tap_dir/try.out" "$tap_dir/first"
try ev audit --dry-run --json --policy "$tap_dir/stages.lua"
ok "the same bytes again" cmp -s "$tap_dir/first" "$tap_dir/try.out"
is "stages in order, unknown classes last" \
	"$(json "$tap_dir/try.out" 'next(f["reason"] for f in all_findings() if f["evaluator"] == "E2")')" \
	'S1 male 8/20, S1 unknown 3/7, S2 male 4/10, S2 unknown 1/3'

cat > "$tap_dir/period.lua" <<'LUA'
return { name = "period", api = 1, version = "1", check = function()
	local rows = evenhand.counts {by = {"period"}}
	return {verdict = "watch", reason = #rows}
end }
LUA
try ev audit --dry-run --policy "$tap_dir/period.lua"
like "without times there are no periods, and that is said" "$(cat "$tap_dir/try.err" "$tap_dir/try.out")" \
	'period.lua:2: evenhand.counts: these data have no decided_at'

finish
