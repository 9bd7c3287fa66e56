/* Bar of issue 3: the same files with one worker and with two, in another order, give the same bytes in the store:
 * every answer and every combined vector is compared as it lies in the table. */
#include "tests/core/temp_project.h"

#include "base/buf.h"
#include "extract/extract.h"
#include "learn/vector.h"
#include "tests/bench/extract_bench.h"

#define FILES 6

struct table {
	struct eh_buf bytes;    /* key length, key, value length, value, one after another */
	size_t entries;
};

static int keep(void *ctx, const struct eh_extract_job *job, const struct eh_answer *answer, struct eh_err *err)
{
	struct temp_project *p = ctx;
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, p->store, true, err);

	if (rc == EH_OK)
		rc = eh_answer_put(txn, job->candidate, job->question, answer, err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	eh_store_suspend(p->store);
	return rc;
}

struct pooled {
	struct eh_answer *v;
	size_t n;
};

static int collect(void *ctx, const char *candidate, const char *question, const struct eh_answer *a,
		   struct eh_err *err)
{
	struct pooled *p = ctx;

	(void)candidate;
	(void)question;
	(void)err;
	p->v[p->n++] = *a;
	return EH_OK;
}

static int pool_vector(struct temp_project *p, const char *candidate, struct eh_err *err)
{
	struct pooled all = { calloc(FILES, sizeof *all.v), 0 };
	struct eh_vector *vec = calloc(1, sizeof *vec);
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, p->store, true, err);

	if (rc == EH_OK)
		rc = eh_answers_each(txn, candidate, collect, &all, err);
	if (rc == EH_OK) {
		eh_vector_pool(vec, candidate, all.v, all.n);
		rc = eh_vector_put(txn, vec, err);
	}
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	free(all.v);
	free(vec);
	return rc;
}

static int add(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct table *t = ctx;
	uint64_t sizes[2] = { key.len, value.len };

	(void)err;
	eh_buf_add(&t->bytes, sizes, sizeof sizes);
	eh_buf_add(&t->bytes, key.data, key.len);
	eh_buf_add(&t->bytes, value.data, value.len);
	t->entries++;
	return EH_OK;
}

/* One road over all files: jobs, answers, vectors, the two tables. */
static int road(struct table *out, struct eh_extractor *x, const struct eh_extract_job jobs[FILES], unsigned workers,
		struct eh_err *err)
{
	struct eh_extract_settings settings = { workers, false };
	struct temp_project p;
	struct eh_txn *txn = NULL;
	int rc = EH_OK;

	temp_project_open(&p);
	eh_store_suspend(p.store);
	rc = eh_extract_run(x, jobs, FILES, &settings, keep, &p, NULL, err);
	for (int c = 0; c < FILES / 2 && rc == EH_OK; c++)
		rc = pool_vector(&p, c == 0 ? "c0" : c == 1 ? "c1" : "c2", err);
	if (rc == EH_OK)
		rc = eh_txn_begin(&txn, p.store, false, err);
	eh_buf_init(&out->bytes, (size_t)16 << 20);
	out->entries = 0;
	if (rc == EH_OK)
		rc = eh_txn_scan(txn, EH_T_ANSWERS, (struct eh_bytes){ NULL, 0 }, add, out, err);
	if (rc == EH_OK)
		rc = eh_txn_scan(txn, EH_T_VECTORS, (struct eh_bytes){ NULL, 0 }, add, out, err);
	eh_txn_abort(&txn);
	temp_project_close(&p);
	return rc;
}

static bool make_jobs(struct eh_extract_job jobs[FILES])
{
	for (int i = 0; i < FILES; i++) {
		/* two answers of each of three candidates; odd ones at another size and frame rate */
		struct bench_clip clip = {
			i % 2 != 0 ? 320 : 640, i % 2 != 0 ? 240 : 480, 15 + i, 9, 600, 1 + i / 2, ""
		};
		char name[16];

		(void)snprintf(name, sizeof name, "%d.mp4", i);
		if (!bench_make(name, &clip))
			return false;
		(void)snprintf(jobs[i].candidate, sizeof jobs[i].candidate, "c%d", i / 2);
		(void)snprintf(jobs[i].question, sizeof jobs[i].question, "q%d", i % 2);
		(void)snprintf(jobs[i].path, sizeof jobs[i].path, "%s/%s", bench_dir(), name);
		jobs[i].want_face = jobs[i].want_voice = true;
	}
	return true;
}

int main(void)
{
	static struct eh_extract_job jobs[FILES], other[FILES];
	struct table t[3] = { { .entries = 0 }, { .entries = 0 }, { .entries = 0 } };
	struct eh_extractor *x = NULL;
	struct eh_err err = EH_ERR_INIT;
	bool ok = false;

	if (!bench_begin())
		return 3;
	if (!make_jobs(jobs) || eh_extractor_open(&x, &err) != EH_OK)
		goto out;
	for (int i = 0; i < FILES; i++)
		other[i] = jobs[FILES - 1 - i];
	if (road(&t[0], x, jobs, 1, &err) != EH_OK || road(&t[1], x, jobs, 1, &err) != EH_OK ||
	    road(&t[2], x, other, 2, &err) != EH_OK)
		goto out;
	ok = t[0].entries == FILES + FILES / 2;
	for (int i = 1; i < 3; i++)
		ok = ok && t[i].bytes.len == t[0].bytes.len &&
			memcmp(t[i].bytes.data, t[0].bytes.data, t[0].bytes.len) == 0;
	printf("%d recordings, one worker twice and two workers in reverse order: %zu entries, %zu bytes in the store: "
	       "%s\n",
	       FILES, t[0].entries, t[0].bytes.len, ok ? "the same bytes" : "DIFFERENT");
out:
	if (err.code != EH_OK)
		(void)fprintf(stderr, "%s\n", err.msg);
	for (int i = 0; i < 3; i++)
		eh_buf_free(&t[i].bytes);
	eh_extractor_close(&x);
	bench_end();
	return ok ? 0 : 1;
}
