# FFmpeg's module: what opens no recording works without it; a missing one, another build's and somebody else's are
# named with the mend; and nothing but the program's own place decides which one is loaded.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3 perl

module=${EVENHAND%/*}/evenhand-media.so
EVENHAND_DATA=$PWD
export EVENHAND_DATA
mkdir -p "$tap_dir/bin"
cp "$EVENHAND" "$tap_dir/bin/evenhand"
program=$EVENHAND
EVENHAND=$tap_dir/bin/evenhand
project=$tap_dir/p
cd "$tap_dir" || exit 1
media() { "$EVENHAND" doctor --tsv | awk -F'\t' '$2 == "media" { print $1 ": " $3 }'; }
with() { # FILE: it lies beside the program
	rm -rf bin/evenhand-media.so
	[ -z "$1" ] || cp "$1" bin/evenhand-media.so
}

if command -v ldd >/dev/null; then
	unlike "the program itself is linked with no library of FFmpeg" "$(ldd "$program")" 'lib(av|sw)[a-z]+\.so'
	like "the module is" "$(ldd "$module")" 'libavcodec\.so'
else
	skip "the program itself is linked with no library of FFmpeg" "there is no ldd"
	skip "the module is" "there is no ldd"
fi

# ---- missing ----

ok "a project is made and audited without it" make_project "$project"
exits "its findings are told" 0 ev notifications show N0001
printf 'evaluator_id,candidate_id,decision,candidate_sex\nE1,C1,advance,female\nE1,C2,reject,male\n' >table.csv
exits "a table is counted" 0 "$EVENHAND" rates table.csv
exits "the version is told" 0 "$EVENHAND" version
like "and that there is no FFmpeg" "$out" '^evenhand [^ ]+, policy api 1, .*no FFmpeg'
exits "doctor calls it broken" 3 "$EVENHAND" doctor
like "with the mend and the places" "$(media)" \
	'^BROKEN: .*evenhand-media\.so is missing; run "make" .*"make install".*\(looked in .*/bin, in \.\./lib/evenhand'
printf 'candidate_id,question_id,path\nC001,q1,none.mp4\n' >interviews.csv
ok "an interview" ev --quiet import interviews interviews.csv
exits "a recording cannot be opened" 3 ev extract
like "for want of the module, with the mend" "$err" 'evenhand-media\.so is missing; run "make"'

# ---- where it is looked for ----

cp "$module" evenhand-media.so
mkdir elsewhere
cp "$module" elsewhere/evenhand-media.so
like "neither here nor in the environment" \
	"$(LD_LIBRARY_PATH=$tap_dir/elsewhere EVENHAND_DATA=$tap_dir/elsewhere media)" '^BROKEN: .*is missing'
mkdir -p lib/evenhand
cp "$module" lib/evenhand/
like "an install that was moved has it in ../lib/evenhand" "$(media)" '^ok: FFmpeg '
with "$module"
rm -rf lib
like "a build has it beside the program" "$(media)" '^ok: FFmpeg '
ln -s bin/evenhand link
like "a link to the program is no other place" "$(EVENHAND=$tap_dir/link media)" '^ok: FFmpeg '
exits "and it is used" 1 ev extract
like "the recording is what is missing now" "$out$err" 'no such file'

# ---- what is not loaded ----

printf 'this is no library' >text
with text
like "what is no library" "$(media)" '^BROKEN: recordings cannot be opened: .*evenhand-media\.so.*; install FFmpeg'
mark=$(LC_ALL=C perl -ne 'print $1 if /\0(\d+-\d+)\0/' "$module" | head -n 1)
like "the module says which sources it was made of" "$mark" '^[0-9]+-[0-9]+$'
LC_ALL=C perl -pe "s/\\Q$mark\\E/'7' x length('$mark')/e" "$module" >other
with other
like "another build's" "$(media)" '^BROKEN: .*evenhand-media\.so belongs to another build of the program; run "make"'
with "$module"
chmod 666 bin/evenhand-media.so
like "one that others can write" "$(media)" '^BROKEN: .*evenhand-media\.so is not loaded: another account'
chmod 644 bin/evenhand-media.so
chmod 777 bin
like "or its directory" "$(media)" '^BROKEN: .*evenhand-media\.so is not loaded: another account'
chmod 755 bin
if [ "$(id -u)" -eq 0 ]; then
	chown 65534 bin/evenhand-media.so
	like "another account's" "$(media)" '^BROKEN: .*evenhand-media\.so is not loaded: another account'
else
	skip "another account's" "only root can give a file away"
fi
finish
