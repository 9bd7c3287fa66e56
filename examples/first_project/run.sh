#!/bin/sh
# From four tables to findings: run.sh [DIR] makes a project in DIR (EVENHAND=PROGRAM when it is not installed).
set -eu
tables=$(cd "$(dirname "$0")" && pwd)
project=${1:-first-project}
evenhand=${EVENHAND:-evenhand}
"$evenhand" init "$project"
for kind in evaluators candidates consents evaluations; do
	"$evenhand" --project "$project" import "$kind" "$tables/$kind.csv"
done
"$evenhand" --project "$project" audit
"$evenhand" --project "$project" evaluators
"$evenhand" --project "$project" notifications list
