/* evenhand trend: selection rates month by month, quarter by quarter, year by year. */
#include "desk/trend.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_out.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "parts/term.h"
#include "parts/words.h"
#include "tui.h"

#define EVERYBODY "(all)"

/* ---- a line of blocks ---- */

#define LEVELS 8
#define HIGH 1.2                        /* ratio of the highest block and all above */

/* One sign a period.  Plain ASCII: tenths of the ratio, + from one on. */
static void put_sign(struct eh_buf *b, const struct eh_trend_point *x)
{
	static const char *const blocks[LEVELS] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	const double ratio = x->ratio.value;

	if (x->state == EH_TOO_FEW)
		eh_buf_printf(b, "%s", term_ascii() ? "." : "·");
	else if (!x->ratio.defined)
		eh_buf_printf(b, "?");
	else if (!term_ascii())
		eh_buf_printf(b, "%s", blocks[ratio >= HIGH ? LEVELS - 1 : (int)(ratio / HIGH * LEVELS)]);
	else if (ratio >= 1.0)
		eh_buf_printf(b, "+");
	else
		eh_buf_printf(b, "%d", (int)(ratio * 10.0));
}

/* Periods in which nobody of the group was decided about are blank. */
static void spark_cell(struct cli_table *t, const struct eh_trend *r, const struct eh_trend_line *l)
{
	const struct eh_trend_point *x = r->points + l->at;
	struct eh_buf b;
	size_t i = 0;

	eh_buf_init(&b, 8 * EH_TREND_PERIODS_MAX);
	for (int32_t p = r->first; p <= r->last; p++) {
		if (i < l->n && x[i].period == p)
			put_sign(&b, &x[i++]);
		else
			eh_buf_printf(&b, " ");
	}
	cli_cell(t, "%s", eh_buf_cstr(&b));
	eh_buf_free(&b);
}

static void say_signs(const struct cli *c)
{
	if (term_ascii())
		cli_say(c, "trend: tenths of the ratio, + from 1 on, . too few, ? no ratio, blank nobody of the group");
	else
		cli_say(c, "trend: ratio from ▁ 0 to █ %.1f and more, · too few, ? no ratio, blank nobody of the group",
			HIGH);
}

/* ---- tables ---- */

static void count_cells(struct cli_table *t, uint64_t n, uint64_t selected)
{
	cli_cell(t, "%llu", (unsigned long long)n);
	cli_cell(t, "%llu", (unsigned long long)selected);
}

static void name_cells(struct cli_table *t, const struct eh_trend_line *l)
{
	cli_cell_both(t, l->evaluator[0] != '\0' ? l->evaluator : EVERYBODY, l->evaluator);
	cli_cell(t, "%s", l->attribute);
	cli_cell(t, "%s", l->group);
}

/* A row for every point. */
static struct cli_table *points_table(const struct eh_trend *r, bool spark)
{
	struct cli_table *t = cli_table_new(
		spark ? "evaluator/9 attribute/8 group~20 period >n >selected >rate >ref_n/2 >ref_selected/2 "
			">ref_rate/3 >ratio >low/5 >high/5 >p/4 >q state rests_on/1 trend/6" :
			"evaluator attribute group period >n >selected >rate >ref_n >ref_selected >ref_rate >ratio "
			">low >high >p >q state rests_on");

	for (size_t i = 0; i < r->n_lines; i++)
		for (size_t k = 0; k < r->lines[i].n; k++) {
			const struct eh_trend_point *x = &r->points[r->lines[i].at + k];
			char period[EH_PERIOD_TEXT];

			eh_period_text(period, r->by, x->period);
			name_cells(t, &r->lines[i]);
			cli_cell(t, "%s", period);
			count_cells(t, x->n, x->selected);
			cli_cell_num(t, x->rate, 3);
			count_cells(t, x->ref_n, x->ref_selected);
			cli_cell_num(t, x->ref_rate, 3);
			cli_cell_num(t, x->ratio, 3);
			cli_cell_num(t, x->interval.low, 2);
			cli_cell_num(t, x->interval.high, 2);
			cli_cell_p(t, x->p);
			cli_cell_p(t, x->q);
			cli_cell(t, "%s", eh_verdict_text(x->state));
			cli_cell(t, "%s", eh_ratio_kind_text(x->rests_on));
			if (spark && k == 0)
				spark_cell(t, r, &r->lines[i]);
			else if (spark)
				cli_cell(t, "%s", "");
		}
	return t;
}

