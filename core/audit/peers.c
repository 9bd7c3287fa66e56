/* Leave-one-out comparison; see peers.h. */
#include "audit/peers.h"

#include <math.h>

/*
 * 1/2 in each of the four cells (persons, not decisions; Walter 1975, as eh_table_adjusted_log has it), so that ln
 * ratio and its variance exist.  Not for who selected nobody or everybody: he says nothing about the ratio, and the
 * half persons would give him a variance near 0, so that he alone would be what the others are compared with.
 */
struct eh_peer eh_peer_of(const struct eh_fourfold *t, struct eh_num ratio, struct eh_num var_ln, uint64_t persons,
			  uint64_t ref_persons)
{
	const double n1 = (double)persons, n2 = (double)ref_persons;
	struct eh_peer p = { .has = false, .why = ratio.defined ? eh_table_state(t) : ratio.why, .t = *t };
	double a, b;

	if (ratio.defined && ratio.value > 0.0 && var_ln.defined && var_ln.value > 0.0) {
		p.why = EH_U_NONE;
		p.has = true;
		p.y = log(ratio.value);
		p.v = var_ln.value;
		return p;
	}
	if (p.why != EH_U_NONE)
		return p;
	a = eh_rate(t->a, t->n1).value * n1 + 0.5;
	b = eh_rate(t->b, t->n2).value * n2 + 0.5;
	p.has = p.corrected = true;
	p.y = log(a / (n1 + 1.0) / (b / (n2 + 1.0)));
	p.v = 1.0 / a - 1.0 / (n1 + 1.0) + 1.0 / b - 1.0 / (n2 + 1.0);
	return p;
}

/* Not compared: for this reason, unless he takes no part for one of his own. */
static void leave_out(struct eh_peer *e, enum eh_undef why)
{
	e->ratio = e->z = e->p = e->others = eh_undefined(e->has ? why : e->why != EH_U_NONE ? e->why :
							  EH_U_NOT_COMPUTED);
	e->n_others = 0;
	e->others_t = (struct eh_fourfold){ 0, 0, 0, 0 };
}

/* Who takes part. */
struct everybody {
	uint32_t n;
	struct eh_fourfold t;
};

static void compare(struct eh_peer *e, const struct everybody *all, double weight, double sum)
{
	double difference;

	leave_out(e, EH_U_NO_PEERS);
	if (!e->has || !(weight > 0.0))
		return;
	e->n_others = all->n - 1;
	e->others_t = (struct eh_fourfold){ all->t.a - e->t.a, all->t.n1 - e->t.n1, all->t.b - e->t.b,
					    all->t.n2 - e->t.n2 };
	e->others = eh_num(exp(sum / weight));
	difference = e->y - sum / weight;
	e->ratio = eh_num(exp(difference));
	e->z = eh_num(difference / sqrt(e->v + 1.0 / weight));
	e->p = eh_p_of_z(e->z);
}

void eh_peers(struct eh_peer *v, size_t n)
{
	struct everybody all = { 0, { 0, 0, 0, 0 } };
	double weight = 0.0, sum = 0.0;

	/* The sums from the right are parked in the results and met by those from the left: no subtraction of one's
	 * own share, which would leave nothing but rounding where one evaluator outweighs all others. */
	for (size_t i = n; i-- > 0;) {
		v[i].z = eh_num(weight);
		v[i].p = eh_num(sum);
		if (v[i].has) {
			weight += 1.0 / v[i].v;
			sum += v[i].y / v[i].v;
			all.n++;
			all.t.a += v[i].t.a;
			all.t.n1 += v[i].t.n1;
			all.t.b += v[i].t.b;
			all.t.n2 += v[i].t.n2;
		}
	}
	weight = sum = 0.0;
	for (size_t i = 0; i < n; i++) {
		compare(&v[i], &all, weight + v[i].z.value, sum + v[i].p.value);
		if (v[i].has) {
			weight += 1.0 / v[i].v;
			sum += v[i].y / v[i].v;
		}
	}
}

/* The members of component k, put together at the front of room and, compared, back to their places. */
static void compare_part(struct eh_peer *v, size_t n, const struct eh_connect *c, uint32_t k, struct eh_peer *room)
{
	size_t m = 0;

	for (size_t i = c->first[k]; i < n && m < c->size[k]; i++)
		if (c->of[i] == k)
			room[m++] = v[i];
	eh_peers(room, m);
	m = 0;
	for (size_t i = c->first[k]; i < n && m < c->size[k]; i++)
		if (c->of[i] == k)
			v[i] = room[m++];
}

void eh_peers_connected(struct eh_peer *v, size_t n, const struct eh_connect *c, struct eh_peer *room)
{
	if (c->n < 2) {
		eh_peers(v, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		leave_out(&v[i], EH_U_DISCONNECTED);
	for (uint32_t k = 0; k < c->n; k++)
		if (c->size[k] > 1)
			compare_part(v, n, c, k, room);
}

struct eh_interval eh_peers_interval(const struct eh_peer *v, size_t n, size_t i)
{
	double weight = 0.0;

	if (!v[i].ratio.defined)
		return (struct eh_interval){ v[i].ratio, v[i].ratio };
	for (size_t k = 0; k < n; k++)
		if (k != i && v[k].has)
			weight += 1.0 / v[k].v;
	return eh_log_interval(v[i].ratio.value, v[i].v + 1.0 / weight);
}
