/* The evaluators as raters: what is known of the project, or one table, into raters.h. */
#include "audit/raters.h"

#include <stdlib.h>
#include <string.h>

#include "desk/inside.h"

/* Reading, not acting: nothing is stored, and like an audit that is only tried it leaves no entry in the journal.
 * Who is harsh to all can be told where nobody's class is known. */
int eh_desk_raters(struct eh_desk *d, struct eh_audit_data *data, const struct eh_raters_settings *s,
		   struct eh_raters *out, struct eh_err *err)
{
	eh_place *places = NULL;
	int rc = EH_OK;

	memset(out, 0, sizeof *out);
	if (d != NULL)
		rc = eh_desk_gather_any(d, data, &places, err);
	free(places);
	if (rc == EH_OK)
		rc = eh_raters_run(out, data, s, err);
	return rc;
}
