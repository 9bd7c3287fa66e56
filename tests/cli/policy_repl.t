# policy repl: the prompt without a terminal, on samples and on a project; and at one, with history and completion.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
XDG_STATE_HOME=$tap_dir/state
export XDG_STATE_HOME
repl() { # ARGUMENTS..., input on stdin
	"$EVENHAND" policy repl "$@" >"$tap_dir/try.out" 2>"$tap_dir/try.err"
	status=$?
	out=$(cat "$tap_dir/try.out")
	err=$(cat "$tap_dir/try.err")
}

repl four_fifths <<'E'
1 + 1
=f.ratio
x = { b = 1, a = "t", [3] = { 1, 2 }, [true] = "y" }
x

for i = 1, 2 do

	print(i, x.a)
end
#findings, policy.name
check(f).verdict
f.limit
E
is "values, statements of several lines, what stays from line to line" "$out" '2
0.5
{ [3] = { 1, 2 }, a = "t", b = 1, [true] = "y" }
1	t
2	t
6
"four_fifths"
"watch"
{ den = 5, num = 4 }'
is "without anything wrong" "$status$err" 0
repl four_fifths <<'E'
f
{ a = { 1, 2 }, b = { ("x"):rep(60), ("y"):rep(60) } }
E
is "facts fit a screen" \
	"$(printf '%s\n' "$out" | awk 'length > 80 { wide++ } END { print wide + 0, (NR > 8 && NR < 45) }')" "0 1"
like "what is large inside is named by its size" "$out" '(why|benchmark) = \{ [0-9]+ members \}'
like "what has no value by its name" "$out" '^nil: [a-z_]+, '
like "a table of a table too" "$out" '^\{ a = \{ 1, 2 \}, b = \{ 2 members \} \}$'
repl four_fifths <<'E'
type(evenhand.library("stages").findings), type(evenhand.library("ll144").verdict)
E
is "libraries, also those that the policy does not name" "$status $out$err" '0 "function"
"function"'
repl <<'E'
f.rattio
x = 5
while true do end
x
local t = {} while true do t[#t + 1] = string.rep("x", 1e5) .. #t end
os
f.n = 1
string.rep = nil
x
E
is "errors do not end the session" "$out" "5
nil
5"
is "but it tells" "$status" 1
like "a fact that there is not" "$err" 'repl:1: unknown fact facts\.rattio: did you mean ratio\?'
like "a line that never ends is stopped" "$err" 'repl:1: refused: instruction budget'
like "and said to be undone" "$err" 'the worker was replaced'
like "memory" "$err" 'repl:1: not enough memory: a policy has 32 MiB'
like "facts are read-only" "$err" 'facts is read-only'
like "libraries too" "$err" 'libraries are read-only'
repl <<'E'
y = 1 error("after")
y
string.rep("a", 30):find(string.rep("a?", 30) .. string.rep("a", 30) .. "b")
("x"):rep(200000)
E
is "what a line did before its error stands; a long value is cut, a long search is stopped or done" \
	"$(printf '%s\n' "$out" | head -1)" 1
printf 'print("\033]0;pwned\007\\27[31m")\n' | "$EVENHAND" policy repl >"$tap_dir/try.out" 2>&1
is "no control character comes through" "$(LC_ALL=C tr -d '[:print:]\n\200-\377' <"$tap_dir/try.out" | wc -c)" 0
repl <<'E'
if true then
E
is "an input that does not end" "$status" 1
like "is said" "$err" 'not complete'
begin=$(date +%s)
{ for i in 1 2 3 4 5 6; do echo "for i = 1, 6000000 do end"; done; echo '"end"'; } >"$tap_dir/long"
repl <"$tap_dir/long"
is "every line has a budget of its own" "$out" '"end"'
ok "and the lines are not minutes" [ $(($(date +%s) - begin)) -lt 60 ]

# ---- a project ----

ok "a project" make_project "$project"
before=$(state_of "$project")
repl() {
	"$EVENHAND" --project "$project" policy repl "$@" >"$tap_dir/try.out" 2>"$tap_dir/try.err"
	status=$?
	out=$(cat "$tap_dir/try.out")
	err=$(cat "$tap_dir/try.err")
}
repl four_fifths <<'E'
rows = evenhand.counts({ by = { "evaluator" }, class = "sex", where = { evaluator = "E07" } })
rows[1].group, rows[1].n
#findings > 20, findings[1].n
project.as_of, evenhand.project.evaluators
E
is "facts, counts and the project are the project's" "$out" '"female"
60
true
720
"2026-11-25"
12'
repl four_fifths <<'E'
#evenhand.counts({ by = { "jurisdiction" } }) > 0
E
is "jurisdictions too, whatever the policy asks for" "$out$err" true
repl --sample <<'E'
#findings
E
is "--sample: the made-up ones all the same" "$out" 6
is "nothing is stored" "$(state_of "$project")" "$before"
exits "a policy that is not there" 1 ev policy repl four_fiths
like "and near ones" "$err" 'did you mean four_fifths\?'

# ---- at a terminal ----

cat >"$tap_dir/session.py" <<'E'
import os, pty, select, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execv(os.environ["EVENHAND"], ["evenhand", "policy", "repl", "four_fifths"])
out = b""
def wait(text, seconds=10):
    global out
    end = time.time() + seconds
    while text not in out and time.time() < end:
        if select.select([fd], [], [], 0.1)[0]:
            try:
                part = os.read(fd, 4096)
            except OSError:
                break
            if not part:
                break
            out += part
    return text in out
ok = [wait(b"> ")]
os.write(fd, b"f.below_t\t\r")
ok.append(wait(b"f.below_two_percent") and wait(b"false"))
os.write(fd, b"evenhand.impact\t(1, 2, 3, 4)\r")
ok.append(wait(b"0.6666"))
os.write(fd, b"\x1b[A\x1b[A\r")
ok.append(wait(b"false", 5))
os.write(fd, b":quit\r")
try:
    while select.select([fd], [], [], 5)[0] and os.read(fd, 4096):
        pass
except OSError:
    pass
ok.append(os.waitpid(pid, 0)[1] == 0)
print(ok)
E
is "prompt, completion of facts and functions, history, end" "$(python3 "$tap_dir/session.py")" \
	"[True, True, True, True, True]"
history=$XDG_STATE_HOME/evenhand/repl_history
is "the history is the user's alone" "$(stat -c '%a' "$history") $(stat -c '%a' "$XDG_STATE_HOME/evenhand")" "600 700"
like "and has what was typed" "$(cat "$history")" 'evenhand\.impact_ratio\(1, 2, 3, 4\)'
finish
