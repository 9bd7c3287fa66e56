/* Footer, palette and help of every screen; see overlay.h. */
#define NCURSES_WIDECHAR 1
#include "views/overlay.h"

#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "parts/draw.h"

/* Rows of the key table that would do something here and now. */
static size_t valid_keys(const struct view *v, const struct action_info **out)
{
	const struct action_info *rows[ACT_COUNT];
	size_t n = keys_of(v->ops->kind, rows, ACT_COUNT), kept = 0;

	for (size_t i = 0; i < n; i++)
		if (view_can(v, rows[i]->id))
			out[kept++] = rows[i];
	return kept;
}

/* ---- footer ---- */

static int footer_width(const struct action_info *a)
{
	return draw_width(a->name) + 1 + draw_width(a->footer) + 2;
}

static bool always_in_footer(enum action a)
{
	switch (a) {
	case ACT_HELP: case ACT_FORM_HELP: case ACT_PALETTE: case ACT_BACK: case ACT_LEAVE: case ACT_COMMIT:
	case ACT_CANCEL: return true;
	default: return false;
	}
}

void footer_draw(const struct view *v)
{
	const struct action_info *rows[ACT_COUNT];
	size_t n = valid_keys(v, rows);
	int x = 1, y = LINES - 1, room = COLS + 1;      /* nothing stands behind the last one */

	for (size_t i = 0; i < n; i++)
		if (always_in_footer(rows[i]->id))
			room -= footer_width(rows[i]);
	draw_text(y, 0, COLS, false, E_FOOTER, "");
	for (size_t i = 0; i < n; i++) {
		int key = draw_width(rows[i]->name), word = draw_width(rows[i]->footer);

		if (rows[i]->footer[0] == '\0' || (!always_in_footer(rows[i]->id) && footer_width(rows[i]) > room))
			continue;
		if (!always_in_footer(rows[i]->id))
			room -= footer_width(rows[i]);
		draw_text(y, x, key, false, E_KEY, rows[i]->name);
		draw_text(y, x + key + 1, word, false, E_FOOTER, rows[i]->footer);
		x += footer_width(rows[i]);
	}
}

/* ---- palette ---- */

static bool holds_words(const struct action_info *a, const char *typed)
{
	char word[64];

	for (typed += strspn(typed, " "); *typed != '\0'; typed += strspn(typed, " ")) {
		size_t len = strcspn(typed, " ");

		(void)snprintf(word, sizeof word, "%.*s", (int)len, typed);
		if (strcasestr(a->help, word) == NULL && strcasestr(a->footer, word) == NULL)
			return false;
		typed += len;
	}
	return true;
}

size_t palette_rows(const struct view *v, const char *typed, const struct action_info **out)
{
	const struct action_info *rows[ACT_COUNT];
	size_t n = valid_keys(v, rows), kept = 0;

	for (size_t i = 0; i < n; i++)
		if (rows[i]->id != ACT_PALETTE && holds_words(rows[i], typed))
			out[kept++] = rows[i];
	return kept;
}

size_t palette_draw(const struct view *v, const struct line *typed, size_t chosen)
{
	const struct action_info *rows[ACT_COUNT];
	size_t n = palette_rows(v, typed->text, rows), height = (size_t)LINES - 4, from;

	draw_title("Do what?", "type words, Enter does it, Esc leaves");
	if (chosen >= n)
		chosen = n > 0 ? n - 1 : 0;
	from = chosen >= height ? chosen - height + 1 : 0;
	for (size_t i = from; i < n && i < from + height; i++) {
		bool at = i == chosen;
		int y = 2 + (int)(i - from);

		draw_text(y, 0, COLS, false, at ? E_SELECTED : E_TEXT, at ? term_symbol(S_POINTER) : "");
		draw_text(y, 2, 10, false, at ? E_SELECTED : E_KEY, rows[i]->name);
		draw_text(y, 13, COLS - 14, false, at ? E_SELECTED : E_TEXT, rows[i]->help);
	}
	if (n == 0)
		draw_text(2, 2, COLS - 3, false, E_TEXT, "nothing that can be done here holds these words");
	draw_rule(LINES - 2);
	draw_text(LINES - 1, 0, COLS, false, E_FOOTER, ":");
	(void)move(LINES - 1, line_draw(typed, LINES - 1, 2, COLS - 4, true));
	return chosen;
}

/* ---- help ---- */

static const struct {
	enum view_kind kind;
	const char *text;
} purposes[] = {
	{ V_DESK, "What waits for your answer, and how things stand in this project." },
	{ V_EVALUATORS, "One attribute and group, one line per evaluator: who selects this group less often than the "
			"reference, and how sure is that?" },
	{ V_METRICS, "Every finding about one evaluator (or all together), and the evidence of the selected one." },
	{ V_NOTIFICATIONS, "Findings that ask for a supervisor's answer, and the state of the answer." },
	{ V_RESPOND, "Your answer to one notification. It is kept with your login and the time; a later answer is "
	  "added, "
		     "nothing is replaced." },
	{ V_TEXT, "A text to read." },
	{ V_CANDIDATES, "Who may be looked at for what, what was measured of whom, and what to remark about it." },
	{ V_CANDIDATE, "What was measured of one candidate. The dots are the mean of the measured face meshes; no "
	  "picture is kept." },
	{ V_MODELS, "The models that give classes to candidates of whom none is known." },
	{ V_MODEL, "The card of a model: what it is for and not for, who taught it, how well it does on candidates it "
	  "never "
		   "saw, and its limits." },
	{ V_POLICIES, "Which texts of policies audits run, who proposed and who approved them, and what they said "
		      "last." },
	{ V_POLICY, "One text of a policy: its state, its settings, the versions of its name, its lines." },
	{ V_DIFF, "Lines that went (-) and lines that came (+) between two versions of a policy." },
	{ V_SIGN, "An act on a policy. It is kept with your login, the time and your reason; it changes what audits "
		  "run." },
	{ V_WHATIF, "Other settings of a policy, and at once the notifications that would appear or vanish. Nothing is "
		    "stored." },
	{ V_JOURNAL, "Every act in this project: who, when, what. A later change of an entry is noticed." },
};

