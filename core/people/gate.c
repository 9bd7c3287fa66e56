/* The gates in front of every use of personal data; see consent.h.  The lists are law.md 1 and 5, not settings. */
#include <string.h>

#include "people/consent.h"
#include "people/paper.h"
#include "people/record.h"

static bool listed(const char *word, size_t len, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]) == len && memcmp(list[i], word, len) == 0)
			return true;
	return false;
}

#define LISTED(word, len, list) listed(word, len, list, sizeof(list) / sizeof((list)[0]))

/*
 * Attribute names are chosen by the user, so every word between underscores is looked at, with the near names of each
 * class: "ethnic_origin" must not be the way round "race".  Stems that stand in no harmless word count wherever they
 * stand: "sexlife", "raceethnicity", "healthstatus".
 */
/* clang-format off */
static const char *const never_words[] = {
	"illness", "disease", "medical", "hiv", "dna", "gay", "queer", "trans", "faith",
};
static const char *const never_stems[] = {
	"disab", "health", "genetic", "pregnan", "orientation", "sexualit", "homosex", "bisex",
	"transgender", "lesbian", "lgbt", "sexlife", "sex_life", "sexual_pref", "religi", "belief",
};
static const char *const feeling_words[] = { "mood", "moods" };
static const char *const feeling_stems[] = { "emotion" };
static const char *const eu_words[] = {
	"race", "races", "party", "union", "caste", "ancestry", "colour", "color", "origin", "hispanic", "latino",
};
static const char *const eu_stems[] = { "ethnic", "racial", "raceeth", "skin", "politic", "tradeunion", "philosoph" };
/* clang-format on */

/* European Union (27, with the Union's own EL for Greece), the other three EEA states, and EU itself. */
static const char *const eea[] = { "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR",
				   "GR", "EL", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL",
				   "PL", "PT", "RO", "SE", "SI", "SK", "IS", "LI", "NO", "EU" };
static const char *const uk[] = { "GB", "UK" };

static bool word_in(const char *attribute, const char *const *list, size_t n)
{
	for (const char *p = attribute;;) {
		size_t len = strcspn(p, "_");

		if (listed(p, len, list, n))
			return true;
		if (p[len] == '\0')
			return false;
		p += len + 1;
	}
}

#define WORD_IN(attribute, list) word_in(attribute, list, sizeof(list) / sizeof((list)[0]))

static bool stem_in(const char *attribute, const char *const *stems, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(attribute, stems[i]) != NULL)
			return true;
	return false;
}

