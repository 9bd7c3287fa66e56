/* What the machine offers and how the project stands, each line with its mend. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/cubes.h"
#include "base/paths.h"
#include "desk/inside.h"
#include "face/face.h"
#include "media/media.h"
#include "voice/voice.h"
#include "worker/worker.h"

struct lines {
	struct eh_doctor_line *v;
	size_t n, max;
};

static void add(struct lines *l, const char *what, int state, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static void add(struct lines *l, const char *what, int state, const char *fmt, ...)
{
	struct eh_doctor_line *line;
	va_list ap;

	if (l->n == l->max)
		return;
	line = &l->v[l->n++];
	(void)snprintf(line->what, sizeof line->what, "%s", what);
	line->state = state;
	va_start(ap, fmt);
	(void)vsnprintf(line->text, sizeof line->text, fmt, ap);
	va_end(ap);
}

static void look_at_sandbox(struct lines *l)
{
	struct eh_worker_layers layers;

	eh_worker_layers(&layers);
	add(l, "seccomp", layers.seccomp ? 0 : 2, layers.seccomp ? "system-call filter available"
		: "this kernel has no seccomp filter; recordings and policies would run unlocked");
	if (layers.landlock_abi > 0)
		add(l, "landlock", 0, "ABI %d", layers.landlock_abi);
	else
		add(l, "landlock", 1,
		    "this kernel has no Landlock; the system-call filter alone keeps workers from files");
}

/* Every forbidden act tried in a policy's worker: a filter that is there may still have a hole. */
static void look_at_locks(struct lines *l)
{
	struct eh_worker_proof proof[16];
	struct eh_worker_layers layers;
	size_t n = 0;

	eh_worker_layers(&layers);
	if (!layers.seccomp) {
		add(l, "locks", 1, "not tried: without the system-call filter a policy's worker is not locked");
		return;
	}
	n = eh_worker_selftest(EH_WORKER_POLICY, proof, sizeof proof / sizeof proof[0]);
	for (size_t i = 0; i < n; i++) {
		if (proof[i].refused)
			continue;
		add(l, "locks", 2, "a policy's worker could do this: %s (%s); run no policy of a stranger here",
		    proof[i].what, proof[i].how);
		return;
	}
	add(l, "locks", 0,
	    "open, write, socket, exec, fork, ptrace, kill and executable memory are refused to policies");
}

static void look_at_extractor(struct lines *l)
{
	struct eh_face *face = NULL;
	struct eh_err err = EH_ERR_INIT;

	if (eh_media_load(&err) == EH_OK)
		add(l, "media", 0, "%s", eh_media_version());
	else
		add(l, "media", 2, "%.250s", err.msg);
	add(l, "voice", 0, "%s", eh_voice_version());
	if (eh_face_open(&face, &err) == EH_OK)
		add(l, "face models", 0, "%.250s", eh_face_version(face));
	else
		add(l, "face models", 2, "%.250s", err.msg);
	eh_face_close(&face);
}

static void look_at_policy(struct lines *l, const struct eh_policy_engine *engine)
{
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	char path[1024];
	int rc;

	if (engine == NULL)
		return;
	rc = eh_policy_find(path, sizeof path, NULL, "evaluator_screen", &err);
	if (rc == EH_OK)
		rc = engine->load(&p, path, &err);
	if (rc == EH_OK)
		add(l, "default policy", 0, "%s %s, sha256 %.16s", engine->info(p)->name, engine->info(p)->version,
		    engine->info(p)->hash);
	else
		add(l, "default policy", 2, "%.250s", err.msg);
	if (p != NULL)
		engine->free(&p);
}

static bool in_path(const char *program)
{
	const char *path = getenv("PATH");
	char full[1024];

	while (path != NULL && *path != '\0') {
		size_t len = strcspn(path, ":");

		if (snprintf(full, sizeof full, "%.*s/%s", (int)len, path, program) < (int)sizeof full &&
		    access(full, X_OK) == 0)
			return true;
		path += len;
		path += *path == ':';
	}
	return false;
}

static void look_at_programs(struct lines *l)
{
	static const char *const programs[] = { "ffmpeg", "espeak-ng" };

	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
		add(l, programs[i], in_path(programs[i]) ? 0 : 1,
		    in_path(programs[i]) ? "found (only the demo needs it)"
					 : "not found; only the demo needs it: apt-get install %s",
		    programs[i]);
}

