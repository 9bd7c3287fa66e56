# Mail about new notifications: off by default, ids and counts only, handed to a program that stands for sendmail.
. tests/lib/tap.sh
. tests/lib/project.sh
need python3

project=$tap_dir/p
ok "a project" make_project "$project" --dry-run
j() { json "$tap_dir/try.out" "$1"; }
handed_over() { ls "$tap_dir/out" | wc -l; }
mkdir "$project/policies" "$tap_dir/out"
# fake STATUS: takes a letter and its arguments, or not
fake() {
	cat >"$tap_dir/fake" <<-E
		#!/bin/sh
		n=\$(ls "$tap_dir/out" | wc -l)
		printf '%s\n' "\$*" >"$tap_dir/args"
		[ $1 -eq 0 ] && cat >"$tap_dir/out/\$n"
		env | grep -c EVENHAND >"$tap_dir/env"
		exit $1
	E
	chmod +x "$tap_dir/fake"
}
fake 0
conf() {
	rm -f "$project/mail.conf"
	(umask 077; printf '%s\n' "# mail" "sendmail = $tap_dir/fake" "from = evenhand@example.org" "$@" \
		>"$project/mail.conf")
}
# policy NAME [BEFORE]: notifies about women, and says something of it; BEFORE is Lua at the hook's begin
policy() {
	cat >"$project/policies/$1.lua" <<-E
		return { name = "$1", api = 1, version = "1", needs = { "n" },
		  check = function(f)
		    return f.group == "female" and { verdict = "notify", reason = "Secret words." } or "ok"
		  end,
		  on_notification = function(n) ${2:-}
		    if n.group ~= "female" then return nil end
		    return { text = n.scope .. " " .. (n.evaluator or "-") .. "\nSubject: x\r\n.\n" .. n.n,
		      to = { "supervisor", "privacy", "nobody_here" } }
		  end }
	E
}

# ---- off ----

try ev audit --json
is "an audit without mail.conf sends nothing" "$(handed_over)" 0
exits "and there is nothing to send" 1 ev mail send
like "which is said" "$err" 'mail is off: the project has no mail\.conf'
is "nor a spool" "$([ -e "$project/spool" ] && echo yes)" ""
try ev mail status --json
early=$(ev notifications list --json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["notifications"]))')
is "status says so, and how many nobody knows of" "$(j '[d["on"], d["waiting"], d["letters"]]')" "[false, $early, []]"
is "some are" "$([ "$early" -gt 0 ] && echo yes)" yes

# ---- a file that is not safe, or wrong ----

conf "to.supervisor = boss@example.org"
chmod 644 "$project/mail.conf"
exits "others may not read it" 3 ev mail send
like "with the mend" "$err" 'chmod 600 mail\.conf'
for line in "to.supervisor = boss" "to.supervisor = a@b.example,-oX@c.example" 'to.supervisor = "a b"@c.example' \
	"Bcc = c@d.example" "to.Boss = a@b.example" "after_audit = maybe" "from = x@y.example, z@y.example" \
	"colour = blue"; do
	conf "$line"
	exits "refused: $line" 3 ev mail send
	like "with its line" "$err" 'mail\.conf:4: '
	unlike "and without what stands there" "$err" 'c\.example'
done
conf "after_audit = no"
exits "a supervisor is needed" 3 ev mail send
like "by name" "$err" 'lacks to\.supervisor'

# ---- on ----

policy house
conf "to.supervisor = boss@example.org, deputy@example.org" "to.privacy = dpo@example.org"
try ev audit --policy house --json
is "the audit is sound" "$status" 0
raised=$(($(j 'run["raised"]') + early)) # those of the time without mail are told of with them
like "and tells of letters" "$err" 'mail: 2 letters written, 2 handed over'
is "two letters, one to each role" "$(handed_over)" 2
is "no address in an argument" "$(cat "$tap_dir/args")" "-i -t"
is "and nothing of our environment" "$(cat "$tap_dir/env")" 0
cat >"$tap_dir/parse.py" <<-'E'
	import email, email.policy, re, sys
	raw = open(sys.argv[1], "rb").read()
	m = email.message_from_bytes(raw, policy=email.policy.default)
	body = m.get_content()
	print(sorted(k for k in m.keys()))
	print(m["To"], "|", m["From"], "|", m["Subject"])
	print(m["Date"], m.get_content_type(), m.get_content_charset(), m["MIME-Version"])
	print(bool(re.fullmatch(r"<evenhand\.L0001\.[0-9]+@example\.org>", m["Message-ID"])))
	print(len(re.findall(r"^N[0-9]{4}$", body, re.M)) == int(sys.argv[2]), m.defects)
	print(max(len(l) for l in raw.split(b"\n")) <= 998, b"\r" in raw)
	said = [l for l in body.splitlines() if "E07" in l]
	print("Secret" in body, said == ["    individual E07\ufffdSubject: x\ufffd\ufffd.\ufffd60"])
	print([l for l in body.splitlines() if l.startswith("Subject") or l == "."])
E
python3 "$tap_dir/parse.py" "$tap_dir/out/0" "$raised" >"$tap_dir/parsed"
is "headers are ours alone" "$(sed -n 1p "$tap_dir/parsed")" \
	"['Auto-Submitted', 'Content-Transfer-Encoding', 'Content-Type', 'Date', 'From', 'MIME-Version', 'Message-ID', \
'Subject', 'To']"
is "to whom, from whom, how many" "$(sed -n 2p "$tap_dir/parsed")" \
	"boss@example.org, deputy@example.org | evenhand@example.org | Evenhand: $raised notifications to answer"
