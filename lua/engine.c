/* The parent's side: starts the workers, believes nothing they say unchecked. */
#include "lua/engine.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lua.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/text.h"
#include "base/threads.h"
#include "lua/engine_inside.h"
#include "lua/job.h"
#include "lua/record.h"
#include "policy/library.h"
#include "policy/own.h"
#include "worker/worker.h"

#define HELPER "evenhand.lua"
#define SHARES_MAX 16u

struct eh_policy {
	struct eh_policy_info info;
	char *text;             /* whole (policy/library.h) */
	size_t len;
	char *helper;
	size_t helper_len;
	const struct eh_audit_data *data;       /* lent, or NULL */
	/* of a load that is not waited for yet: its worker, or why there is none */
	bool loading;
	struct eh_worker *loader;
	int started;
	struct eh_err worker;
};

/* ---- running a worker ---- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static struct eh_job new_job(const struct eh_policy *p, enum eh_job_kind kind)
{
	struct eh_job job = { .kind = kind, .helper = p->helper, .helper_len = p->helper_len };
	size_t bom = p->len >= 3 && memcmp(p->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	job.source = (struct eh_source){ base_name(p->info.path), p->text + bom,
					 eh_library_own(p->text, p->len) - bom };
	job.libraries = p->text + job.source.len + bom;
	job.libraries_len = p->len - job.source.len - bom;
	return job;
}

/* What the worker said, read; 0 only for EH_LUA_DONE.  The message is made printable: it is a policy's text. */
static int take_head(const struct eh_job *job, const struct eh_lua_head *head, struct eh_policy_use *use,
		     struct eh_err *err)
{
	char text[EH_LUA_MESSAGE_MAX + 1] = "";

	if (!eh_lua_head_valid(head))
		return eh_engine_refuse(err, job->source.file, "the policy's worker returned an answer out of range");
	if (use != NULL) {
		use->instructions = head->instructions;
		use->memory = head->memory;
	}
	if (head->outcome == EH_LUA_DONE)
		return EH_OK;
	eh_text_printable(text, sizeof text, head->message, strnlen(head->message, sizeof head->message - 1));
	if (text[0] == '\0')
		return eh_err_set(err, EH_EPOLICY, "%s: the policy's worker gave no answer", job->source.file);
	return eh_err_set(err, EH_EPOLICY, "%s", text);
}

static int start_worker(struct eh_worker **out, struct eh_job *job, size_t size, struct eh_err *err)
{
	const struct eh_worker_spec spec = {
		.profile = EH_WORKER_POLICY, .job = eh_job_run, .ctx = job, .fd = -1, .record_size = size,
		.wall_seconds = EH_LUA_WALL
	};

	return eh_worker_start(out, &spec, err);
}

/* started: what start_worker returned, with its text in err of the same name.  0 only when the child said EH_LUA_DONE:
 * then w has its record. */
static int finish_worker(struct eh_worker *w, const struct eh_job *job, int started, struct eh_err *worker,
			 struct eh_policy_use *use, struct eh_err *err)
{
	int rc = started == EH_OK ? eh_worker_wait(w, NULL, worker) : started;

	if (rc < 0)
		return eh_err_set(err, EH_EPOLICY, "%s: refused: %s (a policy has %u million instructions, "
				  "%u MiB and %.0f s)", job->source.file, worker->msg, EH_LUA_INSTRUCTIONS / 1000000u,
				  EH_LUA_MEMORY >> 20, EH_LUA_WALL);
	return take_head(job, eh_worker_record(w), use, err);
}

/* Runs job; 0 only when the child said EH_LUA_DONE: then *out has its record of size bytes.  The caller frees *out in
 * any case. */
static int run_worker(struct eh_worker **out, struct eh_job *job, size_t size, struct eh_err *err)
{
	struct eh_err worker = EH_ERR_INIT;
	const int rc = start_worker(out, job, size, &worker);

	return finish_worker(*out, job, rc, &worker, NULL, err);
}

/* The same with a copy of a small record. */
static int run_job(struct eh_job *job, void *record, size_t size, struct eh_err *err)
{
	struct eh_worker *w = NULL;
	int rc = run_worker(&w, job, size, err);

	if (rc == EH_OK)
		memcpy(record, eh_worker_record(w), size);
	eh_worker_free(&w);
	return rc;
}

