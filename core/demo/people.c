/* Who takes part: faces, voices, places, consents, and the tables an importer would bring.  The same for every seed. */
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/rng.h"
#include "base/text.h"
#include "demo/inside.h"

#define PEOPLE_SEED 20251001u           /* of everything fixed here: another value makes other people */
#define DAY 86400
#define CONSENT_TIME INT64_C(1756717200)        /* 2025-09-01T09:00:00Z */
#define EXPIRY_TIME INT64_C(1767139200)         /* 2025-12-31T00:00:00Z */
/* Of the releases in Illinois (people/paper.h).  A real one is 3 years at most; this demo is to work on any day. */
#define TERM_TIME INT64_C(4102358400)           /* 2099-12-31T00:00:00Z */

/* Found by the short-range detector at every size: facts/first_road.md 3. */
static const uint8_t women_portraits[EH_DEMO_WOMEN] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19,
	20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 32 };
/* Of the 34 sound ones without 26, 32, 38 (turned or looking down) and 39 (dark glasses). */
static const uint8_t men_portraits[EH_DEMO_MEN] = { 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 20, 25,
	27, 28, 30, 31, 34, 35, 36, 37, 40, 41, 42, 43 };

/* Usable variants: facts/first_road.md 4.  whisperf has no voicing at all. */
static const char *const women_voices[] = { "f1", "f4", "f2", "f5", "f3", "aunty", "steph", "belinda", "linda", "Annie",
	"Andrea", "Alicia", "anika" };
static const char *const men_voices[EH_DEMO_MEN] = { "david", "Storm", "paul", "quincy", "m8", "Mike", "m1", "m4",
	"Gene", "victor", "Andy", "Lee", "marcelo", "robert", "Denis", "john", "m2", "m6", "iven", "adam", "m5", "m3",
	"m7", "michel", "Mario", "Hugo", "Henrique", "antonio", "miguel", "Jacky" };

/* toy head, hand on the face, looking down behind hair: facts/first_road.md 3 */
static const struct {
	bool female, first;
	const char *portrait, *voice;
} no_face[EH_DEMO_NO_FACE] = {
	{ true, false, "female/11.jpg", "whisperf" },   /* neither face nor voice: her class stays unknown */
	{ false, true, "male/24.jpg", "pablo" },
	{ false, false, "male/18.jpg", "ed" },
};

/* Which woman or man (index within the sex; even ones are first) stands for which exception. */
static const struct {
	bool female;
	uint8_t index;
	enum eh_demo_consent consent;
} exceptions[] = {
	{ true, 7, EH_DEMO_CONSENT_NONE },
	{ true, 13, EH_DEMO_CONSENT_NO_VOICE },
	{ true, 20, EH_DEMO_CONSENT_WITHDRAWN },
	{ false, 4, EH_DEMO_CONSENT_NO_FACE },
	{ false, 11, EH_DEMO_CONSENT_NO_INFER },
	{ false, 17, EH_DEMO_CONSENT_EXPIRED },
};
#define BRITISH_MAN 8   /* first: in the United Kingdom only declared data may be used (facts/law.md 5) */

static const char *jurisdiction_draw(struct eh_rng *r)
{
	double u = eh_rng_unit(r);

	return u < 0.45 ? "US-IL" : u < 0.80 ? "US-NY" : u < 0.92 ? "DE" : "FR";
}

/* The options that come near the pitch of real speakers: women 35..65, men 30..80 (facts/first_road.md 4).  Wider ones
 * overlap so much that 29 candidates leave the proof of the model's skill to a single voice. */
static void voice_draw(struct eh_demo_person *p, struct eh_rng *r)
{
	p->pitch = p->female ? 35 + (unsigned)eh_rng_below(r, 31) : 30 + (unsigned)eh_rng_below(r, 51);
	p->speed = 145 + (unsigned)eh_rng_below(r, 41);
}