static const struct {
	enum eh_verdict_kind verdict;
	const char *text;
} states[] = {
	{ EH_NOTIFY, "a potential violation: a supervisor must answer" },
	{ EH_WATCH, "below the limit, but the evidence does not carry it" },
	{ EH_OK_VERDICT, "within the limit" },
	{ EH_TOO_FEW, "too few people judged to tell" },
	{ EH_NOT_ALLOWED, "the law of the place does not allow this class to be looked at" },
	{ EH_CANNOT_CONCLUDE, "the numbers do not decide it" },
	{ EH_POLICY_ERROR, "the policy failed: no result" },
};

static const struct {
	const char *word, *text;
} words[] = {
	{ "n, sel", "decisions on people of the group, and how many of them were favourable" },
	{ "rate, ref", "selection rate of the group, and of the reference it is compared with" },
	{ "ratio",
	  "impact ratio: rate of the group / rate of the reference, stratum by stratum where there are several" },
	{ "[low high]", "its 95 % interval" },
	{ "p, q", "how often chance alone does this; q is corrected for all comparisons of the audit" },
	{ "flips", "would the swap of one person turn the order round?" },
	{ "benchmark", "other evaluators of the same candidates whose own ratio is within the limit" },
};

#define HELP_MAX 200
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

struct help {
	struct {
		enum element element;
		int x;                          /* [columns] of the text */
		char left[32];
		char *text;
	} line[HELP_MAX];
	int n;
};

/* A name and its text, which goes on below itself. */
static void add(struct help *h, enum element e, const char *left, int x, const char *text)
{
	char *part[8];
	size_t n = draw_wrap(text, COLS - x - 1, part, COUNT(part));

	for (size_t i = 0; i < n; i++) {
		if (h->n == HELP_MAX) {
			free(part[i]);
			continue;
		}
		h->line[h->n].element = e;
		h->line[h->n].x = x;
		(void)snprintf(h->line[h->n].left, sizeof h->line[0].left, "%s", i == 0 ? left : "");
		h->line[h->n++].text = part[i];
	}
}

static void make_help(struct help *h, const struct view *v)
{
	const struct action_info *rows[ACT_COUNT];
	size_t n = valid_keys(v, rows);
	char left[32], verdict[32];

	for (size_t i = 0; i < COUNT(purposes); i++)
		if (purposes[i].kind == v->ops->kind)
			add(h, E_TEXT, "", 1, purposes[i].text);
	add(h, E_TEXT, "", 1, " ");
	for (size_t i = 0; i < n; i++)
		add(h, E_KEY, rows[i]->name, 13, rows[i]->help);
	add(h, E_TEXT, "", 1, " ");
	for (size_t i = 0; i < COUNT(states); i++) {
		const char *symbol = eh_verdict_symbol(states[i].verdict, term_ascii());

		(void)snprintf(left, sizeof left, "%s%*s%s", symbol, 3 - draw_width(symbol), "",
			       verdict_words(states[i].verdict, verdict, sizeof verdict));
		add(h, verdict_element(states[i].verdict), left, 22, states[i].text);
	}
	(void)snprintf(left, sizeof left, "%s  screening", term_symbol(S_SCREENING));
	add(h, E_WATCH, left, 22,
	    "the ratio is estimated with predicted classes; n, rate and ref count known classes only");
	add(h, E_TEXT, "", 1, " ");
	for (size_t i = 0; i < COUNT(words); i++)
		add(h, E_HEAD, words[i].word, 22, words[i].text);
}

void help_draw(const struct view *v, int *scroll)
{
	struct help *h = eh_xcalloc(1, sizeof *h);
	int height = LINES - 4, last, end;
	char right[64];

	make_help(h, v);
	last = h->n > height ? h->n - height : 0;
	*scroll = *scroll < 0 ? 0 : *scroll > last ? last : *scroll;
	end = *scroll + height < h->n ? *scroll + height : h->n;
	(void)snprintf(right, sizeof right, "lines %d-%d of %d", *scroll + 1, end, h->n);
	draw_title("Keys of this screen, verdicts, words", right);
	for (int i = *scroll; i < end; i++) {
		int y = 2 + i - *scroll, x = h->line[i].x;

		draw_text(y, 2, x - 3, false, h->line[i].element, h->line[i].left);
		draw_text(y, x, COLS - x - 1, false, E_TEXT, h->line[i].text);
	}
	draw_rule(LINES - 2);
	draw_text(LINES - 1, 1, COLS - 2, false, E_FOOTER,
		  last > 0 ? "j k PgDn PgUp scroll  any other key leaves" : "any key leaves");
	(void)move(2, 1);
	for (int i = 0; i < h->n; i++)
		free(h->line[i].text);
	free(h);
}
