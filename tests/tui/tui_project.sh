# A project with an audit and notifications, made by the commands, for the screen tests: make_screen_project DIR.
# 14 evaluators judge 120 candidates (60 women) in 3 positions by a fixed rule: E04 and E07 are hard on women only,
# E09 judges few, one evaluator's id is wide (CJK), one has combining marks, one is as long as an id may be.

make_screen_project() {
	msp=$1
	mkdir -p "$msp.csv"
	awk 'BEGIN {
		print "candidate_id,jurisdiction,position_id,declared.sex,declared.age_40"
		for (i = 1; i <= 120; i++)
			printf "C%03d,US-NY,%s,%s,%s\n", i, substr("ABC", i % 3 + 1, 1), i % 2 ? "female" : "male", i % 5 < 2 ? "40_plus" : "under_40"
	}' >"$msp.csv/candidates.csv"
	awk -v eva="$msp.csv/evaluators.csv" -v dec="$msp.csv/evaluations.csv" -v ids="E01 E02 E03 E04 E05 E06 E07 E08 E09 E10 評価者一号 Zoë E13-abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-1234 E14" 'BEGIN {
		n = split(ids, id, " ")
		print "evaluator_id" > eva
		print "evaluator_id,candidate_id,position_id,decision" > dec
		for (e = 1; e <= n; e++) {
			print id[e] > eva
			for (i = 1; i <= 120; i++) {
				if (e == 9 && i > 22)
					continue
				h = (i * 37 + e * 53 + int(i * i / 7) * 11) % 100
				cut = 52
				if (e == 4 && i % 2)
					cut = 14
				if (e == 7 && i % 2)
					cut = 20
				if (e == 6)
					cut = 22
				printf "%s,C%03d,%s,%s\n", id[e], i, substr("ABC", i % 3 + 1, 1), h < cut ? "advance" : "reject" > dec
			}
		}
	}'
	"$EVENHAND" init "$msp" &&
		"$EVENHAND" --project "$msp" --quiet import evaluators "$msp.csv/evaluators.csv" &&
		"$EVENHAND" --project "$msp" --quiet import candidates "$msp.csv/candidates.csv" &&
		"$EVENHAND" --project "$msp" --quiet import evaluations "$msp.csv/evaluations.csv" &&
		"$EVENHAND" --project "$msp" --quiet audit
}
