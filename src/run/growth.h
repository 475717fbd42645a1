/* growth.h: how the number of sequences to success grows with the lag.
   Does: group the trials of one experiment whose conditions differ in T only, and fit two laws to the solved ones by least
   squares: a power of the lag, log n = a + b log lag, and an exponential, log n = a + b lag. A lag at which fewer than half
   of the trials solved is left out: a mean over the survivors would be biased. Trials count as independent, though those of
   the same seed start from the same weights at every lag.
   Does not: join different experiments, print. */
#ifndef RUN_GROWTH_H
#define RUN_GROWTH_H

#include "run/plan.h"

enum { GROWTH_LAGS = 3 };    /* a fit needs so many lags */
enum { GROWTH_CLEARLY = 4 }; /* difference of AIC from which one law fits clearly better */

struct growth_lag {
	long lag;
	int trials, solved;
	long budget;            /* the largest that cut a trial; 0: none was cut */
	bool fitted;            /* at least half of the trials solved */
	double mean, low, high; /* geometric mean of the solved trials' sequences, 95 % interval (t, of the logarithms); or not a number */
};

struct growth_fit {
	double a, b, low, high; /* 95 % interval of b (Student's t, n - 2 degrees of freedom) */
	double residual_sd;     /* of log n */
	double r2;
	double misfit;  /* p value: do the means at the lags lie off the line by more than chance (F test of lack of fit)? */
	double squares; /* sum of squared residuals */
};

enum growth_verdict { GROWTH_TOO_FEW, GROWTH_POWER, GROWTH_EXPONENTIAL, GROWTH_NEITHER };

extern const char *const growth_verdicts[];

/* One group. */
struct growth {
	const struct experiment *experiment;
	char conditions[CANONICAL_MAX]; /* canonical text without T */
	int lags_n;
	struct growth_lag *lags; /* (lags_n) ascending */
	int fitted;              /* lags in the fit; the others are left out */
	int trials, solved;      /* at the lags in the fit */
	long first, last;        /* of these lags */
	struct growth_fit power, exponential;
	double delta_aic; /* AIC of the exponential minus that of the power law: above 0 the power law is better */
	enum growth_verdict verdict;
};

struct growths {
	int n;
	size_t capacity;
	struct growth *all; /* (n) */
};

/* Which conditions are asked for: those of a plan (NULL: all), with its own values of T or with any. */
struct growth_filter {
	const struct plan *plan;
	bool own_T;
};

/* Adds the groups of one experiment that have at least two lags: the others are no sweeps. */
bool growth_row(struct growths *to, const struct experiment *x, const struct growth_filter *filter, struct store *store, struct error *e);
void growths_free(struct growths *g);

/* Least squares y = a + b x over n points; equal x are next to each other. */
void growth_line(struct growth_fit *f, const double *x, const double *y, int n);

#endif
