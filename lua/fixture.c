/* From cells to rows to findings; see fixture.h. */
#include "lua/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "audit/intersect.h"
#include "base/mem.h"
#include "lua/arguments.h"
#include "lua/primitives.h"
#include "lua/sandbox.h"

#define CELLS_MAX 5000
#define PERSON_NS 1500.0 /* to make the rows of one and to audit them; measured 300 to 1,200 */

static const struct eh_spot spot = { "run", NULL, 0 };

struct cell {
	uint64_t n, selected;
	const char *evaluator, *part[3];	 /* position, stage, question; borrowed from Lua */
	const char *place;              /* jurisdiction of its persons, "" = not said */
	int32_t decided;			 /* day, EH_NO_DAY = none */
	int16_t group[EH_POLICY_ATTRIBUTES_MAX]; /* by attribute; -1 = unknown */
	int predicted;				 /* attribute, or -1 */
	double p[EH_GROUPS_MAX];
};

struct build {
	lua_State *L;
	struct eh_audit_data *d;
	struct cell *cell;
	size_t n_cells, persons;
	bool days, places;
};

/* ---- reading ---- */

/* The text field of the cell on top of the stack, "" when it is not there; stays alive with the cell. */
static const char *text_field(lua_State *L, const char *name, size_t max)
{
	const char *s = "";

	if (eh_arg_field(L, -1, name) == LUA_TSTRING)
		s = eh_arg_plain(L, -1, &spot, name);
	else if (!lua_isnil(L, -1))
		eh_arg_error(L, &spot, "%s is %s: give a string", name, eh_arg_type(L, -1));
	if (strlen(s) > max)
		eh_arg_error(L, &spot, "%s \"%s\" is longer than %d bytes", name, s, (int)max);
	lua_pop(L, 1);
	return s;
}

/* "2026-03" or a day of it */
static int32_t day_field(lua_State *L, bool *days)
{
	char text[24] = "";
	int64_t t = 0;
	const char *s = text_field(L, "period", 10);

	if (s[0] == '\0')
		return EH_NO_DAY;
	(void)snprintf(text, sizeof text, "%s%sT00:00:00Z", s, strlen(s) == 7 ? "-01" : "");
	if (eh_parse_time(&t, text, NULL) != EH_OK)
		eh_arg_error(L, &spot, "period \"%s\" is no month: write \"2026-03\"", s);
	*days = true;
	return eh_day_of(t);
}

static struct eh_attribute_data *attribute_of(struct build *b, const char *name)
{
	struct eh_audit_data *d = b->d;

	for (size_t i = 0; i < d->n_attributes; i++)
		if (strcmp(d->attributes[i].name, name) == 0)
			return &d->attributes[i];
	if (!eh_attribute_valid(name, strlen(name)))
		eh_arg_error(b->L, &spot, "\"%s\" is no attribute name: lower-case letters, digits and _", name);
	if (d->n_attributes == EH_POLICY_ATTRIBUTES_MAX)
		eh_arg_error(b->L, &spot, "more than %d attributes", EH_POLICY_ATTRIBUTES_MAX);
	d->attributes = eh_xrealloc(d->attributes, d->n_attributes + 1, sizeof *d->attributes);
	memset(&d->attributes[d->n_attributes], 0, sizeof *d->attributes);
	(void)snprintf(d->attributes[d->n_attributes].name, sizeof(eh_name), "%s", name);
	return &d->attributes[d->n_attributes++];
}

static int16_t group_of(struct build *b, struct eh_attribute_data *a, const char *group)
{
	for (size_t i = 0; i < a->n_groups; i++)
		if (strcmp(a->groups[i], group) == 0)
			return (int16_t)i;
	if (!eh_group_valid(group, strlen(group)))
		eh_arg_error(b->L, &spot, "\"%s\" is no group's name", group);
	if (a->n_groups == EH_GROUPS_MAX)
		eh_arg_error(b->L, &spot, "%s has more than %d groups", a->name, EH_GROUPS_MAX);
	(void)snprintf(a->groups[a->n_groups], sizeof(eh_name), "%s", group);
	return (int16_t)a->n_groups++;
}

/* class = {sex = "female", race = "black"}, on top of the stack */
static void read_classes(struct build *b, struct cell *c)
{
	lua_State *L = b->L;
	int table = lua_gettop(L);

	for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
		struct eh_attribute_data *a = NULL;

		if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING)
			eh_arg_error(L, &spot, "a class is a table such as {sex = \"female\"}");
		a = attribute_of(b, eh_arg_plain(L, -2, &spot, "an attribute"));
		c->group[a - b->d->attributes] = group_of(b, a, eh_arg_plain(L, -1, &spot, "a group"));
	}
}