/* ---- the engine's functions ---- */

static void policy_free(struct eh_policy **p)
{
	if (p == NULL || *p == NULL)
		return;
	eh_worker_free(&(*p)->loader);
	free((*p)->text);
	free((*p)->helper);
	free(*p);
	*p = NULL;
}

static int read_helper(struct eh_policy *p, struct eh_err *err)
{
	char helper[4096] = "";
	int rc = eh_data_path(helper, sizeof helper, EH_DATA_POLICY, HELPER, err);

	return rc == EH_OK ? eh_engine_read(&p->helper, &p->helper_len, helper, err) : rc;
}

/* Does the text name it as a key or a string of its own, and not only as a word among others? */
static bool has_key(const char *text, size_t len, const char *word)
{
	const char *end = text + len, *at = text;
	const size_t n = strlen(word);

	while ((at = memmem(at, (size_t)(end - at), word, n)) != NULL) {
		at += n;
		while (at < end && isspace((unsigned char)*at))
			at++;
		if (at < end && strchr("\"'=]", *at) != NULL && *at != '\0')
			return true;
	}
	return false;
}

/* Starts to run p's text for its table. */
static int begin_load(struct eh_policy *p, const char *path, struct eh_err *err)
{
	struct eh_job job;
	int rc = eh_text_copy(p->info.path, sizeof p->info.path, path, "the policy's path", err);

	if (rc == EH_OK)
		rc = read_helper(p, err);
	if (rc != EH_OK)
		return rc;
	job = new_job(p, EH_JOB_LOAD);
	p->worker = (struct eh_err)EH_ERR_INIT;
	p->started = start_worker(&p->loader, &job, sizeof(struct eh_lua_load_record), &p->worker);
	p->loading = true;
	return EH_OK;
}

static int end_load(struct eh_policy *p, struct eh_err *err)
{
	struct eh_lua_load_record *record = eh_xcalloc(1, sizeof *record);
	const struct eh_job job = new_job(p, EH_JOB_LOAD);
	int rc = finish_worker(p->loader, &job, p->started, &p->worker, NULL, err);

	p->loading = false;
	if (rc == EH_OK)
		memcpy(record, eh_worker_record(p->loader), sizeof *record);
	eh_worker_free(&p->loader);
	if (rc == EH_OK && !eh_lua_info_valid(&record->info))
		rc = eh_engine_refuse(err, p->info.path, "the policy's worker returned a table out of range");
	if (rc == EH_OK) {
		memcpy(record->info.path, p->info.path, sizeof record->info.path);
		eh_sha256_hex(record->info.hash, p->text, p->len);
		/* gathering them takes time: whoever spells the word otherwise finds none */
		record->info.wants_project = memmem(p->text, p->len, "project", 7) != NULL;
		record->info.wants_places = memmem(p->text, p->len, "jurisdiction", 12) != NULL;
		record->info.wants_period = has_key(p->text, p->len, "period");
		p->info = record->info;
	}
	free(record);
	return rc;
}

/* Runs p's text for its table; what cannot be loaded is freed. */
static int settle(struct eh_policy **out, struct eh_policy *p, const char *path, struct eh_err *err)
{
	int rc = begin_load(p, path, err);

	if (rc == EH_OK)
		rc = end_load(p, err);
	if (rc != EH_OK)
		policy_free(&p);
	*out = p;
	return rc;
}

static int policy_load_ahead(struct eh_policy **out, const char *path, struct eh_err *err)
{
	struct eh_policy *p = eh_xcalloc(1, sizeof *p);
	int rc = eh_engine_read(&p->text, &p->len, path, err);

	if (rc == EH_OK)
		rc = eh_library_complete(&p->text, &p->len, path, err);
	if (rc == EH_OK)
		rc = begin_load(p, path, err);
	if (rc != EH_OK)
		policy_free(&p);
	*out = p;
	return rc;
}

static int policy_ready(struct eh_policy *p, struct eh_err *err)
{
	return p->loading ? end_load(p, err) : EH_OK;
}

