/* guess.c: random weight guessing (Hochreiter and Schmidhuber 1996), which shows how hard a task is.
   Does: nothing with errors: whoever runs the trial draws all weights anew, uniform in [-init, init], once a draw has got
   too many sequences wrong.
   Does not: change a weight. */
#include "rule/rule.h"

static void nothing(struct rule *rule)
{
	(void)rule;
}

static void reset(struct rule *rule, int l, long length)
{
	(void)rule;
	(void)l;
	(void)length;
}

static void observe(struct rule *rule, const struct frames *frames, long at, long n)
{
	(void)rule;
	(void)frames;
	(void)at;
	(void)n;
}

static void teach(struct rule *rule, const struct frame *x, const lane *e, struct lesson *lesson)
{
	(void)rule;
	(void)x;
	(void)e;
	(void)lesson;
}

static void finish(struct rule *rule, ilane lanes)
{
	(void)rule;
	(void)lanes;
}

const struct rule_type rule_guess = {
    .name = "guess",
    .summary = "random weight guessing: new weights after every wrong sequence",
    .guesses = true,
    .size = sizeof(struct rule),
    .prepare = nothing,
    .release = nothing,
    .reset = reset,
    .observe = observe,
    .teach = teach,
    .finish = finish,
};