static void look_at_store(struct lines *l, struct eh_desk *d)
{
	struct eh_store_stat st;
	struct eh_journal_state j;
	struct eh_err err = EH_ERR_INIT;

	if (eh_store_stat(d->store, &st, &err) != EH_OK) {
		add(l, "store", 2, "%.250s", err.msg);
		return;
	}
	add(l, "store", 0, "%s: %llu evaluations, %.1f MB used", eh_desk_dir(d),
	    (unsigned long long)st.entries[EH_T_EVALUATIONS], (double)st.bytes_used / 1e6);
	add(l, "readers", st.oldest_reader_lag > 1000 ? 1 : 0,
	    "%u reading now (this one included), the oldest view is %llu commits behind", st.readers,
	    (unsigned long long)st.oldest_reader_lag);
	if (eh_desk_journal_verify(d, &j, &err) == EH_OK)
		add(l, "journal", 0, "intact, %llu entries", (unsigned long long)j.entries);
	else
		add(l, "journal", 2, "%.250s", err.msg);
}

/* What is only derived can be mended on the spot. */
static void count_anew(struct lines *l, struct eh_desk *d, uint64_t wrong)
{
	struct eh_txn *txn = NULL;
	struct eh_err err = EH_ERR_INIT;
	int rc = eh_txn_begin(&txn, d->store, true, &err);

	if (rc == EH_OK)
		rc = eh_cubes_recount(txn, &err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, &err);
	eh_txn_abort(&txn);
	if (rc != EH_OK)
		add(l, "counts", 2, "%.250s", err.msg);
	else if (wrong > 0)
		add(l, "counts", 1, "%llu differed from the evaluations and were counted anew; audit once more",
		    (unsigned long long)wrong);
	else
		add(l, "counts", 0, "were of an older program; counted anew");
}

/* The stored counts against a recount. */
static void look_at_counts(struct lines *l, struct eh_desk *d)
{
	struct eh_cubes_state state = { .current = false };
	struct eh_txn *txn = NULL;
	struct eh_err err = EH_ERR_INIT;
	uint64_t wrong = 0;
	int rc = eh_txn_begin(&txn, d->store, false, &err);

	if (rc == EH_OK)
		rc = eh_cubes_state(txn, &state, &err);
	if (rc == EH_OK)
		rc = eh_cubes_check(txn, &wrong, &err);
	eh_txn_abort(&txn);
	if (rc != EH_OK)
		add(l, "counts", 2, "%.250s", err.msg);
	else if (!state.dated || wrong > 0)
		count_anew(l, d, wrong);
	else
		add(l, "counts", 0, "those of the evaluations");
}

static void look_at_models(struct lines *l, struct eh_desk *d)
{
	struct eh_model_row *v = NULL;
	struct eh_err err = EH_ERR_INIT;
	size_t n = 0;

	if (eh_desk_models(d, &v, &n, &err) != EH_OK)
		add(l, "models", 2, "%.250s", err.msg);
	for (size_t i = 0; i < n; i++) {
		char what[EH_NAME_MAX + 8];

		(void)snprintf(what, sizeof what, "model %s", v[i].attribute);
		if (v[i].outdated)
			add(l, what, 1, "stored by another version; run: evenhand train --refresh %s", v[i].attribute);
		else if (v[i].withdrawn == 0)
			add(l, what, 0, "%s, %u candidates, every consent holds", v[i].id, v[i].candidates);
		else
			add(l, what, 1,
			    "%s is stale: the consent of %u of its %u candidates was withdrawn or no longer holds; "
			    "run: evenhand train --refresh %s",
			    v[i].id, v[i].withdrawn, v[i].candidates, v[i].attribute);
	}
	eh_list_free(&v);
}

size_t eh_desk_doctor(struct eh_desk *d, const struct eh_policy_engine *engine, struct eh_doctor_line *out, size_t max)
{
	struct lines l = { out, 0, max };

	if (d != NULL) {
		look_at_store(&l, d);
		look_at_counts(&l, d);
		look_at_models(&l, d);
	}
	/* what follows forks workers */
	if (d != NULL)
		eh_store_suspend(d->store);
	look_at_sandbox(&l);
	look_at_locks(&l);
	look_at_extractor(&l);
	look_at_policy(&l, engine);
	look_at_programs(&l);
	return l.n;
}
