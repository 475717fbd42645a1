/* rule.c: the list of rules and their options. */
#include "rule/rule.h"

#include "base/memory.h"

#include <stdlib.h>

/* One line each. */
#define RULES(_)                                                                                                                           \
	_(rule_truncated)                                                                                                                  \
	_(rule_bptt)                                                                                                                       \
	_(rule_bptt_window)                                                                                                                \
	_(rule_bptt_truncated)                                                                                                             \
	_(rule_elman)                                                                                                                      \
	_(rule_rtrl)                                                                                                                       \
	_(rule_guess)

#define DECLARE(x) extern const struct rule_type x;
RULES(DECLARE)
#define ENTRY(x) &x,
const struct rule_type *const rule_types[] = {RULES(ENTRY) NULL};

static const char *rule_name(int i)
{
	return rule_types[i] ? rule_types[i]->name : NULL;
}

static const char *const update_names[] = {"step", "sequence", "late", NULL};
static const char *const no_yes[] = {"no", "yes", NULL};
static const char *const optimizer_names[] = {"sgd", "momentum", "adam", NULL};
static const char *const step_names[] = {"every", "last", NULL};

#define AT(field) offsetof(struct rule_options, field)
const struct parameter rule_option_table[] = {
    /* key, type, place, min, max, words, help */
    {.key = "rule", .type = OPTION_TYPE, .offset = AT(rule), .help = "gradient", .name_of = rule_name},
    {"rate", OPTION_REAL, AT(rate), 0, 1000, {NULL}, "learning rate a"},
    {"rate_decay",
     OPTION_REAL,
     AT(rate_decay),
     0,
     1,
     {NULL},
     "streams: rate is multiplied by this after every step, from each stream's start"},
    {"update",
     OPTION_ENUM,
     AT(update),
     0,
     0,
     {update_names},
     "weights change at every step with a target, after the sequence, or one step late"},
    {"slope_offset", OPTION_REAL, AT(slope_offset), 0, 1, {NULL}, "constant added to f' of the output units"},
    {"errors", OPTION_ENUM, AT(errors), 0, 0, {step_names}, "the network learns from the targets of every step, or of the last step only"},
    {"cell_errors",
     OPTION_ENUM,
     AT(cell_errors),
     0,
     0,
     {step_names},
     "hidden units learn from the errors of every step, or of the last step only"},
    {"depth", OPTION_INT, AT(depth), 1, 1000000, {NULL}, "bptt-window: h, the steps that errors go back"},
    {"stride", OPTION_INT, AT(stride), 1, 1000000, {NULL}, "bptt-window: h', the steps between two ways back"},
    {"optimizer",
     OPTION_ENUM,
     AT(optimizer.kind),
     0,
     0,
     {optimizer_names},
     "what becomes of the gradient of a sequence: the paper's plain step, or not the paper's momentum, Adam"},
    {"momentum", OPTION_REAL, AT(optimizer.momentum), 0, 1, {NULL}, "momentum; Adam's beta_1"},
    {"beta2", OPTION_REAL, AT(optimizer.beta2), 0, 1, {NULL}, "Adam's beta_2"},
    {"epsilon", OPTION_REAL, AT(optimizer.epsilon), 1e-100, 1, {NULL}, "Adam's epsilon"},
    {"clip", OPTION_REAL, AT(optimizer.clip), 0, 1e100, {NULL}, "a longer gradient of a sequence is made this long; 0: none is"},
    {"forcing", OPTION_ENUM, AT(forcing), 0, 0, {no_yes}, "rtrl: in training the units see targets in place of outputs"},
    {0}};
#undef AT

struct rule_options rule_defaults(void)
{
	return (struct rule_options){
	    .rate = 0.1,
	    .rate_decay = 1.0,
	    .depth = 10,
	    .stride = 1,
	    .optimizer = {.momentum = 0.9, .beta2 = 0.999, .epsilon = 1e-8},
	};
}

struct rule *rule_create(const struct rule_options *o, struct net *net, const struct task_shape *shape, struct error *e)
{
	const struct rule_type *type = rule_types[o->rule];
	if (type->needs & ~net_offers(net)) {
		error_input(e, "rule: %s cannot train this %s, which lacks what the rule needs (see lstm97 list rules)", type->name,
			    net->type->name);
		return NULL;
	}
	if (o->slope_offset > 0.0 && net->outputs_inside) {
		error_input(e, "slope_offset: given, but with connectivity = full the outputs are hidden units; expected 0");
		return NULL;
	}
	if (o->forcing && !type->forces) {
		error_input(e, "forcing: yes, but %s does not know teacher forcing; expected no", type->name);
		return NULL;
	}
	if (optimizer_used(&o->optimizer) && type->guesses) {
		error_input(e, "optimizer, clip: given, but guessed weights have no gradient; expected sgd and 0");
		return NULL;
	}
	if (optimizer_used(&o->optimizer) && o->update != UPDATE_SEQUENCE) {
		error_input(e, "update: with optimizer = %s, clip = %g weights change once per sequence; expected sequence",
			    optimizer_names[o->optimizer.kind], o->optimizer.clip);
		return NULL;
	}
	if (type->check && !type->check(o, net, shape, e))
		return NULL;
	struct rule *rule = memory_zeroed(1, type->size);
	rule->type = type;
	rule->o = *o;
	rule->net = net;
	rule->run = o->update == UPDATE_LATE ? 1 : RUN_STEPS; /* late: weights change between the hidden units and the outputs of a step */
	type->prepare(rule);
	return rule;
}

void rule_free(struct rule *rule)
{
	if (!rule)
		return;
	rule->type->release(rule);
	free(rule);
}