/* The lowest ratio that stands on enough, or NULL. */
static const struct eh_trend_point *lowest(const struct eh_trend *r, const struct eh_trend_line *l)
{
	const struct eh_trend_point *least = NULL;

	for (size_t k = 0; k < l->n; k++) {
		const struct eh_trend_point *x = &r->points[l->at + k];

		if (x->state == EH_TOO_FEW || !x->ratio.defined)
			continue;
		if (least == NULL || x->ratio.value < least->ratio.value)
			least = x;
	}
	return least;
}

/* A row for every evaluator and group, for people. */
static struct cli_table *lines_table(const struct eh_trend *r)
{
	struct cli_table *t = cli_table_new("evaluator~20 attribute/8 group~20 >n/7 >selected/6 >periods/1 >too_few/2 "
					    "trend >lowest in >q/5");

	for (size_t i = 0; i < r->n_lines; i++) {
		const struct eh_trend_line *l = &r->lines[i];
		const struct eh_trend_point *least = lowest(r, l);
		uint64_t n = 0, selected = 0;
		char period[EH_PERIOD_TEXT] = "";
		size_t few = 0;

		for (size_t k = 0; k < l->n; k++) {
			n += r->points[l->at + k].n;
			selected += r->points[l->at + k].selected;
			few += r->points[l->at + k].state == EH_TOO_FEW;
		}
		name_cells(t, l);
		count_cells(t, n, selected);
		cli_cell(t, "%zu", l->n);
		cli_cell(t, "%zu", few);
		spark_cell(t, r, l);
		if (least != NULL)
			eh_period_text(period, r->by, least->period);
		cli_cell_num(t, least != NULL ? least->ratio : eh_undefined(EH_U_TOO_FEW), 2);
		cli_cell(t, "%s", period);
		cli_cell_p(t, least != NULL ? least->q : eh_undefined(EH_U_TOO_FEW));
	}
	return t;
}

/* ---- JSON ---- */

/* Numbers of one point, and after them why some are not there. */
static void put_numbers(struct eh_json_out *j, const struct eh_trend_point *x)
{
	const struct {
		const char *key;
		struct eh_num v;
	} numbers[] = { { "rate", x->rate }, { "ref_rate", x->ref_rate }, { "ratio", x->ratio }, { "p", x->p },
			{ "q", x->q } };
	const size_t n = sizeof numbers / sizeof *numbers;

	for (size_t i = 0; i < n; i++)
		eh_json_out_num(j, numbers[i].key, eh_num_told(numbers[i].key, numbers[i].v));
	eh_json_out_object(j, "undefined");
	for (size_t i = 0; i < n; i++)
		if (eh_num_remark(numbers[i].key, numbers[i].v) != NULL)
			eh_json_out_str(j, numbers[i].key, eh_num_remark(numbers[i].key, numbers[i].v));
	eh_json_out_close(j);
}