/* One of the 60 with a face, or of the three without; index counts within that kind. */
static void person_make(struct eh_demo_person *p, bool female, bool face, unsigned index, struct eh_rng *r)
{
	memset(p, 0, sizeof *p);
	p->female = female;
	p->face = face;
	p->first = index % 2 == 0;
	p->position = index / 2 % 2 == 0 ? "analyst" : "engineer";
	p->jurisdiction = jurisdiction_draw(r);
	voice_draw(p, r);
	if (!face) {
		p->first = no_face[index].first;
		p->voice = no_face[index].voice;
		snprintf(p->portrait, sizeof p->portrait, "%s", no_face[index].portrait);
		return;
	}
	if (female) {
		p->voice = women_voices[index % (sizeof women_voices / sizeof women_voices[0])];
		snprintf(p->portrait, sizeof p->portrait, "female/%u.jpg", (unsigned)women_portraits[index]);
	} else {
		p->voice = men_voices[index];
		snprintf(p->portrait, sizeof p->portrait, "male/%u.jpg", (unsigned)men_portraits[index]);
		if (index == BRITISH_MAN)
			p->jurisdiction = "GB";
	}
	for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++)
		if (exceptions[i].female == female && exceptions[i].index == index)
			p->consent = exceptions[i].consent;
}

void eh_demo_roster(struct eh_demo_person out[EH_DEMO_PERSONS])
{
	uint32_t place[EH_DEMO_PERSONS];
	struct eh_rng r;

	/* ids in a shuffled order, so that they do not tell the sex */
	for (uint32_t i = 0; i < EH_DEMO_PERSONS; i++)
		place[i] = i;
	eh_rng_seed_named(&r, PEOPLE_SEED, "ids");
	eh_rng_shuffle(&r, place, EH_DEMO_PERSONS);
	for (unsigned i = 0; i < EH_DEMO_PERSONS; i++) {
		bool face = i < EH_DEMO_WOMEN + EH_DEMO_MEN;
		bool female = face ? i < EH_DEMO_WOMEN : no_face[i - EH_DEMO_WOMEN - EH_DEMO_MEN].female;
		unsigned index = !face ? i - EH_DEMO_WOMEN - EH_DEMO_MEN : female ? i : i - EH_DEMO_WOMEN;
		struct eh_demo_person *p = &out[place[i]];

		eh_rng_seed_named(&r, PEOPLE_SEED + i, "person");
		person_make(p, female, face, index, &r);
		snprintf(p->id, sizeof p->id, "C%03u", (unsigned)place[i] + 1);
		p->webm = place[i] % 6 == 5;
	}
}

const char *eh_demo_consent_text(enum eh_demo_consent c)
{
	static const char *const text[EH_DEMO_CONSENT_KINDS] = { "all", "none", "no face", "no voice", "no infer:sex",
		"watch withdrawn", "expired" };

	return (unsigned)c < EH_DEMO_CONSENT_KINDS ? text[c] : "";
}

void eh_demo_answer_name(char out[EH_DEMO_NAME_SIZE], const struct eh_demo_person *p, unsigned question)
{
	snprintf(out, EH_DEMO_NAME_SIZE, "%.7s-q%u.%s", p->id, question + 1, p->webm ? "webm" : "mp4");
}

static void evaluators_table(struct eh_buf *b, const struct eh_demo_person *people)
{
	static const char *const units[] = { "north", "south", "west" };

	(void)people;
	eh_buf_printf(b, "evaluator_id,unit\n");
	for (unsigned e = 0; e < EH_DEMO_EVALUATORS; e++)
		eh_buf_printf(b, "E%02u,%s\n", e + 1, units[e % 3]);
}

static void candidates_table(struct eh_buf *b, const struct eh_demo_person *people)
{
	eh_buf_printf(b, "candidate_id,jurisdiction,position_id,declared.sex\n");
	for (size_t i = 0; i < EH_DEMO_PERSONS; i++)
		eh_buf_printf(b, "%s,%s,%s,%s\n", people[i].id, people[i].jurisdiction, people[i].position,
			      !people[i].first ? "" : people[i].female ? "female" : "male");
}

/* release_id to policy_version; empty where no law asks.  Nobody signed: the digest is of a sentence that says so. */
static void release_cells(struct eh_buf *b, const struct eh_demo_person *p, const char *purpose)
{
	bool measured = strcmp(purpose, "face") == 0 || strcmp(purpose, "voice") == 0;
	char signature[EH_DIGEST_HEX], until[EH_TIME_TEXT], text[64];

	if (!measured || strcmp(p->jurisdiction, "US-IL") != 0) {
		eh_buf_printf(b, ",,,,,\n");
		return;
	}
	(void)snprintf(text, sizeof text, "release of the synthetic candidate %s", p->id);
	eh_sha256_hex(signature, text, strlen(text));
	eh_format_time(until, TERM_TIME);
	eh_buf_printf(b, ",R-%s,%s,audit of interview decisions,%s,retention-1\n", p->id, signature, until);
}

