/* The end of a project's facts; see project.h. */
#include "policy/project.h"

#include <stdlib.h>
#include <string.h>

void eh_project_free(struct eh_project *p)
{
	for (size_t i = 0; i < p->n_places; i++) {
		free(p->places[i].consent);
		free(p->places[i].inferred);
	}
	free(p->places);
	free(p->models);
	free(p->declarations);
	memset(p, 0, sizeof *p);
}
