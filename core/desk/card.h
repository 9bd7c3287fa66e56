/*
 * card.h - verbs on what a model is: its card, and its export; the rest of learning is in desk.h.
 */
#ifndef EH_DESK_CARD_H
#define EH_DESK_CARD_H

#include <stdio.h>

#include "desk/desk.h"
#include "learn/card.h"

/* The card of a model, with what the project knows of it now.  EH_ENOENT: there is none.  eh_card_free. */
int eh_desk_card(struct eh_desk *d, const char *attribute, struct eh_card **out, struct eh_err *err);

struct eh_export_report {
	char model[EH_NAME_MAX + 12];
	enum eh_modality part;
	eh_name group;
	uint32_t candidates;            /* whose measurements are in it */
};

/*
 * Writes a model for the programs of libsvm (learn/export.h) and the act into the journal.  part: an enum eh_modality,
 * or -1 for the part with the highest lower end of the AUC interval; group NULL: the second of two groups.
 * EH_EREFUSED: the model is stale; and the errors of eh_model_export.  After an error what was written is worth
 * nothing: the caller removes it.
 */
int eh_desk_model_export(struct eh_desk *d, const char *attribute, int part, const char *group, FILE *model,
			 FILE *scale, struct eh_export_report *report, struct eh_err *err);

#endif
