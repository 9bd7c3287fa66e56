/*
 * desk_bytes.h - do numbers that were deleted still stand in the files of the project of desk_project.h?
 */
#ifndef TESTS_CORE_DESK_BYTES_H
#define TESTS_CORE_DESK_BYTES_H

#include "desk_project.h"

#include <sys/stat.h>

/* How many of the values stand, as their eight bytes, in any file of the project. */
static inline size_t found_in_files(const double *value, size_t n)
{
	static const char *const files[] = { "store/data.mdb", "store/lock.mdb", "evenhand.project" };
	unsigned char *found = calloc(n, 1);
	size_t sum = 0;

	for (size_t f = 0; f < 3; f++) {
		char path[160];
		unsigned char *text;
		struct stat st;
		FILE *in;

		(void)snprintf(path, sizeof path, "%s/%s", eh_desk_dir(desk), files[f]);
		in = fopen(path, "rb");
		assert_non_null(in);
		assert_int_equal(fstat(fileno(in), &st), 0);
		text = malloc((size_t)st.st_size + 1);
		assert_int_equal(fread(text, 1, (size_t)st.st_size, in), st.st_size);
		for (size_t i = 0; i < n; i++)
			if (memmem(text, (size_t)st.st_size, &value[i], sizeof value[i]) != NULL)
				found[i] = 1;
		free(text);
		(void)fclose(in);
	}
	for (size_t i = 0; i < n; i++)
		sum += found[i];
	free(found);
	return sum;
}

#endif
