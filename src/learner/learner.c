/* learner.c: the list of learners and their options. */
#include "learner/learner.h"

#include "base/memory.h"

#include <stdlib.h>

/* One line each. */
#define LEARNERS(_) _(learner_composed)

#define DECLARE(x) extern const struct learner_type x;
LEARNERS(DECLARE)
#define ENTRY(x) &x,
const struct learner_type *const learner_types[] = {LEARNERS(ENTRY) NULL};

static const char *learner_name(int i)
{
	return learner_types[i] ? learner_types[i]->name : NULL;
}

#define AT(field) offsetof(struct learner_options, field)
const struct parameter learner_option_table[] = {
    /* key, type, place, min, max, words, help */
    {.key = "learner", .type = OPTION_TYPE, .offset = AT(learner), .help = "a net with a rule, or something else", .name_of = learner_name},
    {0}};
#undef AT

struct learner_options learner_defaults(void)
{
	return (struct learner_options){0};
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
