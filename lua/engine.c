/* The parent's side: reads the file, starts the workers, believes nothing they say unchecked. */
#include "lua/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lua.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/text.h"
#include "lua/job.h"
#include "lua/record.h"
#include "worker/worker.h"

#define ESC 0x1b                /* first byte of precompiled Lua */
#define HELPER "evenhand.lua"

struct eh_policy {
	struct eh_policy_info info;
	char *text;             /* the file's bytes */
	size_t len;
	char *helper;
	size_t helper_len;
};

/* ---- reading the file ---- */

static int refuse_file(struct eh_err *err, const char *path, const char *why)
{
	return eh_err_set(err, EH_EPOLICY, "%s: %s", path, why);
}

static int read_all(int fd, char **out, size_t *len, const char *path, struct eh_err *err)
{
	char *text = eh_try_malloc(EH_POLICY_SOURCE_MAX + 1u, 1);
	size_t n = 0;
	int rc = EH_OK;

	if (text == NULL)
		return eh_err_set(err, EH_ENOMEM, "%s: out of memory", path);
	while (n <= EH_POLICY_SOURCE_MAX) {
		ssize_t got = read(fd, text + n, EH_POLICY_SOURCE_MAX + 1u - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int saved = errno;

			rc = eh_err_set(err, EH_EIO, "%s: cannot be read: %s", path, strerror(saved));
			goto out;
		}
		if (got == 0)
			break;
		n += (size_t)got;
	}
	if (n > EH_POLICY_SOURCE_MAX)
		rc = refuse_file(err, path, "refused: source larger than 256 KiB");
	else if (n > 0 && text[0] == ESC)
		rc = refuse_file(err, path, "refused: precompiled Lua; a policy is source text");
	else if (memchr(text, '\0', n) != NULL)
		rc = refuse_file(err, path, "refused: a NUL byte; a policy is source text");
	if (rc == EH_OK) {
		*out = text;
		*len = n;
		text = NULL;
	}
out:
	free(text);
	return rc;
}

static int read_source(char **out, size_t *len, const char *path, struct eh_err *err)
{
	/* O_NONBLOCK: a FIFO put in a policy's place must not hold the program */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	int rc = EH_OK;

	if (fd < 0) {
		int saved = errno;

		return eh_err_set(err, saved == ENOENT ? EH_ENOENT : EH_EIO, "policy %s cannot be opened: %s", path,
				  strerror(saved));
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		rc = refuse_file(err, path, "refused: not a regular file");
	else
		rc = read_all(fd, out, len, path, err);
	close(fd);
	return rc;
}

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

	job.source = (struct eh_source){ base_name(p->info.path), p->text + bom, p->len - bom };
	return job;
}

/* Runs job; 0 only when the child said EH_LUA_DONE.  The message is made printable: it is a policy's text. */
static int run_job(struct eh_job *job, void *record, size_t size, struct eh_policy_use *use, struct eh_err *err)
{
	struct eh_worker_spec spec = {
		.profile = EH_WORKER_POLICY, .job = eh_job_run, .ctx = job, .fd = -1, .record_size = size,
		.wall_seconds = EH_LUA_WALL
	};
	struct eh_lua_head *head = record;
	struct eh_err worker = EH_ERR_INIT;
	char text[EH_LUA_MESSAGE_MAX + 1] = "";
	double start = eh_monotonic();
	int rc = eh_worker_run(&spec, record, &worker);

	if (use != NULL)
		*use = (struct eh_policy_use){ .seconds = eh_monotonic() - start };
	if (rc < 0)
		return eh_err_set(err, EH_EPOLICY, "%s: refused: %s (a policy has %u million instructions, "
				  "%u MiB and %.0f s)", job->source.file, worker.msg, EH_LUA_INSTRUCTIONS / 1000000u,
				  EH_LUA_MEMORY >> 20, EH_LUA_WALL);
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

/* ---- the engine's functions ---- */

static void policy_free(struct eh_policy **p)
{
	if (p == NULL || *p == NULL)
		return;
	free((*p)->text);
	free((*p)->helper);
	free(*p);
	*p = NULL;
}

static int read_policy(struct eh_policy *p, const char *path, struct eh_err *err)
{
	char helper[4096] = "";
	int rc = eh_text_copy(p->info.path, sizeof p->info.path, path, "the policy's path", err);

	if (rc == EH_OK)
		rc = read_source(&p->text, &p->len, path, err);
	if (rc == EH_OK)
		rc = eh_data_path(helper, sizeof helper, EH_DATA_POLICY, HELPER, err);
	if (rc == EH_OK)
		rc = read_source(&p->helper, &p->helper_len, helper, err);
	return rc;
}

static int policy_load(struct eh_policy **out, const char *path, struct eh_err *err)
{
	struct eh_policy *p = eh_xcalloc(1, sizeof *p);
	struct eh_lua_load_record *record = eh_xcalloc(1, sizeof *record);
	struct eh_job job;
	int rc = EH_OK;

	*out = NULL;
	rc = read_policy(p, path, err);
	if (rc < 0)
		goto out;
	job = new_job(p, EH_JOB_LOAD);
	rc = run_job(&job, record, sizeof *record, NULL, err);
	if (rc < 0)
		goto out;
	if (!eh_lua_info_valid(&record->info)) {
		rc = refuse_file(err, path, "the policy's worker returned a table out of range");
		goto out;
	}
	memcpy(record->info.path, p->info.path, sizeof record->info.path);
	eh_sha256_hex(record->info.hash, p->text, p->len);
	p->info = record->info;
	*out = p;
	p = NULL;
out:
	free(record);
	policy_free(&p);
	return rc;
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

static int policy_check(struct eh_policy *p, const struct eh_finding *facts, size_t n,
			const struct eh_audit_settings *settings, struct eh_verdict *out, struct eh_policy_use *use,
			struct eh_err *err)
{
	struct eh_err local = EH_ERR_INIT;
	struct eh_lua_check_record *record = NULL;
	struct eh_job job = new_job(p, EH_JOB_CHECK);
	size_t size = 0;
	int rc = EH_OK;

	if (err == NULL)
		err = &local;
	if (use != NULL)
		*use = (struct eh_policy_use){ 0 };
	job.findings = facts;
	job.n = n;
	job.settings = settings != NULL ? settings : &p->info.settings;
	if (eh_size_mul(&size, n, sizeof *out) && size <= SIZE_MAX - sizeof *record)
		record = eh_try_calloc(1, sizeof *record + size);
	if (record == NULL) {
		rc = eh_err_set(err, EH_EPOLICY, "%s: out of memory for the verdicts of %zu findings",
				job.source.file, n);
		goto out;
	}
	rc = run_job(&job, record, sizeof *record + size, use, err);
	if (rc < 0)
		goto out;
	for (size_t i = 0; i < n; i++) {
		if (!eh_lua_verdict_valid(&record->verdicts[i])) {
			rc = refuse_file(err, job.source.file, "the policy's worker returned a verdict out of range");
			goto out;
		}
	}
	if (n > 0)
		memcpy(out, record->verdicts, size);
out:
	if (rc < 0)
		fail_all(out, n, err->msg);
	free(record);
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
	rc = run_job(&job, &head, sizeof head, NULL, err);
	*open = rc == EH_OK && head.gate_open == 1;
	return rc;
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
	};

	return &engine;
}
