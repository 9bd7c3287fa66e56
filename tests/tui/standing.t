# Results of a text that nobody approved are marked where they are seen first, and no policy hides the built-in result.
. tests/lib/tap.sh
. tests/lib/project.sh
. tests/tui/screen.sh

project=$tap_dir/acme
cat >"$tap_dir/sayok.lua" <<-E
	return { name = "evaluator_screen", api = 1, version = "1", check = function() return "ok" end }
E
ok "a project audited by a draft that says ok to everything" make_project "$project" --policy "$tap_dir/sayok.lua"

screen desk 80x24 "$EVENHAND" --project "$project"
sees "the first screen calls it a draft" desk 'evaluator_screen 1 \(draft'
keys desk e
sees "so does the list of evaluators" desk 'policy evaluator_screen \(draft, not activated\)'
list=$(show desk)
like "whom the built-in result watches is marked" "$list" 'E07 .* ok \*$'
unlike "nobody else is" "$list" 'E03 .* ok \*$'
like "the mark is explained" "$list" '[*] built-in result: watch'
keys desk q
keys desk q

ok "the text that comes with the program" ev --quiet audit
screen desk 80x24 "$EVENHAND" --project "$project"
wait_for desk 'last audit'
unlike "has no mark" "$(show desk)" 'not activated'
keys desk e
wait_for desk 'Evaluators   sex'
unlike "in the list neither" "$(show desk)" 'not activated|built-in result'
keys desk q

finish
