/* Bar: on the 140 photographs exactly one face is found in at least 139.  Prints the coverage per sex and age group. */
#include "tests/bench/face_bench.h"

#define WANTED 139
#define ALL 140

struct cover {
	const char *what;
	int low, high;                  /* age */
	char sex;                       /* 'f', 'm', 0 = both */
	size_t n, found;
};

/* Sex and age of a photograph as labels.csv has them; false when it is not there. */
static bool label(const char *labels, const char *name, char *sex, int *age)
{
	const char *at = strstr(labels, name);
	const char *comma = at != NULL ? strchr(at, ',') : NULL;

	comma = comma != NULL ? strchr(comma + 1, ',') : NULL;
	if (comma == NULL)
		return false;
	*sex = comma[1];
	comma = strchr(comma + 1, ',');
	*age = comma != NULL ? atoi(comma + 1) : 0;
	return *age > 0;
}

static char *read_labels(void)
{
	char *path = shared_dir("data/faces/labels.csv"), *text = eh_xcalloc(1, 65536);
	FILE *f = fopen(path, "r");
	size_t n = f != NULL ? fread(text, 1, 65535, f) : 0;

	text[n] = '\0';
	if (f != NULL)
		(void)fclose(f);
	free(path);
	return text;
}

int main(void)
{
	struct cover cover[] = {
		{ "women", 0, 200, 'f', 0, 0 }, { "men", 0, 200, 'm', 0, 0 }, { "below 20 years", 0, 19, 0, 0, 0 },
		{ "20 to 24", 20, 24, 0, 0, 0 }, { "25 to 29", 25, 29, 0, 0, 0 }, { "30 and above", 30, 200, 0, 0, 0 },
	};
	struct bench b;
	char *labels = NULL;
	size_t found = 0;
	int rc = bench_open(&b, "check-faces");

	if (rc != 0)
		goto out;
	labels = read_labels();
	for (size_t i = 0; i < b.n; i++) {
		struct eh_image im = bench_photo(&b, i);
		float xyz[EH_LANDMARKS * 3];
		uint32_t faces = 0;
		double presence = 0.0;
		int age = 0;
		char sex = 0;
		int seen = eh_face_still(b.face, &im, xyz, &faces, &presence, NULL);
		bool one = seen == EH_OK && faces == 1 && presence >= 0.5;

		picture_free(&im);
		found += one ? 1 : 0;
		if (!one)
			printf("%s: %u faces, presence %.3f\n", bench_name(&b, i), faces, presence);
		if (!label(labels, bench_name(&b, i), &sex, &age))
			printf("%s has no label\n", bench_name(&b, i));
		for (size_t k = 0; k < sizeof cover / sizeof cover[0]; k++) {
			struct cover *c = &cover[k];
			bool in = age >= c->low && age <= c->high && (c->sex == 0 || c->sex == sex);

			c->n += in ? 1 : 0;
			c->found += in && one ? 1 : 0;
		}
	}
	for (size_t k = 0; k < sizeof cover / sizeof cover[0]; k++)
		if (cover[k].n > 0)
			printf("coverage %-16s %3zu of %3zu  %.3f\n", cover[k].what, cover[k].found, cover[k].n,
			       (double)cover[k].found / (double)cover[k].n);
	printf("faces: one face in %zu of %zu photographs (bar: %d of %d)\n", found, b.n, WANTED, ALL);
	rc = b.n == ALL && found >= WANTED ? 0 : 1;
out:
	free(labels);
	bench_close(&b);
	return rc;
}
