/*
 * pack.h - rule packs: rules of law as dated data, and what becomes of a verdict outside their dates.
 *
 * A policy sees no clock.  It says from when to when its rule is in force (struct eh_pack, both days included), and the
 * core compares that with the date of the run (UTC).  Source of the dates: facts/law.md 2; where it gives only a year,
 * or says only that a rule holds or held, the pack has that and no day of its own making.
 */
#ifndef EH_POLICY_PACK_H
#define EH_POLICY_PACK_H

#include "audit/audit.h"
#include "policy/policy.h"

/* "2026-11-30" that exists, 1900 to 2999. */
bool eh_pack_day_valid(const char *day);
/* What a pack says of its begin or end. */
enum eh_pack_date { EH_PACK_OPEN, EH_PACK_DAY, EH_PACK_YEAR, EH_PACK_NOT_KNOWN, EH_PACK_BAD };
/* "": open; "2026-11-30" that exists or "2026", 1900 to 2999; EH_PACK_UNKNOWN; else bad. */
enum eh_pack_date eh_pack_date(const char *text);
/* "open", "day", "year", "unknown" */
const char *eh_pack_date_text(enum eh_pack_date d);
/* The day that holds t [s since 1970 UTC], as a date. */
void eh_pack_day(char out[11], int64_t t);

/* NULL, or what is wrong with it, for whoever wrote it: a name without a source or from, a date, an end before the
 * begin.  A pack without a name is none and has nothing else either. */
const char *eh_pack_wrong(const struct eh_pack *p);

/* On that day, "2026-11-30"; EH_PACK_NONE without a pack.  A begin that is not known is over, and so is such an end; of
 * a year all days count. */
enum eh_pack_state eh_pack_state(const struct eh_pack *p, const char *day);

/* "UGESP (29 CFR 1607), in force since 1978", "..., in force from 2026-01-01 to 2026-12-31", "..., not in force before
 * 2027-01-01", "..., no longer in force since 2027-01-01", "..., in force (since when is not known)"; "" without a
 * pack. */
void eh_pack_text(char out[EH_PACK_TEXT_MAX + 1], const struct eh_pack *p, enum eh_pack_state s);

/* Under a pack that is not in force nobody is accused: what it would notify is watched, and the reason says why.
 * Returns how many there were. */
size_t eh_pack_hold(const struct eh_pack *p, enum eh_pack_state s, struct eh_findings *f);

#endif