#define NAMED(attribute, kind) (WORD_IN(attribute, kind##_words) || \
				stem_in(attribute, kind##_stems, sizeof(kind##_stems) / sizeof((kind##_stems)[0])))

static bool united_states(const char *jurisdiction)
{
	return strcmp(jurisdiction, "US") == 0 ||
	       (strncmp(jurisdiction, "US-", 3) == 0 && eh_us_state(jurisdiction + 3));
}

bool eh_gate_feeling(const char *attribute) { return NAMED(attribute, feeling); }

int eh_gate_purpose(const char *purpose, struct eh_err *err)
{
	const char *attribute = purpose + 6;

	if (strncmp(purpose, "infer:", 6) != 0 || (!NAMED(attribute, never) && !eh_gate_feeling(attribute)))
		return EH_OK;
	return eh_err_set(err, EH_EREFUSED,
			  "consent for %.40s refused: %.33s is never inferred, anywhere, so it would allow nothing: "
			  "feelings, health, belief and orientation are not guessed from faces and voices",
			  purpose, attribute);
}

int eh_gate_infer(const char *jurisdiction, const char *attribute, struct eh_err *err)
{
	size_t country = strcspn(jurisdiction, "-");

	if (!eh_attribute_valid(attribute, strlen(attribute)))
		return eh_err_set(err, EH_EREFUSED, "inference of '%.40s' refused: that is not an attribute name",
				  attribute);
	if (NAMED(attribute, never) || eh_gate_feeling(attribute))
		return eh_err_set(err, EH_EREFUSED,
				  "inference of %s refused: it is never inferred, anywhere",
				  attribute);
	if (united_states(jurisdiction))
		return EH_OK;
	if (LISTED(jurisdiction, country, uk))
		return eh_err_set(
			err, EH_EREFUSED,
			"inference of %s refused in %.8s: nothing is inferred of candidates in the United Kingdom",
			attribute, jurisdiction);
	if (!LISTED(jurisdiction, country, eea))
		return eh_err_set(
			err, EH_EREFUSED,
			"inference of %s refused: jurisdiction '%.8s' is not known, so nothing is allowed there",
			attribute, jurisdiction);
	if (NAMED(attribute, eu))
		return eh_err_set(err, EH_EREFUSED,
				  "inference of %s refused in %.8s: it is never inferred in the EU and EEA "
				  "(AI Act Art 5(1)(g))",
				  attribute, jurisdiction);
	return EH_OK;
}

struct newest {
	const char *purpose;
	bool found;
	bool granted;
	int64_t at, expires;
	struct eh_release release;
};

static int newest_step(void *ctx, const struct eh_consent *c, struct eh_err *err)
{
	struct newest *n = ctx;

	(void)err;
	/* not older: of two records of the same second the one entered later decides */
	if (strcmp(c->purpose, n->purpose) == 0 && (!n->found || c->at >= n->at)) {
		n->found = true;
		n->granted = c->granted;
		n->at = c->at;
		n->expires = c->expires;
		n->release = c->release;
	}
	return EH_OK;
}

/* What the ledger alone says about one purpose; paper: that of the record that decides, NULL = not wanted. */
static int gate_ledger(struct eh_txn *txn, const char *candidate, const char *purpose, const char *asked, int64_t now,
		       struct eh_release *paper, struct eh_err *err)
{
	struct newest n = { .purpose = purpose };
	const char *also = strcmp(purpose, asked) == 0 ? "" : ", which is needed for ";
	const char *tail = *also != '\0' ? asked : "";
	char when[EH_TIME_TEXT];
	int rc = eh_consents_each(txn, candidate, newest_step, &n, err);

	if (rc != EH_OK)
		return rc;
	if (!n.found)
		return eh_err_set(err, EH_EREFUSED, "candidate '%s': no consent for %s%s%s", candidate, purpose, also,
				  tail);
	eh_format_time(when, n.at);
	if (!n.granted)
		return eh_err_set(err, EH_EREFUSED, "candidate '%s': consent for %s was withdrawn or refused on %s%s%s",
				  candidate, purpose, when, also, tail);
	if (n.at > now)
		return eh_err_set(err, EH_EREFUSED, "candidate '%s': consent for %s begins only on %s%s%s", candidate,
				  purpose, when, also, tail);
	if (n.expires != 0 && n.expires <= now) {
		eh_format_time(when, n.expires);
		return eh_err_set(err, EH_EREFUSED, "candidate '%s': consent for %s expired on %s%s%s", candidate,
				  purpose, when, also, tail);
	}
	if (paper != NULL)
		*paper = n.release;
	return EH_OK;
}

/* Of a place that is not known no law is known either, so nothing is measured there. */
static bool place_known(const char *place) { return eh_jurisdiction_check(place, NULL) == EH_OK; }

static int gate_infer(const char *candidate, const char *place, const char *purpose, struct eh_err *err)
{
	int rc = eh_gate_infer(place, purpose + 6, err);

	if (rc != EH_OK && err != NULL)
		(void)eh_err_prefix(err, "candidate '%s', purpose %s: ", candidate, purpose);
	return rc;
}

static int gate_paper(const char *candidate, const char *place, const char *purpose, const struct eh_release *paper,
		      int64_t now, struct eh_err *err)
{
	char lacks[EH_PAPER_LACKS_MAX];
	const struct eh_paper_rule *rule = NULL;

	if (!place_known(place))
		return eh_err_set(err, EH_EREFUSED,
				  "candidate '%s': %s refused: jurisdiction '%.8s' is not known, so nothing is "
				  "measured there; import the candidate with its place",
				  candidate, purpose, place);
	rule = eh_paper_missing(lacks, place, purpose, paper, now);
	return rule == NULL ? EH_OK : eh_paper_refuse(rule, lacks, candidate, place, purpose, err);
}

static bool measures(const char *purpose) { return strcmp(purpose, "face") == 0 || strcmp(purpose, "voice") == 0; }

/* What the place adds to a consent that holds. */
static int gate_place(struct eh_txn *txn, const char *candidate, const char *purpose, const struct eh_release *paper,
		      int64_t now, struct eh_err *err)
{
	struct eh_candidate c;
	int rc = eh_candidate_get(txn, candidate, &c, err);

	if (rc == EH_ENOENT)
		return eh_err_set(err, EH_EREFUSED, "candidate '%s': %s refused, the jurisdiction is not known",
				  candidate, purpose);
	if (rc != EH_OK)
		return rc;
	return measures(purpose) ? gate_paper(candidate, c.jurisdiction, purpose, paper, now, err)
				 : gate_infer(candidate, c.jurisdiction, purpose, err);
}

int eh_gate(struct eh_txn *txn, const char *candidate, const char *purpose, int64_t now, struct eh_err *err)
{
	struct eh_release paper;
	char shown[96];
	int rc;

	if (!eh_id_valid(candidate, strlen(candidate))) {
		eh_text_printable(shown, sizeof shown, candidate, strlen(candidate));
		return eh_err_set(err, EH_EREFUSED, "candidate '%s': not an id, so there is no consent for %.40s",
				  shown, purpose);
	}
	if (eh_purpose_check(purpose, err) != EH_OK)
		return eh_err_set(err, EH_EREFUSED, "candidate '%s': '%.40s' is not a purpose, so nothing is allowed",
				  candidate, purpose);
	rc = gate_ledger(txn, candidate, purpose, purpose, now, &paper, err);
	if (rc == EH_OK && measures(purpose))
		rc = gate_ledger(txn, candidate, "watch", purpose, now, NULL, err);
	if (rc != EH_OK || (!measures(purpose) && strncmp(purpose, "infer:", 6) != 0))
		return rc;
	return gate_place(txn, candidate, purpose, &paper, now, err);
}

struct newest_each {
	struct newest of[EH_GATE_MAX + 1];
	size_t n;
};

static int newest_each_step(void *ctx, const struct eh_consent *c, struct eh_err *err)
{
	struct newest_each *e = ctx;

	for (size_t i = 0; i < e->n; i++)
		(void)newest_step(&e->of[i], c, err);
	return EH_OK;
}

static bool holds(const struct newest *n, int64_t now)
{
	return n->found && n->granted && n->at <= now && (n->expires == 0 || n->expires > now);
}

/* The place of who is asked for, read when first needed; NULL = not known. */
struct place {
	const struct eh_candidate *c;
	struct eh_candidate own;
	bool looked;
};

static const char *place_of(struct place *p, struct eh_txn *txn, const char *candidate)
{
	if (p->c == NULL && !p->looked && eh_candidate_get(txn, candidate, &p->own, NULL) == EH_OK)
		p->c = &p->own;
	p->looked = true;
	return p->c != NULL ? p->c->jurisdiction : NULL;
}

static bool place_allows(const char *place, const struct newest *n, int64_t now)
{
	char lacks[EH_PAPER_LACKS_MAX];

	if (place == NULL)
		return false;
	if (!measures(n->purpose))
		return eh_gate_infer(place, n->purpose + 6, NULL) == EH_OK;
	return place_known(place) && eh_paper_missing(lacks, place, n->purpose, &n->release, now) == NULL;
}

static bool read_ledger(struct newest_each *e, struct eh_txn *txn, const char *candidate)
{
	return eh_id_valid(candidate, strlen(candidate)) &&
	       eh_consents_each(txn, candidate, newest_each_step, e, NULL) == EH_OK;
}

void eh_gate_each(struct eh_txn *txn, const char *candidate, const struct eh_candidate *c, const char *const *purposes,
		  size_t n, int64_t now, bool *may)
{
	struct newest_each e = { .n = n + 1 };
	struct place place = { .c = c };
	const struct newest *watch = &e.of[n];
	bool read = false;

	for (size_t i = 0; i < n; i++)
		e.of[i].purpose = purposes[i];
	e.of[n].purpose = "watch";
	read = read_ledger(&e, txn, candidate);
	for (size_t i = 0; i < n; i++) {
		bool measuring = measures(purposes[i]), asks = measuring || strncmp(purposes[i], "infer:", 6) == 0;

		may[i] = read && eh_purpose_check(purposes[i], NULL) == EH_OK && holds(&e.of[i], now) &&
			 (!measuring || holds(watch, now)) &&
			 (!asks || place_allows(place_of(&place, txn, candidate), &e.of[i], now));
	}
}

const struct eh_paper_rule *eh_gate_paper(struct eh_txn *txn, const char *candidate, const char *purpose, int64_t now)
{
	struct newest_each e = { .n = 2, .of = { { .purpose = purpose }, { .purpose = "watch" } } };
	struct place place = { .c = NULL };
	char lacks[EH_PAPER_LACKS_MAX];

	if (!measures(purpose) || !read_ledger(&e, txn, candidate) || !holds(&e.of[0], now) || !holds(&e.of[1], now) ||
	    place_of(&place, txn, candidate) == NULL)
		return NULL;
	return eh_paper_missing(lacks, place.c->jurisdiction, purpose, &e.of[0].release, now);
}

bool eh_gate_forbidden_column(const char *name)
{
	/* anywhere in the name without its separators ("x.homeZipCode"), or as a word of its own ("home_zip") */
	static const char *const parts[] = { "zipcode",	     "postcode",   "postalcode",
					     "postleitzahl", "codepostal", "codigopostal" };
	static const char *const words[] = { "zip",  "zip3", "zip4",   "zip5",	  "zip9",
					     "zips", "plz",  "postal", "eircode", "zipplus4" };
	char joined[256];
	char lower[256];
	size_t n = 0, m = 0;

	for (const char *p = name; *p != '\0' && n < sizeof lower - 1; p++) {
		char c = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
		bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		lower[n++] = word ? c : '_';
		if (word)
			joined[m++] = c;
	}
	lower[n] = joined[m] = '\0';
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (strstr(joined, parts[i]) != NULL)
			return true;
	return WORD_IN(lower, words);
}
