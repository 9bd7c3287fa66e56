/*
 * codec.h - a finding as bytes, for records that hold one (findings, notifications).
 */
#ifndef EH_AUDIT_CODEC_H
#define EH_AUDIT_CODEC_H

#include "audit/finding.h"
#include "base/buf.h"

/* Layouts of the fields: 1 as first stored; 2 adds rests_on; 3 adds effect sizes, posterior, bounds for unknown
 * classes, scores, what is assumed of predicted classes, the anytime-valid p, the look and the policy's rule; 4 adds
 * what a policy's own finding is about; 5 adds what the benchmark is of, the deviation's interval, pairs, the rank in
 * the family and the others' counts; 6 adds the candidates of the reference who are no pair, the test of
 * like strata that holds, how many predicted classes were refused, and the interval of the benchmark's ratio. */
#define EH_FINDING_LAYOUT 6

/* Appends the fields in the newest layout (no frame of their own: the enclosing record carries the version). */
void eh_finding_encode(struct eh_buf *b, const struct eh_finding *f);
/* Reads a layout back; what an older one lacks is EH_U_NOT_COMPUTED.  A damaged reader is seen by the enclosing
 * record's close. */
void eh_finding_decode(struct eh_reader *r, struct eh_finding *f, unsigned layout);

#endif
