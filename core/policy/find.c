/* Where a policy is: by path, in the project, or among the shipped ones. */
#include "policy/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/near.h"
#include "base/paths.h"

/* Lua helper library of the policies: it lies beside them and is none itself. */
#define HELPER_NAME "evenhand"

static bool is_path(const char *name)
{
	size_t len = strlen(name);

	return strchr(name, '/') != NULL || (len > 4 && strcmp(name + len - 4, ".lua") == 0);
}

static int find_path(char *out, size_t size, const char *name, struct eh_err *err)
{
	int rc = eh_text_copy(out, size, name, "the policy's path", err);

	if (rc < 0)
		return rc;
	if (access(out, R_OK) != 0) {
		rc = eh_err_set(err, EH_ENOENT, "policy file %s is not there or not readable; give the path of a "
				".lua file or the name of a policy (evenhand policy list)", name);
		out[0] = '\0';
	}
	return rc;
}

/* Also when it cannot be read: a shipped one in its place would not be noticed. */
static bool in_project(char *out, size_t size, const char *project_dir, const char *file)
{
	struct stat st;
	int n = project_dir != NULL ? snprintf(out, size, "%s/policies/%s", project_dir, file) : -1;

	return n > 0 && (size_t)n < size && lstat(out, &st) == 0;
}

static int not_found(const char *project_dir, const char *name, struct eh_err *err)
{
	char **names = NULL, near[200];
	size_t n = eh_policy_names(&names, project_dir);

	eh_near_names(near, sizeof near, name, (const char *const *)names, n);
	eh_policy_names_free(&names, n);
	return eh_err_set(err, EH_ENOENT, "no policy \"%s\"%s%s%s nor among the shipped ones%s%s evenhand policy list "
			  "shows them", name, project_dir != NULL ? " in " : "", project_dir != NULL ? project_dir : "",
			  project_dir != NULL ? "/policies" : "", near, near[0] != '\0' ? "" : ";");
}

int eh_policy_find(char *out, size_t size, const char *project_dir, const char *name, struct eh_err *err)
{
	char file[EH_NAME_MAX + 5] = "";

	if (size == 0)
		return eh_err_set(err, EH_EINVAL, "no room for the policy's path");
	out[0] = '\0';
	if (name == NULL || name[0] == '\0')
		return eh_err_set(err, EH_EINVAL, "no policy was named; evenhand policy list shows them");
	if (is_path(name))
		return find_path(out, size, name, err);
	/* the name becomes part of a path: nothing but [a-z0-9_] may */
	if (!eh_attribute_valid(name, strlen(name)))
		return eh_err_set(err, EH_EINVAL, "\"%.64s\" is no policy name: lower-case letters, digits and _ "
				  "(at most %d); a file is named by a path with / or .lua", name, EH_NAME_MAX);
	if (strcmp(name, HELPER_NAME) == 0)
		return eh_err_set(err, EH_EINVAL, "\"%s\" is the policies' helper library, not a policy", name);
	(void)snprintf(file, sizeof file, "%s.lua", name);
	if (in_project(out, size, project_dir, file))
		return EH_OK;
	out[0] = '\0';
	if (eh_data_path(out, size, EH_DATA_POLICY, file, NULL) == EH_OK)
		return EH_OK;
	out[0] = '\0';
	return not_found(project_dir, name, err);
}

enum eh_policy_origin eh_policy_origin(const char *project_dir, const char *name, bool *shadows)
{
	char file[EH_NAME_MAX + 5], path[1024];
	bool own;

	if (shadows != NULL)
		*shadows = false;
	if (is_path(name))
		return EH_POLICY_FILE;
	(void)snprintf(file, sizeof file, "%.*s.lua", EH_NAME_MAX, name);
	own = in_project(path, sizeof path, project_dir, file);
	if (own && shadows != NULL)
		*shadows = eh_data_path(path, sizeof path, EH_DATA_POLICY, file, NULL) == EH_OK;
	return own ? EH_POLICY_PROJECT : EH_POLICY_SHIPPED;
}

const char *eh_policy_origin_text(enum eh_policy_origin o)
{
	static const char *const texts[] = { "file", "project", "shipped" };

	return (unsigned)o < sizeof texts / sizeof texts[0] ? texts[o] : "unknown";
}

bool eh_policy_namesake(const char *name, const char *hash)
{
	char path[1024], file[EH_NAME_MAX + 5], found[EH_DIGEST_HEX], *text = NULL;
	uint32_t owner = 0;
	size_t len = 0;
	bool differs = false;

	if (hash[0] == '\0' || !eh_attribute_valid(name, strlen(name)))
		return false;
	(void)snprintf(file, sizeof file, "%s.lua", name);
	if (eh_data_path(path, sizeof path, EH_DATA_POLICY, file, NULL) == EH_OK &&
	    eh_policy_read(path, &text, &len, &owner, NULL) == EH_OK) {
		eh_sha256_hex(found, text, len);
		differs = strcmp(found, hash) != 0;
	}
	free(text);
	return differs;
}
