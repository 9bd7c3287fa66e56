/* Reader of the canonical face, a protocol-buffer file; see canon.h.  Field numbers: facts/vision.md 4.1. */
#include "face/canon.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define VERTEX_FLOATS 5u                /* x, y, z and two texture coordinates, which are not used */

enum { WIRE_VARINT = 0, WIRE_BYTES = 2, WIRE_32 = 5 };

struct part {
	const unsigned char *p, *end;
	bool bad;
};

/* One field of a message: its number, its wire type and its content. */
struct entry {
	uint64_t field;
	unsigned wire;
	uint64_t number;
	float real;
	struct part bytes;
};

static uint64_t varint(struct part *m)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (m->p == m->end)
			break;
		v |= (uint64_t)(*m->p & 127) << shift;
		if ((*m->p++ & 128) == 0)
			return v;
	}
	m->bad = true;
	return 0;
}

static float real32(struct part *m)
{
	uint32_t bits = 0;
	float v = 0.0f;

	if (m->end - m->p < 4) {
		m->bad = true;
		return 0.0f;
	}
	for (unsigned i = 0; i < 4; i++)
		bits |= (uint32_t)m->p[i] << (8 * i);
	m->p += 4;
	memcpy(&v, &bits, sizeof v);
	return v;
}

/* False at the end and on damage. */
static bool next(struct part *m, struct entry *e)
{
	uint64_t tag = 0;

	memset(e, 0, sizeof *e);
	if (m->bad || m->p == m->end)
		return false;
	tag = varint(m);
	e->field = tag >> 3;
	e->wire = (unsigned)(tag & 7);
	if (e->wire == WIRE_VARINT) {
		e->number = varint(m);
	} else if (e->wire == WIRE_32) {
		e->real = real32(m);
	} else if (e->wire == WIRE_BYTES) {
		uint64_t n = varint(m);

		if (m->bad || n > (uint64_t)(m->end - m->p))
			m->bad = true;
		else
			e->bytes = (struct part){ m->p, m->p + n, false };
		if (!m->bad)
			m->p += n;
	} else {
		m->bad = true;
	}
	return !m->bad;
}

static bool read_mesh(struct eh_canon *out, struct part m)
{
	struct entry e;
	uint32_t n = 0;

	while (next(&m, &e)) {
		if (e.field != 3)
			continue;
		if (e.wire != WIRE_32 || n == EH_LANDMARKS * VERTEX_FLOATS || !isfinite(e.real))
			return false;
		if (n % VERTEX_FLOATS < 3)
			out->vertex[n / VERTEX_FLOATS][n % VERTEX_FLOATS] = (double)e.real;
		n++;
	}
	return !m.bad && n == EH_LANDMARKS * VERTEX_FLOATS;
}

static bool read_weight(struct eh_canon *out, uint32_t i, struct part m)
{
	struct entry e;

	while (next(&m, &e)) {
		if (e.field == 1 && e.wire == WIRE_VARINT && e.number < EH_LANDMARKS)
			out->id[i] = (uint32_t)e.number;
		else if (e.field == 2 && e.wire == WIRE_32 && isfinite(e.real))
			out->weight[i] = (double)e.real;
		else
			return false;
	}
	return !m.bad && out->weight[i] > 0.0;
}

int eh_canon_read(struct eh_canon *out, const void *data, size_t size, struct eh_err *err)
{
	struct part m = { data, (const unsigned char *)data + size, false };
	struct entry e;
	uint32_t n = 0;
	bool mesh = false, good = true;

	memset(out, 0, sizeof *out);
	while (good && next(&m, &e)) {
		if (e.field == 1 && e.wire == WIRE_BYTES && !mesh)
			good = mesh = read_mesh(out, e.bytes);
		else if (e.field == 2 && e.wire == WIRE_BYTES && n < EH_CANON_WEIGHTS)
			good = read_weight(out, n++, e.bytes);
		else if (e.field == 1 || e.field == 2)
			good = false;
	}
	if (!good || m.bad || !mesh || n != EH_CANON_WEIGHTS)
		return eh_err_set(err, EH_EFORMAT, "the canonical face is cut off or damaged; run \"make setup\"");
	return EH_OK;
}