static void consent_row(struct eh_buf *b, const struct eh_demo_person *p, const char *purpose, bool granted, int64_t at)
{
	bool german = strcmp(p->jurisdiction, "DE") == 0, french = strcmp(p->jurisdiction, "FR") == 0;
	char when[EH_TIME_TEXT], until[EH_TIME_TEXT] = "";

	eh_format_time(when, at);
	if (p->consent == EH_DEMO_CONSENT_EXPIRED)
		eh_format_time(until, EXPIRY_TIME);
	eh_buf_printf(b, "%s,%s,%s,%s,notice-%s-1,%s", p->id, purpose, granted ? "yes" : "no", when,
		      german ? "de" : french ? "fr" : "en", until);
	release_cells(b, p, purpose);
}

static void consents_of(struct eh_buf *b, const struct eh_demo_person *p, int64_t at)
{
	if (p->consent == EH_DEMO_CONSENT_NONE)
		return;
	consent_row(b, p, "watch", true, at);
	if (p->consent != EH_DEMO_CONSENT_NO_FACE)
		consent_row(b, p, "face", true, at);
	if (p->consent != EH_DEMO_CONSENT_NO_VOICE)
		consent_row(b, p, "voice", true, at);
	consent_row(b, p, "train", true, at);
	if (p->consent != EH_DEMO_CONSENT_NO_INFER)
		consent_row(b, p, "infer:sex", true, at);
	if (p->consent == EH_DEMO_CONSENT_WITHDRAWN)
		consent_row(b, p, "watch", false, at + 20 * DAY);
}

static void consents_table(struct eh_buf *b, const struct eh_demo_person *people)
{
	eh_buf_printf(b, "candidate_id,purpose,granted,at,notice,expires,release_id,signature_sha256,purpose_text,"
			 "term_until,policy_version\n");
	for (size_t i = 0; i < EH_DEMO_PERSONS; i++)
		consents_of(b, &people[i], CONSENT_TIME + 600 * (int64_t)i);
}

static void interviews_table(struct eh_buf *b, const struct eh_demo_person *people)
{
	char name[EH_DEMO_NAME_SIZE];

	eh_buf_printf(b, "candidate_id,question_id,path\n");
	for (size_t i = 0; i < EH_DEMO_PERSONS; i++)
		for (unsigned q = 0; q < EH_DEMO_QUESTIONS; q++) {
			eh_demo_answer_name(name, &people[i], q);
			eh_buf_printf(b, "%s,q%u,../media/%s\n", people[i].id, q + 1, name);
		}
}

/* The truth about the candidates, for people who want to check; no command reads it. */
static void truth_table(struct eh_buf *b, const struct eh_demo_person *people)
{
	eh_buf_printf(b, "candidate_id,sex,set,usable_face,voiced,portrait,voice,pitch,speed,container,consent\n");
	for (size_t i = 0; i < EH_DEMO_PERSONS; i++) {
		const struct eh_demo_person *p = &people[i];

		eh_buf_printf(b, "%s,%s,%s,%s,%s,%s,%s,%u,%u,%s,%s\n", p->id, p->female ? "female" : "male",
			      p->first ? "first" : "second", p->face ? "yes" : "no",
			      strncmp(p->voice, "whisper", 7) == 0 ? "no" : "yes", p->portrait, p->voice, p->pitch,
			      p->speed, p->webm ? "webm" : "mp4", eh_demo_consent_text(p->consent));
	}
}

int eh_demo_make_people(const struct eh_demo_options *o, struct eh_err *err)
{
	static const struct {
		const char *sub, *name;
		void (*fill)(struct eh_buf *b, const struct eh_demo_person *people);
	} files[] = { { "", EH_DEMO_MARK, truth_table },
		      { "tables", "evaluators.csv", evaluators_table },
		      { "tables", "candidates.csv", candidates_table },
		      { "tables", "consents.csv", consents_table },
		      { "tables", "interviews.csv", interviews_table } };
	struct eh_demo_person people[EH_DEMO_PERSONS];
	char path[4096];
	struct eh_buf b;
	int rc = eh_demo_make_dirs(o->dir, err);

	eh_demo_roster(people);
	for (size_t i = 0; rc == EH_OK && i < sizeof files / sizeof files[0]; i++) {
		rc = eh_demo_path(path, sizeof path, o->dir, files[i].sub, files[i].name, err);
		if (rc != EH_OK)
			break;
		eh_buf_init(&b, 1u << 20);
		files[i].fill(&b, people);
		rc = eh_demo_write(path, &b, err);
	}
	return rc == EH_OK ? eh_demo_write_truth(o, err) : rc;
}