is "when, and what" "$(sed -n 3p "$tap_dir/parsed")" "Wed, 25 Nov 2026 10:00:00 +0000 text/plain utf-8 1.0"
is "its id" "$(sed -n 4p "$tap_dir/parsed")" True
is "every id on a line" "$(sed -n 5p "$tap_dir/parsed")" "True []"
is "in lines a program takes" "$(sed -n 6p "$tap_dir/parsed")" "True False"
is "the policy's text, not its reason" "$(sed -n 7p "$tap_dir/parsed")" "False True"
is "adds no line" "$(sed -n 8p "$tap_dir/parsed")" "[]"
like "the other role has its own" "$(cat "$tap_dir/out/1")" '^To: <dpo@example\.org>$'
is "with what is for it" "$(grep -c '^N[0-9]' "$tap_dir/out/1")" "$(grep -c '^    ' "$tap_dir/out/0")"
is "handed over letters leave the spool" "$(ls "$project/spool" | wc -l)" 0
is "which is nobody else's" "$(stat -c %a "$project/spool")" 700
unlike "no address in the journal" "$(ev journal show --tsv)" '@'
like "but what was done" "$(ev journal show --tsv | tail -1)" \
	'mail\.send	letters	2 written, 2 handed over, 0 failed'
try ev audit --policy house --json
is "the same matters again are no news" "$(handed_over)" 2
try ev mail send
is "nor asked for" "$status $(handed_over)" "0 2"

# ---- what does not go out ----

fake 75
policy other 'error("boom")'
try ev audit --policy other
is "a mail server that is away is no failure of the audit" "$status" 0
like "a hook that fails is said" "$err" 'mail: on_notification\(\) of N[0-9]{4}: other\.lua:[0-9]+: boom'
try ev mail status --json
is "the letter waits to be tried again" \
	"$(j '[[x["state"], x["tries"], x["error"]] for x in d["letters"] if x["state"] != "sent"]')" \
	'[["failed", 1, "sendmail ended with status 75"]]'
is "in the spool" "$(ls "$project/spool")" L0003.eml
is "for nobody else" "$(stat -c %a "$project/spool/L0003.eml")" 600
is "as RFC 5322 has it" "$(grep -c "$(printf '\r')\$" "$project/spool/L0003.eml")" \
	"$(wc -l <"$project/spool/L0003.eml")"
mv "$project/spool/L0003.eml" "$tap_dir/kept.eml"
mkfifo -m 600 "$project/spool/L0003.eml"
exits "a FIFO in its place holds nobody" 1 timeout 10 "$EVENHAND" --project "$project" mail send
like "and is not read" "$err" 'letter L0003: its file in the spool cannot be read'
rm "$project/spool/L0003.eml"
mv "$tap_dir/kept.eml" "$project/spool/L0003.eml"
exits "trying again fails again" 1 ev mail send
like "and says why" "$err" 'letter L0003: sendmail ended with status 75'
for i in 3 4 5 6 7 8 9; do try ev mail send; done
try ev mail status --json
is "until it is given up" "$(j '[[x["state"], x["tries"]] for x in d["letters"] if x["state"] != "sent"]')" \
	'[["given up", 8]]'
fake 0
try ev mail send
is "one that was given up is not tried" "$(handed_over)" 2
: >"$project/spool/L0099.eml"
exits "but when it is asked for" 0 ev mail send --again
is "it goes" "$(handed_over)" 3
like "help says what becomes of a letter when the machine stops" "$("$EVENHAND" mail send --help | tr -s ' \n' ' ')" \
	'handed over once more, with the same Message-ID'
is "and nothing stays, also of a crash" "$(ls "$project/spool" | wc -l)" 0
like "without the hook's text it has the ids" "$(cat "$tap_dir/out/2")" '^N[0-9]{4}$'

conf "to.supervisor = boss@example.org" "after_audit = no"
policy third
try ev audit --policy third
is "after_audit = no: nothing goes by itself" "$(handed_over)" 3
try ev mail status --json
is "it waits" "$(j 'd["waiting"] > 0')" true
exits "for mail send" 0 ev mail send
is "then it goes, to the supervisor where there is no such role" "$(handed_over)" 4
policy answered
mv "$project/mail.conf" "$tap_dir/mail.conf"
try ev audit --policy answered --json
waiting=$(ev mail status --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["waiting"])')
last=$(ev notifications list --json | python3 -c 'import json, sys
print(max(x["notification"] for x in json.load(sys.stdin)["notifications"]))')
exits "one is answered while mail is off" 0 ev notifications confirm "$last" --reason seen
mv "$tap_dir/mail.conf" "$project/mail.conf"
try ev mail status --json
is "it needs no letter" "$(j 'd["waiting"]')" "$((waiting - 1))"
exits "the others get one" 0 ev mail send
is "which does not name it" "$(grep -c "^$last" "$tap_dir/out/4"; grep -c '^N[0-9]' "$tap_dir/out/4")" "0
$((waiting - 1))"
try ev mail status --json
is "once" "$(j 'd["waiting"]')" 0

sed -i "s|$tap_dir/fake|$tap_dir/none|" "$project/mail.conf"
policy fourth
try ev audit --policy fourth
exits "a program that is not there" 1 ev mail send
like "is said" "$err" '(cannot be started|status 127)'

finish
