/* learner.c: the list of learners and their options; errors of the outputs. */
#include "learner/learner.h"

#include "base/memory.h"

#include <stdlib.h>

/* One line each. */
#define LEARNERS(_) _(learner_composed) _(learner_chunker) _(learner_cascade) _(learner_bidirectional)

#define DECLARE(x) extern const struct learner_type x;
LEARNERS(DECLARE)
#define ENTRY(x) &x,
const struct learner_type *const learner_types[] = {LEARNERS(ENTRY) NULL};

static const char *learner_name(int i)
{
	return learner_types[i] ? learner_types[i]->name : NULL;
}

static const char *const chunk_state_names[] = {"before", "after", NULL};
static const char *const chunk_answer_names[] = {"A", "A-or-C", NULL};
static const char *const chunk_links_names[] = {"shortcuts", "hidden", NULL};

#define AT(field) offsetof(struct learner_options, field)
const struct parameter learner_option_table[] = {
    /* key, type, place, min, max, words, help */
    {.key = "learner", .type = OPTION_TYPE, .offset = AT(learner), .help = "a net with a rule, or something else", .name_of = learner_name},
    {"surprise", OPTION_REAL, AT(surprise), 0, 1, {NULL}, "chunker: a symbol is unexpected where a prediction is off by more than this"},
    {"chunk_state",
     OPTION_ENUM,
     AT(chunk_state),
     0,
     0,
     {chunk_state_names},
     "chunker: the state that the automatizer is taught: before or after the next symbol was taken in, if unexpected"},
    {"chunk_links",
     OPTION_ENUM,
     AT(chunk_links),
     0,
     0,
     {chunk_links_names},
     "chunker: its outputs see inputs and hidden units, or these alone"},
    {"chunk_answer",
     OPTION_ENUM,
     AT(chunk_answer),
     0,
     0,
     {chunk_answer_names},
     "chunker: judged is the automatizer alone, or what is nearer to the target of its answer and the chunker's"},
    {"candidates", OPTION_INT, AT(candidates), 1, 1000, {NULL}, "cascade-correlation: candidate units in the pool"},
    {"max_units", OPTION_INT, AT(max_units), 0, 1000, {NULL}, "cascade-correlation: hidden units that are installed at most"},
    {"candidate_init", OPTION_REAL, AT(candidate_init), 0, 100, {NULL}, "cascade-correlation: weights start uniform in +- this"},
    {"output_mu", OPTION_REAL, AT(output_mu), 0, 100, {NULL}, "cascade-correlation: outputs: a step is at most so many last steps"},
    {"output_eps", OPTION_REAL, AT(output_eps), 0, 1e4, {NULL}, "cascade-correlation: outputs: linear rate, for the mean over cases"},
    {"output_decay", OPTION_REAL, AT(output_decay), 0, 1, {NULL}, "cascade-correlation: outputs: decay of weights"},
    {"output_change", OPTION_REAL, AT(output_change), 0, 1, {NULL}, "cascade-correlation: a smaller change of the error is none"},
    {"candidate_mu", OPTION_REAL, AT(candidate_mu), 0, 100, {NULL}, "cascade-correlation: candidates: as output_mu"},
    {"candidate_eps", OPTION_REAL, AT(candidate_eps), 0, 1e4, {NULL}, "cascade-correlation: candidates: as output_eps"},
    {"candidate_decay", OPTION_REAL, AT(candidate_decay), 0, 1, {NULL}, "cascade-correlation: candidates: decay of weights"},
    {"candidate_change", OPTION_REAL, AT(candidate_change), 0, 1, {NULL}, "cascade-correlation: a smaller change of the score is none"},
    {"patience", OPTION_INT, AT(patience), 1, 1e6, {NULL}, "cascade-correlation: epochs without change that end a phase"},
    {"epochs", OPTION_INT, AT(epochs), 1, 1e9, {NULL}, "cascade-correlation: epochs of a phase at most"},
    {0}};
#undef AT

struct learner_options learner_defaults(void)
{
	return (struct learner_options){
	    .surprise = 0.25,
	    .candidates = 8,
	    .max_units = 20,
	    .candidate_init = 1.0,
	    .output_mu = 2.0,
	    .output_eps = 0.35,
	    .output_decay = 0.0001,
	    .output_change = 0.01,
	    .candidate_mu = 2.0,
	    .candidate_eps = 1.0,
	    .candidate_change = 0.03,
	    .patience = 8,
	    .epochs = 100,
	};
}

struct learner *learner_create(const struct learner_parts *parts, struct error *e)
{
	const struct learner_type *type = learner_types[parts->learner->learner];
	struct learner *learner = memory_zeroed(1, type->size);
	learner->type = type;
	learner->o = *parts->learner;
	learner->out = parts->shape->out;
	if (type->create(learner, parts, e))
		return learner;
	learner_free(learner);
	return NULL;
}

void learner_free(struct learner *learner)
{
	if (!learner)
		return;
	learner->type->release(learner);
	free(learner);
}