/* probability = {attribute = "sex", female = 0.9, male = 0.1}, on top of the stack */
static void read_probabilities(struct build *b, struct cell *c)
{
	lua_State *L = b->L;
	int table = lua_gettop(L);
	struct eh_attribute_data *a = NULL;
	double sum = 0.0;

	if (eh_arg_field(L, table, "attribute") != LUA_TSTRING)
		eh_arg_error(L, &spot, "a probability needs its attribute");
	a = attribute_of(b, lua_tostring(L, -1));
	lua_pop(L, 1);
	c->predicted = (int)(a - b->d->attributes);
	for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
		if (lua_type(L, -2) != LUA_TSTRING)
			eh_arg_error(L, &spot, "probabilities are a table such as {female = 0.9, male = 0.1}");
		if (strcmp(lua_tostring(L, -2), "attribute") == 0)
			continue;
		c->p[group_of(b, a, lua_tostring(L, -2))] = eh_arg_number(L, -1, &spot, "a probability", 0.0, 1.0);
		sum += lua_tonumber(L, -1);
	}
	if (sum < 0.999 || sum > 1.001)
		eh_arg_error(L, &spot, "the probabilities add up to %f, not 1", (lua_Number)sum);
}

static void read_cell(struct build *b, struct cell *c)
{
	static const char *const parts[] = { "position", "stage", "question" };
	lua_State *L = b->L;

	eh_arg_field(L, -1, "selected");
	eh_arg_field(L, -2, "n"); // cell selected n
	eh_arg_pair(L, lua_gettop(L) - 1, &spot, "", &c->selected, &c->n);
	lua_pop(L, 2);
	c->evaluator = text_field(L, "evaluator", EH_ID_MAX);
	if (!eh_id_valid(c->evaluator, strlen(c->evaluator)))
		eh_arg_error(L, &spot, "\"%s\" is no evaluator's id", c->evaluator);
	for (size_t i = 0; i < 3; i++)
		c->part[i] = text_field(L, parts[i], EH_ID_MAX);
	c->place = text_field(L, "jurisdiction", EH_JURISDICTION_MAX);
	b->places = b->places || c->place[0] != '\0';
	c->decided = day_field(L, &b->days);
	for (size_t i = 0; i < EH_POLICY_ATTRIBUTES_MAX; i++)
		c->group[i] = -1;
	c->predicted = -1;
	if (eh_arg_field(L, -1, "class") == LUA_TTABLE)
		read_classes(b, c);
	lua_pop(L, 1);
	if (eh_arg_field(L, -1, "probability") == LUA_TTABLE)
		read_probabilities(b, c);
	lua_pop(L, 1);
}

/* Lua's walk through a table has no fixed order: groups and attributes are put into byte order afterwards. */

static void swap_groups(struct build *b, size_t i, size_t k)
{
	struct eh_attribute_data *a = &b->d->attributes[i];
	eh_name name;

	memcpy(name, a->groups[k], sizeof name);
	memcpy(a->groups[k], a->groups[k - 1], sizeof name);
	memcpy(a->groups[k - 1], name, sizeof name);
	for (size_t c = 0; c < b->n_cells; c++) {
		struct cell *x = &b->cell[c];
		double p = x->p[k];

		if (x->group[i] == (int16_t)k || x->group[i] == (int16_t)(k - 1))
			x->group[i] = (int16_t)(2 * (int)k - 1 - x->group[i]);
		if (x->predicted == (int)i) {
			x->p[k] = x->p[k - 1];
			x->p[k - 1] = p;
		}
	}
}

static void swap_attributes(struct build *b, size_t i)
{
	struct eh_attribute_data a = b->d->attributes[i];

	b->d->attributes[i] = b->d->attributes[i - 1];
	b->d->attributes[i - 1] = a;
	for (size_t c = 0; c < b->n_cells; c++) {
		struct cell *x = &b->cell[c];
		int16_t group = x->group[i];

		x->group[i] = x->group[i - 1];
		x->group[i - 1] = group;
		if (x->predicted == (int)i || x->predicted == (int)i - 1)
			x->predicted = 2 * (int)i - 1 - x->predicted;
	}
}

