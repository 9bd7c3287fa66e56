/*
 * indicator.h - what one measured number of face or voice is, and how a series of it is summed up.
 *
 * The dictionary entries of face/ and voice/ (printed by "evenhand indicators") and the one summary of all.
 */
#ifndef EH_BASE_INDICATOR_H
#define EH_BASE_INDICATOR_H

struct eh_indicator_info {
	const char *name, *unit;
	const char *what;               /* formula, in words and landmark numbers */
	const char *source;             /* paper, rule or fact sheet of the formula */
	char kind;                      /* 'S' shape or timbre, may enter a class vector; 'B' behaviour, shown, never in
					 * one; 'Q' quality of the recording, a control */
	double low, high;               /* outside of which a value of a worker is not believed */
};

/* Of a series over the frames of one answer, or over the answers of one candidate. */
struct eh_summary {
	double median, mad;             /* the shape's summary; MAD = median absolute deviation, not scaled */
	double mean, sd, p10, p90;      /* the behaviour's */
	double change;                  /* mean |difference| per second; 0 where there is one value only */
};

#endif
