/*
 * view.h - what a screen is: a record of operations over a state of its own, on a stack of screens.
 */
#ifndef EH_TUI_VIEWS_VIEW_H
#define EH_TUI_VIEWS_VIEW_H

#include <stdbool.h>

#include "desk/desk.h"
#include "desk/policies.h"
#include "parts/keys.h"
#include "parts/table.h"

struct view;

/* What every screen may do to the whole: open another, leave, say a line. */
struct screens {
	struct eh_desk *desk;
	struct view *stack[16];
	int depth;
	bool leave;
	char message[512];
	struct draft *draft;                    /* answers left without storing them; NULL = none */
};

struct view_ops {
	enum view_kind kind;
	/* Reads what is shown; called at opening and whenever anybody committed.  A failure is shown as a message, and
	 * what was shown before stays. */
	int (*load)(struct view *v, struct eh_err *err);
	/* Draws lines 0 .. LINES-3 (rule and footer are the caller's) and puts the cursor's place into v->cursor_*. */
	void (*draw)(struct view *v);
	/* An action of the view's own; movement, filter, sort, help and back are done by the caller. */
	void (*act)(struct view *v, enum action a);
	/* Keys that are no action (text fields); true when taken.  May be NULL. */
	bool (*key)(struct view *v, int key, bool is_key);
	/* Would the action do something now?  NULL: what the keys_wants functions say is enough. */
	bool (*can)(const struct view *v, enum action a);
	void (*close)(struct view *v);          /* frees v->state */
};

struct view {
	const struct view_ops *ops;
	struct screens *screens;
	void *state;
	struct table *table;                    /* for movement, filter, sort; NULL = none */
	int *scroll, scroll_max;                /* for views of text; NULL = none */
	int cursor_y, cursor_x;
};

struct view *view_new(const struct view_ops *ops, struct screens *s, void *state);
/* Loads and puts on top; on a failure the message says why and nothing is opened. */
void view_open(struct view *v);
void view_back(struct screens *s);
bool view_can(const struct view *v, enum action a);
void screens_say(struct screens *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- the screens ---- */

struct view *desk_view(struct screens *s);
/* first: the attribute and group to begin with; NULL = those of the strongest finding. */
struct view *evaluators_view(struct screens *s, const struct eh_finding *first);
/* evaluator "" = pooled; the selection begins on the finding of that attribute, group and position. */
struct view *metrics_view(struct screens *s, const struct eh_finding *first);
struct view *notifications_view(struct screens *s);
/* Takes up the draft when there is one of this notification. */
struct view *respond_view(struct screens *s, uint64_t notification);
void draft_free(struct draft **d);
struct view *journal_view(struct screens *s);
struct view *candidates_view(struct screens *s);
/* Refused without the candidate's consent to watch. */
struct view *candidate_view(struct screens *s, const char *id);
/* The card of the only model, else the list of them. */
struct view *models_view(struct screens *s);
struct view *model_view(struct screens *s, const char *attribute);
/* Which policies hold, who answers for them, what they said last. */
struct view *policies_view(struct screens *s);
/* One text: its state, settings, versions, lines. */
struct view *policy_view(struct screens *s, const struct eh_policy_row *row);
/* What it changes against the active text of its name. */
struct view *diff_view(struct screens *s, const struct eh_policy_row *row);
/* ACT_PROPOSE, ACT_APPROVE or ACT_RETIRE of it, with a reason, signed by another key than the one that opened it. */
struct view *sign_view(struct screens *s, const struct eh_policy_row *row, enum action act);
/* Opens what an action of a list of policies asks for; false when it is no such action. */
bool policy_act(struct screens *s, const struct eh_policy_row *row, enum action a);
/* Would it do something to this text? */
bool policy_can(const struct eh_policy_row *row, enum action a);
/* Other settings of the policy, and the notifications that they would make. */
struct view *whatif_view(struct screens *s, const struct eh_policy_row *row);
/* Takes over text (malloc'd). */
struct view *text_view(struct screens *s, const char *title, char *text);
/* How the numbers of a finding came about. */
struct view *explain_view(struct screens *s, const struct eh_finding *f);
/* Notification with its answers, as text that follows what is stored. */
struct view *notification_text_view(struct screens *s, uint64_t notification);

/* ---- shared by them ---- */

enum element verdict_element(enum eh_verdict_kind v);
void verdict_cell(struct table_row *r, int column, const struct eh_finding *f);
/* Is the ratio that decides an estimate with predicted classes? */
bool is_screening(const struct eh_finding *f);
/* The deciding ratio of a finding, the same with its interval; both sorted by the ratio. */
void ratio_cell(struct table_row *r, int column, const struct eh_finding *f);
void ratio_interval_cell(struct table_row *r, int column, const struct eh_finding *f);
/* What lists of notifications have in common: their columns of it. */
struct notification_columns { int id, who, what, ratio, q; };
void notification_row(struct table_row *r, const struct notification_columns *c, const struct eh_notification_line *l);
/* The whole notification, freed by the caller; NULL with a message when it cannot be read. */
struct eh_notification *notification_read(struct screens *s, uint64_t seq);
/* A verdict in words: no underscores. */
const char *verdict_words(enum eh_verdict_kind v, char *out, size_t size);
/* "sex female", "clerk: sex female" of one position (a long name is cut, so that classes and positions differ in a
 * narrow column), "female x Black" of crossed classes; of a policy's own "sex female: S1", or its subject. */
struct subject {                        /* what a finding is about; borrowed */
	const char *attribute, *group, *position;
	const char *part;               /* stage, question or period of a policy's own finding */
	const char *own;                /* the subject that a policy gave it */
};
struct subject subject_of(const struct eh_finding *f);
void class_cell(struct table_row *r, int column, const struct subject *s);
/* Lines for what is said about the selected row below a table of n rows: two, so that a move stays cheap on a slow
 * line (facts/terminal.md 5), and up to max where the screen is tall and the rows leave room. */
int detail_lines(size_t n, int max);
/* The left text has the first claim on the line. */
void draw_title(const char *left, const char *right);
/* What the mark of an estimate means, on the rule below the title. */
void draw_screening_legend(void);
/* "17 rows", "filter E0: 9 of 17" */
void rows_text(char *out, size_t size, const struct table *t);
/* In the place of rows that are not there: why there are none at all and what to do next, or none that the filter
 * shows.  Returns the number of lines. */
int draw_empty(int y, const struct table *t, const char *none);

#endif
