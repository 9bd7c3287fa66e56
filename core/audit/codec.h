/*
 * codec.h - a finding as bytes, for records that hold one (findings, notifications).
 */
#ifndef EH_AUDIT_CODEC_H
#define EH_AUDIT_CODEC_H

#include "audit/finding.h"
#include "base/buf.h"

#define EH_FINDING_FIELDS_VERSION 2     /* 2: rests_on */

/* Appends the fields (no frame of their own: the enclosing record carries the version). */
void eh_finding_encode(struct eh_buf *b, const struct eh_finding *f);
/* Reads back the fields of a version; a damaged reader is seen by the enclosing record's close. */
void eh_finding_decode(struct eh_reader *r, struct eh_finding *f, unsigned version);

#endif