static void put_point(struct eh_json_out *j, const struct eh_trend *r, const struct eh_trend_point *x)
{
	char period[EH_PERIOD_TEXT];

	eh_period_text(period, r->by, x->period);
	eh_json_out_object(j, NULL);
	eh_json_out_str(j, "period", period);
	eh_json_out_int(j, "n", (int64_t)x->n);
	eh_json_out_int(j, "selected", (int64_t)x->selected);
	eh_json_out_int(j, "persons", (int64_t)x->persons);
	eh_json_out_int(j, "ref_n", (int64_t)x->ref_n);
	eh_json_out_int(j, "ref_selected", (int64_t)x->ref_selected);
	eh_json_out_int(j, "ref_persons", (int64_t)x->ref_persons);
	put_numbers(j, x);
	eh_json_out_array(j, "interval");
	eh_json_out_num(j, NULL, x->interval.low);
	eh_json_out_num(j, NULL, x->interval.high);
	eh_json_out_close(j);
	eh_json_out_str(j, "rests_on", eh_ratio_kind_text(x->rests_on));
	eh_json_out_str(j, "state", eh_verdict_text(x->state));
	eh_json_out_close(j);
}

static void put_head(struct eh_json_out *j, const char *source, const struct eh_trend_options *o,
		     const struct eh_trend *r)
{
	eh_json_out_str(j, "schema", "evenhand.trend/1");
	eh_json_out_str(j, "source", source);
	if (eh_window_bounded(&o->days)) {
		eh_json_out_object(j, "window");
		eh_json_out_str(j, "from", o->days.from[0] != '\0' ? o->days.from : NULL);
		eh_json_out_str(j, "to", o->days.to[0] != '\0' ? o->days.to : NULL);
		eh_json_out_close(j);
	} else {
		eh_json_out_null(j, "window");
	}
	eh_json_out_str(j, "by", eh_period_name(r->by));
	eh_json_out_int(j, "decisions", (int64_t)r->decisions);
	eh_json_out_int(j, "holds", (int64_t)r->holds);
	eh_json_out_int(j, "without_time", (int64_t)r->untimed);
	eh_json_out_array(j, "limit");
	eh_json_out_int(j, NULL, o->limit_num);
	eh_json_out_int(j, NULL, o->limit_den);
	eh_json_out_close(j);
	eh_json_out_object(j, "family");
	eh_json_out_str(j, "method", o->family);
	eh_json_out_int(j, "size", r->family);
	eh_json_out_int(j, "size_all", r->family_all);
	eh_json_out_close(j);
}

/* A thousand evaluators have some hundred thousand points: written as they are met. */
static int put_json(struct cli *c, const struct eh_trend_options *o, const struct eh_trend *r)
{
	struct eh_json_out *j = eh_json_out_new(stdout);

	eh_json_out_object(j, NULL);
	put_head(j, eh_desk_dir(c->desk), o, r);
	eh_json_out_array(j, "trends");
	for (size_t i = 0; i < r->n_lines; i++) {
		const struct eh_trend_line *l = &r->lines[i];

		eh_json_out_object(j, NULL);
		eh_json_out_str(j, "evaluator", l->evaluator[0] != '\0' ? l->evaluator : NULL);
		eh_json_out_str(j, "attribute", l->attribute);
		eh_json_out_str(j, "group", l->group);
		eh_json_out_array(j, "periods");
		for (size_t k = 0; k < l->n; k++)
			put_point(j, r, &r->points[l->at + k]);
		eh_json_out_close(j);
		eh_json_out_close(j);
	}
	eh_json_out_close(j);
	eh_json_out_close(j);
	return eh_json_out_end(&j, &c->err) == EH_OK ? 0 : cli_fail(c);
}

/* ---- the command ---- */

static bool read_options(struct cli *c, struct eh_trend_options *o)
{
	const char *by = cli_opt(c, "by"), *family = cli_opt(c, "family");
	int64_t min = o->min_group, threads = 0;

	if (by != NULL && eh_period_parse(&o->by, by, &c->err) != EH_OK) {
		(void)cli_error(c, EH_EUSAGE, "--by: %s", c->err.msg);
		return false;
	}
	if (!cli_read_limit(c, &o->limit_num, &o->limit_den))
		return false;
	if (family != NULL && !cli_family_valid(family)) {
		(void)cli_error(c, EH_EUSAGE, "--family is bh, holm, by or none, not '%s'", family);
		return false;
	}
	if (family != NULL)
		(void)snprintf(o->family, sizeof o->family, "%s", family);
	if (!cli_opt_i64(c, "min", 1, 1000000, &min) || !cli_opt_i64(c, "threads", 0, 1024, &threads))
		return false;
	o->min_group = (uint32_t)min;
	o->threads = (uint32_t)threads;
	o->evaluator = c->argc > 0 ? c->argv[0] : NULL;
	o->attribute = cli_opt(c, "attribute");
	o->group = cli_opt(c, "group");
	return cli_read_days(c, &o->days);
}