static int policy_load(struct eh_policy **out, const char *path, struct eh_err *err)
{
	int rc = policy_load_ahead(out, path, err);

	if (rc == EH_OK)
		rc = policy_ready(*out, err);
	if (rc != EH_OK)
		policy_free(out);
	return rc;
}

static int policy_load_text(struct eh_policy **out, const char *path, const void *text, size_t len, struct eh_err *err)
{
	struct eh_policy *p = NULL;
	int rc = eh_engine_check(text, len, path, err);

	*out = NULL;
	if (rc < 0)
		return rc;
	p = eh_xcalloc(1, sizeof *p);
	p->text = eh_xstrndup(text, len);
	p->len = len;
	return settle(out, p, path, err);
}

static void policy_lend(struct eh_policy *p, const struct eh_audit_data *data)
{
	p->data = data;
}

static const struct eh_policy_info *policy_info(const struct eh_policy *p)
{
	return &p->info;
}

/* The run as a whole failed: every finding carries why. */
static void fail_all(struct eh_verdict *out, size_t n, const char *message)
{
	for (size_t i = 0; i < n; i++) {
		out[i] = (struct eh_verdict){ .kind = EH_POLICY_ERROR };
		eh_text_printable(out[i].reason, sizeof out[i].reason, message, strlen(message));
	}
}

/* The list behind the verdicts, believed no further than it can be read. */
static int take_own(struct eh_policy_answer *out, const struct eh_job *job, const struct eh_lua_own_list *list,
		    struct eh_err *err)
{
	const uint32_t n = list->n;

	if (list->state == EH_LUA_OWN_TROUBLE) {
		eh_text_printable(out->trouble, sizeof out->trouble, list->message,
				  strnlen(list->message, sizeof list->message - 1));
		if (out->trouble[0] == '\0')
			(void)snprintf(out->trouble, sizeof out->trouble, "compute() failed");
		return EH_OK;
	}
	if (list->state != EH_LUA_OWN_DONE || n > EH_OWN_MAX)
		return eh_engine_refuse(err, job->source.file, "the policy's worker returned a list out of range");
	out->own = eh_try_calloc((size_t)n + 1, sizeof *out->own);
	if (out->own == NULL)
		return eh_err_set(err, EH_EPOLICY, "%s: out of memory for %u findings", job->source.file, n);
	memcpy(out->own, list->v, n * sizeof *out->own);
	for (uint32_t i = 0; i < n; i++) {
		if (eh_own_wrong(&out->own[i]) == NULL)
			continue;
		free(out->own);
		out->own = NULL;
		return eh_engine_refuse(err, job->source.file,
				   "the policy's worker returned a finding of its own out of range");
	}
	out->n_own = n;
	return EH_OK;
}

/* ---- a check, in one worker or several ---- */

/* A stretch of the findings, and the worker that is asked about them. */
struct share {
	struct eh_job job;
	struct eh_worker *w;
	int started;                    /* what starting it returned */
	struct eh_err worker;           /* with its words */
	struct eh_verdict *verdicts;    /* [job.n] of the answer */
	int rc;                         /* what came of it, with err */
	struct eh_err err;
	struct eh_policy_use use;
};

/* [bytes] of its record; 0: too many. */
static size_t record_size(const struct eh_job *job)
{
	const size_t fixed = sizeof(struct eh_lua_check_record) + (job->compute ? sizeof(struct eh_lua_own_list) : 0);
	size_t size = 0;

	return eh_size_mul(&size, job->n, sizeof(struct eh_verdict)) && size <= SIZE_MAX - fixed ? fixed + size : 0;
}

static int start_share(struct share *s)
{
	const size_t size = record_size(&s->job);

	if (size == 0)
		return eh_err_set(&s->worker, EH_ENOMEM, "out of memory for the verdicts of %zu findings", s->job.n);
	return start_worker(&s->w, &s->job, size, &s->worker);
}

/* Waits for its worker and takes the verdicts. */
static int finish_share(struct share *s)
{
	const struct eh_lua_check_record *record = NULL;
	int rc = finish_worker(s->w, &s->job, s->started, &s->worker, &s->use, &s->err);

	if (rc == EH_OK)
		record = eh_worker_record(s->w);
	/* copied, then looked at: what is believed is what was checked, whoever else may still map the record */
	for (size_t i = 0; i < s->job.n && rc == EH_OK; i++) {
		s->verdicts[i] = record->verdicts[i];
		if (!eh_lua_verdict_valid(&s->verdicts[i]))
			rc = eh_engine_refuse(&s->err, s->job.source.file,
					 "the policy's worker returned a verdict out of range");
	}
	return rc;
}

