# What one person does shows on the screens of the others within two seconds, and nothing else moves there.
. tests/lib/tap.sh
. tests/lib/project.sh
. tests/tui/screen.sh

project=$tap_dir/p
ok "a project with two notifications" make_screen_project "$project"
for name in a b c d; do
	screen $name 80x24 "$EVENHAND" --project "$project" tui
	wait_for $name 'WAITING FOR YOU'
done
keys b n
wait_for b 'Notifications   2 of 2 wait'
keys b j
wait_for b '^▸ N0002'
keys c e
wait_for c 'Evaluators '
keys c j j j
settled c >"$tap_dir/c.before"
keys d r
wait_for d 'Your answer'
keys d r Tab 'half a sentence'
wait_for d 'half a sentence'

now() { date +%s%N; }
keys a r
wait_for a 'Your answer'
keys a c Tab 'the benchmark holds'
wait_for a 'the benchmark holds'
keys a C-s
wait_for a 'N0001: confirmed; stored'
begun=$(now)
wait_for b '^  N0001 confirmed'
took=$((($(now) - begun) / 1000000))
sees "an answer in one session shows in another" b '^  N0001 confirmed'
ok "within 2 s (it took $took ms)" [ "$took" -lt 2000 ]
like "the head counts anew" "$(show b | head -1)" 'Notifications   1 of 2 wait'
like "the selection there stays on its record" "$(settled b >/dev/null; cursor_line b)" '^▸ N0002'
is "a screen that shows nothing of it does not change" "$(settled c)" "$(cat "$tap_dir/c.before")"
sees "a form about the same notification says that it was changed" d \
	'somebody else changed this notification meanwhile \(it is confirmed'
like "what is being written there stays" "$(settled d)" 'half a sentence'
keys d C-s
sees "and is not stored over the other answer" d 'not stored: N0001 was changed by somebody else'
keys c q
sees "a screen below another one is new too when it comes up" c 'WAITING FOR YOU +1 row$'

# ---- commands count as well ----

begun=$(now)
ev --quiet notifications reject N0002 --reason "no ground" 2>/dev/null
wait_for b '^▸ N0002 rejected'
took=$((($(now) - begun) / 1000000))
sees "an answer by command shows in a session" b '^▸ N0002 rejected'
ok "within 2 s (it took $took ms)" [ "$took" -lt 2000 ]
sees "and on the desk of another" a 'nothing waits for an answer'
keys a J
sees "the journal lists both acts" a 'notification\.confirm'
like "newest first" "$(show a | sed -n 4p)" 'notification\.reject'
keys a q
wait_for a 'nothing waits for an answer'
printf 'evaluator_id,candidate_id,question_id,decision\nE07,C001,q3,reject\nE13,C002,q3,reject\n' >"$tap_dir/more.csv"
ev --quiet import evaluations "$tap_dir/more.csv"       # other evidence: an answered matter stays answered without it
ev --quiet audit >/dev/null
sees "a notification that an audit raises appears by itself" a 'WAITING FOR YOU +1 row$'
# ---- a commit that is slow to reach the disk: it counts when readers see it, not before ----

cat >"$tap_dir/slow.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
static ssize_t (*real)(int, const void *, size_t, off_t);
ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
	ssize_t n;

	real = real != NULL ? real : (ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
	n = real(fd, data, size, at);
	if (size < 200)                 /* a meta page, which is what makes a commit */
		usleep(600000);
	return n;
}
C
pending=$(ev notifications list --tsv | awk -F '\t' '$2 == "pending" { print $1; exit }')
if ${CC:-cc} -shared -fPIC -o "$tap_dir/slow.so" "$tap_dir/slow.c" -ldl 2>/dev/null; then
	LD_PRELOAD=$tap_dir/slow.so ASAN_OPTIONS=verify_asan_link_order=0 "$EVENHAND" --project "$project" --quiet \
		notifications reject "$pending" --reason "seen elsewhere"
	sees "a commit that is slow to reach the disk shows too" a 'nothing waits for an answer'
else
	skip "a commit that is slow to reach the disk shows too" "no C compiler"
fi
ok "the journal is whole" ev journal verify

# ---- so does time ----

ending=$tap_dir/ending
"$EVENHAND" --quiet init "$ending"
printf 'candidate_id,jurisdiction\nCD,DE\n' >"$tap_dir/cd.csv"
"$EVENHAND" --quiet --project "$ending" import candidates "$tap_dir/cd.csv"
{
	echo candidate_id,purpose,granted,at,expires
	end=$(date -u -d '+6 seconds' +%Y-%m-%dT%H:%M:%SZ)
	for p in watch face voice train; do echo "CD,$p,yes,2000-01-01,$end"; done
} >"$tap_dir/ends.csv"
"$EVENHAND" --quiet --project "$ending" import consents "$tap_dir/ends.csv"
screen e 80x24 -u EVENHAND_TIME_NOW "$EVENHAND" --project "$ending" tui
wait_for e 'Desk   supervisor: '
keys e c
sees "a consent that holds" e 'CD +DE +all'
sees "is gone from the screen when it has run out, though nobody stored anything" e 'CD +DE +none'
finish