static void sort_names(struct build *b)
{
	struct eh_audit_data *d = b->d;

	for (size_t i = 1; i < d->n_attributes; i++)
		for (size_t k = i; k > 0 && strcmp(d->attributes[k - 1].name, d->attributes[k].name) > 0; k--)
			swap_attributes(b, k);
	for (size_t i = 0; i < d->n_attributes; i++)
		for (size_t g = 1; g < d->attributes[i].n_groups; g++)
			for (size_t k = g;
			     k > 0 && strcmp(d->attributes[i].groups[k - 1], d->attributes[i].groups[k]) > 0; k--)
				swap_groups(b, i, k);
}

/* ---- rows ---- */

static void fill_classes(struct build *b)
{
	struct eh_audit_data *d = b->d;

	for (size_t i = 0; i < d->n_attributes; i++) {
		struct eh_attribute_data *a = &d->attributes[i];
		size_t person = 0, predicted = 0;

		a->group = eh_xcalloc(b->persons + 1, sizeof *a->group);
		a->provenance = eh_xcalloc(b->persons + 1, sizeof *a->provenance);
		for (size_t c = 0; c < b->n_cells; c++) {
			const struct cell *x = &b->cell[c];

			for (uint64_t k = 0; k < x->n; k++, person++) {
				a->group[person] = x->group[i];
				a->provenance[person] = x->group[i] >= 0 ? EH_DECLARED : EH_UNKNOWN_CLASS;
				if (x->predicted != (int)i || x->group[i] >= 0)
					continue;
				if (a->prob == NULL)
					a->prob = eh_xcalloc(b->persons * a->n_groups + 1, sizeof *a->prob);
				a->provenance[person] = EH_PREDICTED;
				predicted++;
				for (size_t g = 0; g < a->n_groups; g++) {
					a->prob[person * a->n_groups + g] = x->p[g];
					a->prior[g] += x->p[g];
				}
			}
		}
		for (size_t g = 0; g < a->n_groups && predicted > 0; g++)
			a->prior[g] /= (double)predicted;
		a->auc_lo = a->auc = a->ece = eh_undefined(EH_U_NOT_COMPUTED);
	}
}

static void drop_attribute(struct eh_audit_data *d, size_t i)
{
	free(d->attributes[i].group);
	free(d->attributes[i].provenance);
	free(d->attributes[i].prob);
	memmove(&d->attributes[i], &d->attributes[i + 1], (d->n_attributes - i - 1) * sizeof *d->attributes);
	d->n_attributes--;
}

/* A class of one group alone is compared with nobody; and a policy sees what it asks for. */
static void keep_attributes(struct eh_audit_data *d, const struct eh_policy_info *info)
{
	for (size_t i = d->n_attributes; i-- > 0;) {
		bool wanted = info->n_attributes == 0;

		for (size_t k = 0; k < info->n_attributes && !wanted; k++)
			wanted = strcmp(info->attributes[k], d->attributes[i].name) == 0;
		if (!wanted || d->attributes[i].n_groups < 2)
			drop_attribute(d, i);
	}
}

static void fill_decisions(struct build *b)
{
	struct eh_audit_data *d = b->d;
	struct eh_name_builder *evaluators = eh_names_new(), *strata = eh_names_new(), *positions = eh_names_new();
	uint32_t *evaluator = NULL, *stratum = NULL, *position = NULL;
	struct eh_err err = EH_ERR_INIT;
	size_t row = 0;
	bool placed = false;

	if (eh_audit_data_room(d, b->persons, false, &err) != EH_OK)
		eh_arg_error(b->L, &spot, "%s", err.msg);
	d->decided = b->days ? eh_xcalloc(b->persons + 1, sizeof *d->decided) : NULL;
	d->position = eh_xcalloc(b->persons + 1, sizeof *d->position);
	for (size_t c = 0; c < b->n_cells; c++) {
		const struct cell *x = &b->cell[c];
		char name[3 * EH_ID_MAX + 8];
		uint32_t at[3] = { eh_names_add(evaluators, x->evaluator), 0, eh_names_add(positions, x->part[0]) };

		(void)snprintf(name, sizeof name, "%s\x1f%s\x1f%s", x->part[0], x->part[1], x->part[2]);
		at[1] = eh_names_add(strata, name);
		placed = placed || x->part[0][0] != '\0';
		for (uint64_t k = 0; k < x->n; k++, row++) {
			d->evaluator[row] = at[0];
			d->stratum[row] = at[1];
			d->position[row] = at[2];
			d->candidate[row] = (uint32_t)row;
			d->selected[row] = k < x->selected;
			if (d->decided != NULL)
				d->decided[row] = x->decided;
		}
	}
	eh_names_finish(&evaluators, &d->evaluators, &evaluator);
	eh_names_finish(&strata, &d->strata, &stratum);
	eh_names_finish(&positions, &d->positions, &position);
	for (row = 0; row < b->persons; row++) {
		d->evaluator[row] = evaluator[d->evaluator[row]];
		d->stratum[row] = stratum[d->stratum[row]];
		d->position[row] = position[d->position[row]];
	}
	if (!placed) {
		free(d->position);
		d->position = NULL;
		eh_names_free(&d->positions);
	}
	d->candidates.n = b->persons;
	free(evaluator);
	free(stratum);
	free(position);
}