/* What goes wrong with a share is not the crew's error: it counts in the order of the shares. */
static int finish_task(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	struct share *s = ctx;

	(void)slot;
	(void)inside;
	(void)err;
	s[i].rc = finish_share(&s[i]);
	return EH_OK;
}

static int finish_shares(struct share *v, size_t n, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = n };
	const struct eh_crew crew = eh_crew_of(&steps);

	return n > 1 ? eh_crew_run(&crew, n, n, finish_task, v, err) : finish_task(v, 0, 0, &crew, err);
}

/* Adds to what the run spent; the budget is that of all shares together, however many there are. */
static int take_share(struct share *s, struct eh_policy_answer *out, struct eh_err *err)
{
	int rc = s->rc;

	out->use.instructions += s->use.instructions;
	out->use.memory = s->use.memory > out->use.memory ? s->use.memory : out->use.memory;
	if (rc < 0)
		return eh_err_set(err, rc, "%s", s->err.msg);
	if (out->use.instructions >= EH_LUA_INSTRUCTIONS)
		return eh_err_set(err, EH_EPOLICY, EH_LUA_SPENT, s->job.source.file, EH_LUA_INSTRUCTIONS / 1000000u);
	if (s->job.compute) {
		const struct eh_lua_check_record *record = eh_worker_record(s->w);

		rc = take_own(out, &s->job, (const void *)(record->verdicts + s->job.n), err);
	}
	return rc;
}

/* The parts of a policy that carries nothing from one finding to the next are the same for every number of threads, and
 * so is what each of them says: only who asks them differs. */
static size_t parts_of(const struct eh_policy *p, struct eh_job *job)
{
	const bool apart = p->info.stateless && !p->info.has_summarise;

	job->part = apart ? EH_LUA_PART : SIZE_MAX;
	return job->n / job->part + (job->n % job->part != 0);
}

/* Starts the workers of the parts, up to SHARES_MAX; *n of them. */
static struct share *start_shares(size_t *n, const struct eh_job *job, size_t parts, struct eh_verdict *verdicts)
{
	const size_t jobs = eh_jobs(job->settings->threads), most = jobs < SHARES_MAX ? jobs : SHARES_MAX;
	struct share *v = NULL;

	*n = parts < 2 ? 1 : parts < most ? parts : most;
	v = eh_xcalloc(*n, sizeof *v);
	for (size_t i = 0; i < *n; i++) {
		const size_t from = i > 0 ? parts * i / *n * job->part : 0;
		const size_t to = i + 1 < *n ? parts * (i + 1) / *n * job->part : job->n;

		v[i] = (struct share){ .job = *job, .verdicts = verdicts + from };
		v[i].job.findings = job->findings + from;
		v[i].job.n = to - from;
		v[i].job.compute = job->compute && i + 1 == *n;
		v[i].started = start_share(&v[i]);
	}
	return v;
}

/* The answer's verdicts [job->n], and its own findings where the job asks for them. */
static int run_check(struct eh_policy *p, struct eh_job *job, struct eh_policy_answer *out, struct eh_err *err)
{
	const double start = eh_monotonic();
	const size_t parts = parts_of(p, job);
	struct share *share = NULL;
	size_t n = 0;
	int rc = EH_OK;

	job->data = p->data;
	out->use = (struct eh_policy_use){ 0 };
	share = start_shares(&n, job, parts, out->verdicts);
	rc = finish_shares(share, n, err);
	for (size_t i = 0; i < n && rc == EH_OK; i++)
		rc = take_share(&share[i], out, err);
	out->use.seconds = eh_monotonic() - start;
	if (rc < 0)
		fail_all(out->verdicts, job->n, err->msg);
	for (size_t i = 0; i < n; i++)
		eh_worker_free(&share[i].w);
	free(share);
	return rc;
}