static void say(const struct cli *c, const struct eh_trend_options *o, const struct eh_trend *r)
{
	char words[EH_WINDOW_WORDS];

	if (eh_window_words(words, &o->days)[0] != '\0')
		cli_say(c, "%s", words);
	cli_say(c, "%llu decision%s, family %s of %u test%s%s", (unsigned long long)r->decisions, words_s(r->decisions),
		o->family, r->family, words_s(r->family),
		o->evaluator == NULL ? ": evaluators, groups and periods" : ": groups and periods");
	if (o->evaluator == NULL)
		cli_say(c, "everybody together: a family of %u", r->family_all);
	if (r->untimed > 0)
		cli_say(c, "note: %llu decision%s without a time left out", (unsigned long long)r->untimed,
			words_s(r->untimed));
}

static int run(struct cli *c)
{
	struct eh_trend_options o = EH_TREND_OPTIONS_INIT;
	const struct tui_options charset = { .ascii = cli_has(c, "ascii") };
	struct eh_trend r;
	struct cli_table *t = NULL;
	int status = 0;

	if (!read_options(c, &o))
		return eh_status_exit(EH_EUSAGE);
	if (eh_desk_trend(c->desk, &o, &r, &c->err) != EH_OK) {
		status = cli_fail(c);
	} else if (c->format == CLI_JSON) {
		status = put_json(c, &o, &r);
	} else {
		term_charset(&charset);
		say(c, &o, &r);
		if (c->format == CLI_TABLE)
			say_signs(c);
		t = c->format == CLI_TABLE && o.evaluator == NULL ? lines_table(&r) :
								   points_table(&r, c->format == CLI_TABLE);
		cli_table_print(&t, c);
	}
	eh_trend_free(&r);
	return status;
}

static const struct cli_flag flags[] = {
	{ "by", "PERIOD", "month (default), quarter or year" },
	{ "attribute", "NAME", "only this attribute; what is left out is in no family" },
	{ "group", "NAME", "only this group, likewise" },
	{ "from", "DATE", "only decisions from this day on (UTC), such as 2026-01-01" },
	{ "to", "DATE", "only decisions until this day, which is inside" },
	{ "limit", "4/5", "the limit of the ratio" },
	{ "min", "N", "minimum of persons in the group and in the rest of a period (default 10; 30 in all)" },
	{ "family", "METHOD", "correction: bh (default), holm, by, none" },
	{ "threads", "N", "threads (default 0: one per core); every number gives the same bytes" },
	{ "ascii", NULL, "plain ASCII characters only (also where the locale is not UTF-8)" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_trend = {
	.name = "trend",
	.usage = "[EVALUATOR] [--by PERIOD]",
	.summary = "Shows selection rates and ratios period by period",
	.help = "Example: evenhand trend E07 --by quarter --attribute sex\n\n"
		"Of each period (UTC) alone: the group's decisions, its rate, its ratio to the evaluator's own rest "
		"(Mantel-Haenszel's where there are several positions, stages and questions), 95 % interval, p with "
		"the candidate as the unit, and q.  Without an evaluator everybody together and each is shown, with "
		"one correction over all evaluators, groups and periods; --tsv and --json have every period.  A "
		"period with too few persons says too_few and is in no family; decisions without a time are left "
		"out.  Predicted classes are not used.  Nothing is stored, and no policy is asked: a period that "
		"stands out is a reason to look, see evenhand audit --from.",
	.flags = flags,
	.max_args = 1,
	.wants_project = true,
	.run = run,
};