static void fill_places(struct build *b)
{
	struct eh_name_builder *names = NULL;
	struct eh_audit_data *d = b->d;
	uint32_t *map = NULL;
	size_t person = 0;

	if (!b->places)
		return;
	names = eh_names_new();
	d->place = eh_xcalloc(b->persons + 1, sizeof *d->place);
	for (size_t c = 0; c < b->n_cells; c++) {
		const uint32_t at = eh_names_add(names, b->cell[c].place);

		for (uint64_t k = 0; k < b->cell[c].n; k++)
			d->place[person++] = at;
	}
	eh_names_finish(&names, &d->places, &map);
	for (size_t i = 0; i < b->persons; i++)
		d->place[i] = map[d->place[i]];
	free(map);
}

static void read_cells(struct build *b, int idx)
{
	lua_State *L = b->L;

	b->n_cells = eh_arg_list(L, idx, &spot, "the fixture");
	if (b->n_cells > CELLS_MAX)
		eh_arg_error(L, &spot, "more than %d groups in one case", CELLS_MAX);
	/* Lua's, so that an error leaves nothing behind */
	b->cell = lua_newuserdatauv(L, (b->n_cells + 1) * sizeof *b->cell, 0);
	memset(b->cell, 0, (b->n_cells + 1) * sizeof *b->cell);
	for (size_t i = 0; i < b->n_cells; i++) {
		if (lua_rawgeti(L, idx, (lua_Integer)i + 1) != LUA_TTABLE)
			eh_arg_error(L, &spot, "the fixture is damaged");
		read_cell(b, &b->cell[i]);
		lua_pop(L, 1);
		if (b->cell[i].n > EH_FIXTURE_PERSONS_MAX ||
		    (b->persons += (size_t)b->cell[i].n) > EH_FIXTURE_PERSONS_MAX)
			eh_arg_error(L, &spot, "more than %d persons in one case", EH_FIXTURE_PERSONS_MAX);
	}
	if (b->persons == 0)
		eh_arg_error(L, &spot,
			     "nobody was judged: begin with facts.evaluator(\"E1\"):group(\"female\", 40, 12)");
}

/* The attributes that the policy wants crossed, as the desk does it; a pair without persons is no attribute. */
static void cross(struct eh_fixture *f)
{
	for (size_t i = 0; i < f->info.n_intersect; i++) {
		struct eh_intersect_rare rare;
		struct eh_err err = EH_ERR_INIT;
		size_t at[2] = { 0, 0 };
		unsigned found = 0;

		for (size_t k = 0; k < f->data.n_attributes; k++)
			for (size_t h = 0; h < 2; h++)
				if (strcmp(f->data.attributes[k].name, f->info.intersect[i][h]) == 0) {
					at[h] = k;
					found |= 1u << h;
				}
		if (found == 3)
			(void)eh_intersect(&f->data, at[0], at[1], &rare, &err);
	}
}

void eh_fixture_audit(lua_State *L, int idx, struct eh_fixture *f)
{
	struct build b = { .L = L, .d = &f->data };
	struct eh_err err = EH_ERR_INIT;
	int rc = EH_OK;

	idx = lua_absindex(L, idx);
	luaL_checkstack(L, 12, "fixture");
	read_cells(&b, idx);
	eh_sandbox_spend(L, spot.function, 1000.0 + (double)b.persons * PERSON_NS / EH_WORK_NS);
	sort_names(&b);
	fill_classes(&b);
	fill_decisions(&b);
	fill_places(&b);
	keep_attributes(&f->data, &f->info);
	cross(f);
	if (f->data.n_attributes == 0)
		eh_arg_error(L, &spot, "there is no attribute with two groups that the policy looks at");
	(void)snprintf(f->data.source, sizeof f->data.source, "spec");
	f->data.threads = f->info.settings.threads = 1;
	rc = eh_audit_data_sort(&f->data, &err);
	if (rc == EH_OK)
		rc = eh_audit_run(&f->findings, &f->data, &f->info.settings, NULL, &err);
	if (rc != EH_OK)
		eh_arg_error(L, &spot, "%s", err.msg);
}