static int policy_check(struct eh_policy *p, const struct eh_finding *facts, size_t n,
			const struct eh_audit_settings *settings, struct eh_verdict *out, struct eh_policy_use *use,
			struct eh_err *err)
{
	struct eh_policy_answer *a = eh_xcalloc(1, sizeof *a);
	struct eh_err local = EH_ERR_INIT;
	struct eh_job job = new_job(p, EH_JOB_CHECK);
	int rc = EH_OK;

	a->verdicts = out;
	job.findings = facts;
	job.n = n;
	job.settings = settings != NULL ? settings : &p->info.settings;
	rc = run_check(p, &job, a, err != NULL ? err : &local);
	if (use != NULL)
		*use = a->use;
	free(a);
	return rc;
}

static int policy_judge(struct eh_policy *p, const struct eh_policy_case *c, struct eh_policy_answer *out,
			struct eh_err *err)
{
	struct eh_err local = EH_ERR_INIT;
	struct eh_job job = new_job(p, EH_JOB_CHECK);

	job.findings = c->findings;
	job.n = c->n;
	job.settings = c->settings != NULL ? c->settings : &p->info.settings;
	job.project = c->project;
	job.compute = p->info.has_compute;
	out->own = NULL;
	out->n_own = 0;
	out->trouble[0] = '\0';
	return run_check(p, &job, out, err != NULL ? err : &local);
}

static int policy_notice(struct eh_policy *p, const struct eh_hook_notice *v, size_t n, struct eh_hook_answer *out,
			 struct eh_err *err)
{
	const struct eh_lua_notice_record *record = NULL;
	struct eh_err local = EH_ERR_INIT;
	struct eh_worker *w = NULL;
	struct eh_job job = new_job(p, EH_JOB_NOTICE);
	size_t size = 0;
	int rc = EH_OK;

	err = err != NULL ? err : &local;
	for (size_t i = 0; i < n; i++)
		out[i] = (struct eh_hook_answer){ .silent = 1 };
	if (!p->info.has_hook || n == 0)
		return EH_OK;
	job.notices = v;
	job.n = n;
	if (!eh_size_mul(&size, n, sizeof *out) || size > SIZE_MAX - sizeof *record)
		return eh_err_set(err, EH_EPOLICY, "%s: out of memory for %zu notices", job.source.file, n);
	rc = run_worker(&w, &job, sizeof *record + size, err);
	if (rc == EH_OK)
		record = eh_worker_record(w);
	for (size_t i = 0; i < n && rc == EH_OK; i++) {
		out[i] = record->answers[i];
		if (!eh_lua_answer_valid(&out[i]))
			rc = eh_engine_refuse(err, job.source.file, "the policy's worker returned a text out of range");
	}
	for (size_t i = 0; i < n && rc < 0; i++)
		out[i] = (struct eh_hook_answer){ .silent = 1 };
	eh_worker_free(&w);
	return rc;
}

static int policy_gate(struct eh_policy *p, const char *jurisdiction, const char *attribute, bool *open,
		       struct eh_err *err)
{
	struct eh_lua_head head;
	struct eh_job job = new_job(p, EH_JOB_GATE);
	int rc = EH_OK;

	memset(&head, 0, sizeof head);
	*open = !p->info.has_gate;
	if (!p->info.has_gate)
		return EH_OK;
	job.jurisdiction = jurisdiction;
	job.attribute = attribute;
	rc = run_job(&job, &head, sizeof head, err);
	*open = rc == EH_OK && head.gate_open == 1;
	return rc;
}

struct eh_job eh_engine_job(const struct eh_policy *p)
{
	struct eh_job job = new_job(p, EH_JOB_LOAD);

	job.data = p->data;
	return job;
}

const struct eh_policy_engine *eh_lua_engine(void)
{
	static const struct eh_policy_engine engine = {
		.name = "lua " LUA_VERSION_MAJOR "." LUA_VERSION_MINOR,
		.load = policy_load,
		.info = policy_info,
		.check = policy_check,
		.free = policy_free,
		.gate = policy_gate,
		.load_text = policy_load_text,
		.load_ahead = policy_load_ahead,
		.ready = policy_ready,
		.lend = policy_lend,
		.judge = policy_judge,
		.notice = policy_notice,
		.author = &eh_lua_author,
	};

	return &engine;
}
