/* digest.c: one line per trial of a fixed list: outcome, sequences, steps, and a hash of the final weights' bits.
   digest SEEDS: only of the first SEEDS seeds, with the same lines.
   Does: let builds be compared (LANES, compiler, instruction set): the lines must be the same.
   Does not: check anything itself. */
#include "trial/group.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTINUAL "task=continual-reber net=lstm cells=2 connectivity=C+shortcuts bias=gates+outputs igb=-0.5 ogb=-0.5 init=0.2 rate=0.5 "

static const struct {
	const char *name;
	long budget;
	uint64_t seeds;
	const char *settings;
} trials[] = {
    {"reber-step", 300, 10,
     "task=reber strings=32 trials_per_set=3 blocks=3 cells=2 bias=gates igb=r ogb=-1:-2:-3 init=0.2 rate=0.5 judge=legal window=64 "
     "test_every=100 test_sequences=40"},
    {"reber-sequence", 200, 9,
     "task=reber strings=32 blocks=4 cells=1 bias=gates igb=r ogb=-1:-2:-3:-4 init=0.2 rate=0.5 update=sequence judge=top test_every=50 "
     "connectivity=F+shortcuts slope_offset=0.05"},
    {"reber-late", 200, 9,
     "task=reber strings=32 blocks=4 cells=1 bias=all igb=r ogb=-1:-2:-3:-4 bias_init=random+given init=0.2 rate=0.5 update=late "
     "judge=next-to-last test_every=50"},
    {"long-lag-2a", 400, 10,
     "task=long-lag T=10 blocks=1 cells=1 connectivity=B output_gates=no h=id g=g1 rate=1 init=0.2 measure=recent window=100 "
     "tolerance=0.25 test_sequences=20"},
    {"reber-solved", 2000, 10,
     "task=reber strings=4 blocks=3 cells=2 bias=gates igb=r ogb=-1:-2:-3 init=0.2 rate=0.5 judge=legal wrong_below=9 test_every=30 "
     "test_sequences=40"},
    {"long-lag-solved", 2500, 10,
     "task=long-lag T=4 connectivity=F+shortcuts rate=1 init=0.2 measure=recent window=100 tolerance=0.25 test_sequences=20 grow=plateau"},
    {"distractors-solved", 2500, 10,
     "task=distractors T=1 symbols=3 connectivity=F-recurrence init=0.2 rate=0.5 tolerance=0.2 window=50 test_every=100 test_sequences=50"},
    {"temporal-order-solved", 9000, 10,
     "task=temporal-order T=20 cells=2 bias=all igb=-2:-4 ogb=r rate=1 tolerance=0.3 measure=recent window=100 wrong_below=30 "
     "error_below=0.3 test_sequences=100"},
    {"long-lag-2b", 300, 10,
     "task=long-lag T=6 distractors=random blocks=1 cells=1 connectivity=B output_gates=no h=id g=id gate_shift=-3 cell_errors=last rate=1 "
     "init=0.2 update=sequence measure=recent judged=last window=100 tolerance=0.25 grow=plateau grow_window=20 test_sequences=20"},
    {"distractors-step", 400, 10,
     "task=distractors T=10 symbols=12 blocks=2 cells=1 init=0.2 rate=0.5 tolerance=0.2 measure=recent window=50 test_sequences=50"},
    {"distractors-long", 200, 10,
     "task=distractors T=1 symbols=3 connectivity=F-recurrence blocks=2 cells=1:2 init=0.2 rate=0.5 update=late tolerance=0.2 window=50 "
     "test_every=70 test_set=fixed test_sequences=50"},
    {"two-sequence", 3000, 20,
     "task=two-sequence T=10 N=3 blocks=3 cells=1 bias=hidden igb=-1:-3:-5 ogb=-2:-4:-6 rate=1 tolerance=0.2 window=50 test_every=50 "
     "milestones=ST1:ST2 wrong_below=1:1 error_below=100:0.05 test_sequences=100"},
    {"two-sequence-3c", 500, 9,
     "task=two-sequence T=20 N=1 signal_variance=0.2 target_variance=0.1 targets=0.2:0.8 blocks=3 cells=1 bias=hidden igb=-1:-3:-5 "
     "ogb=-2:-4:-6 rate=0.1 update=sequence tolerance=0.1 window=50 test_every=100"},
    {"adding", 1500, 10,
     "task=adding T=22 blocks=2 cells=2 bias=all igb=-3:-6 ogb=r output=identity init=0.3 rate=0.3 tolerance=0.2 measure=recent window=100 "
     "wrong_below=30 error_below=0.2 test_sequences=100"},
    {"adding-late", 500, 9,
     "task=adding T=30 first_pair=marker blocks=2 cells=2 bias=all igb=-3:-6 ogb=r rate=0.5 update=late measure=recent window=100 "
     "reset=0.5"},
    {"multiplication", 500, 9,
     "task=multiplication T=22 blocks=2 cells=2 bias=all igb=r ogb=r rate=0.1 update=sequence measure=recent window=100 h=g2 g=h1"},
    {"temporal-order-6a", 1500, 10,
     "task=temporal-order T=20 blocks=2 cells=2 bias=all igb=-2:-4 ogb=r rate=0.5 tolerance=0.3 measure=recent window=100 wrong_below=40 "
     "error_below=0.3 test_sequences=100"},
    {"temporal-order-6b", 400, 9,
     "task=temporal-order T=40 relevant=3 blocks=3 cells=2 bias=all igb=-2:-4:-6 ogb=r rate=0.1 measure=recent window=100 update=late"},
    {"rnn-bptt", 400, 10,
     "task=temporal-order T=20 net=rnn units=5 activation=tanh bias=all rule=bptt init=0.5 rate=0.5 tolerance=0.3 measure=recent "
     "window=100 "
     "wrong_below=70"},
    {"rnn-bptt-2a", 300, 9,
     "task=long-lag T=10 net=rnn units=1 connectivity=F+shortcuts rule=bptt update=sequence rate=4 init=0.2 window=50 test_every=70"},
    {"rnn-window", 200, 10,
     "task=reber strings=32 net=rnn units=6 bias=hidden rule=bptt-window depth=4 stride=2 init=0.5 rate=0.2 judge=legal test_every=50"},
    {"rnn-elman", 300, 9,
     "task=reber strings=32 net=rnn units=6 connectivity=F+shortcuts rule=elman init=0.5 rate=0.2 judge=legal test_every=50"},
    {"rnn-rtrl", 200, 10, "task=reber strings=32 net=rnn units=3 connectivity=full rule=rtrl init=0.3 rate=0.2 judge=legal test_every=50"},
    {"rnn-rtrl-forced", 200, 9,
     "task=reber strings=32 net=rnn units=3 connectivity=full rule=rtrl forcing=yes update=late init=0.3 rate=0.2 judge=legal "
     "test_every=50"},
    {"rnn-rtrl-2a", 300, 9,
     "task=long-lag T=10 net=rnn units=1 connectivity=F+shortcuts rule=rtrl rate=4 init=0.2 window=50 test_every=70"},
    {"rnn-rtrl-many", 60, 9,
     "task=long-lag T=70 net=rnn units=1 connectivity=F+shortcuts rule=rtrl rate=4 init=0.2 window=50 test_every=20"},
    {"rnn-rtrl-many-2c", 60, 9,
     "task=distractors T=20 symbols=60 net=rnn units=3 rule=rtrl rate=1 init=0.5 tolerance=0.2 window=50 test_every=20"},
    {"lstm-bptt", 300, 10,
     "task=adding T=22 blocks=2 cells=2 bias=all igb=-3:-6 ogb=r rule=bptt output=identity init=0.3 rate=0.3 measure=recent window=100"},
    {"lstm-bptt-reber", 100, 9,
     "task=reber strings=32 blocks=3 cells=2 bias=gates igb=r ogb=-1:-2:-3 rule=bptt update=sequence init=0.2 rate=0.5 judge=legal "
     "test_every=50"},
    {"lstm-bptt-truncated", 300, 9,
     "task=adding T=22 blocks=2 cells=2 bias=all igb=-3:-6 ogb=r rule=bptt-truncated output=identity init=0.3 rate=0.3 measure=recent "
     "window=100"},
    {"lstm-rtrl", 100, 9,
     "task=multiplication T=22 blocks=2 cells=2 bias=all igb=r ogb=r rule=rtrl rate=0.3 init=0.5 measure=recent window=100"},
    {"guess-a1", 3000, 10,
     "task=two-sequence T=20 N=3 net=rnn connectivity=full units=2 bias=hidden rule=guess init=100 tolerance=0.2 measure=recent window=20 "
     "test_sequences=100"},
    {"guess-a2", 3000, 10,
     "task=two-sequence T=20 N=3 net=sparse connectivity=full units=2 bias=all rule=guess init=100 tolerance=0.2 measure=recent window=20 "
     "test_sequences=100"},
    {"lstm-adam", 300, 9,
     "task=adding T=22 net=lstm forget=gate peepholes=yes blocks=2 cells=2 bias=all igb=r ogb=r fgb=1 rule=bptt update=sequence "
     "optimizer=adam clip=1 output=identity init=0.3 rate=0.01 measure=recent window=100"},
    {"lstm-decay", 60, 9,
     "task=reber strings=32 net=lstm forget=gate blocks=4 cells=2 connectivity=C+shortcuts bias=gates+outputs igb=-0.5:-1:-1.5:-2 "
     "ogb=-0.5:-1:-1.5:-2 fgb=0.5:1:1.5:2 rule=truncated init=0.2 rate=0.5 judge=legal test_every=50"},
    {"lstm-layers", 100, 9,
     "task=temporal-order T=20 net=lstm forget=coupled layers=2 blocks=2 cells=1 bias=all igb=r ogb=r rule=bptt rate=0.3 "
     "measure=recent window=100"},
    {"gru", 200, 9,
     "task=temporal-order T=20 net=gru units=3 layers=2 bias=all rule=bptt update=sequence optimizer=momentum rate=0.05 init=0.5 "
     "measure=recent window=100"},
    {"irnn", 200, 9, "task=adding T=22 net=irnn units=5 bias=all rule=bptt output=identity rate=0.01 measure=recent window=100"},
    {"cec", 200, 9,
     "task=adding T=22 net=cec blocks=5 cells=1 bias=all rule=truncated output=identity rate=0.01 measure=recent window=100"},
    {"window", 200, 9,
     "task=distractors T=5 symbols=5 net=window taps=4 units=3 bias=all rule=bptt rate=0.5 data_seed=3 test_every=70 window=100"},
    {"chunker", 300, 10, "task=long-lag T=5 learner=chunker rate=1 init=0.2 window=50 test_every=70"},
    {"chunker-many", 60, 9, "task=long-lag T=40 learner=chunker chunk_state=after rate=2 init=0.3 window=50 test_every=20"},
    {"cascade", 2000, 9,
     "task=reber strings=32 learner=cascade-correlation order=epoch init=0.5 candidates=3 judge=legal test_every=64 patience=3 epochs=8"},
    {"bidirectional-rnn", 1200, 10,
     "task=two-sequence T=20 N=1 learner=bidirectional net=rnn units=4 activation=tanh bias=hidden rule=bptt init=0.5 rate=1 window=50 "
     "test_every=20 tolerance=0.08 test_sequences=50"},
    {"bidirectional-lstm", 200, 9,
     "task=temporal-order T=20 learner=bidirectional blocks=2 cells=2 bias=all igb=-2:-4 ogb=r rate=0.5 measure=recent window=100"},
    {"stream", 4000, 10,
     CONTINUAL "predict=possible forget=gate fgb=1 tolerance=0.49 stream_length=60 test_stream_length=12 window=4 test_every=3 "
	       "milestones=good:perfect wrong_below=5:3 length_above=6:0 test_sequences=5"},
    {"stream-decay", 400, 9,
     CONTINUAL "forget=gate fgb=1 rate_decay=0.95 tolerance=0.8 stream_length=100 test_stream_length=50 test_every=7 window=3 update=late"},
    {"stream-reset", 300, 9,
     CONTINUAL "external_reset=yes tolerance=0.9 update=sequence stream_length=200 test_stream_length=90 window=3 test_every=50"},
    {"overflowing", 30, 20,
     "task=two-sequence T=300 N=1 blocks=1 g=id h=id init=16 rate=0.01 window=30 test_every=3 tolerance=100 error_below=0.0001"},
    {"diverging", 300, 20, "task=adding T=22 output=identity init=0.5 rate=10 g=id h=id measure=recent window=50"},
};
enum { TRIALS = sizeof trials / sizeof *trials, SEEDS_MAX = 64 };

struct line {
	enum outcome outcome;
	long sequences, steps;
	uint64_t weights;
};

struct run {
	uint64_t taken, seeds;
	struct line lines[SEEDS_MAX + 1];
};

static bool take(void *to, int l, uint64_t *seed, double *rate)
{
	struct run *run = to;
	(void)l;
	(void)rate;
	if (run->taken == run->seeds)
		return false;
	*seed = ++run->taken;
	return true;
}

static void done(void *to, const struct result *r)
{
	struct run *run = to;
	run->lines[r->seed] = (struct line){r->outcome, r->sequences, r->steps, r->weights_hash};
}

int main(int argc, char **argv)
{
	static const char *const outcomes[] = {"solved", "unsolved", "diverged"};
	const uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : SEEDS_MAX;
	for (int i = 0; i < TRIALS; i++) {
		struct conditions c = conditions_defaults();
		struct error e = {0};
		if (!conditions_set_all(&c, trials[i].settings, &e) || !conditions_check(&c, NULL, &e)) {
			fprintf(stderr, "%s: %s\n", trials[i].name, e.text);
			return 1;
		}
		struct run run = {.seeds = trials[i].seeds < seeds ? trials[i].seeds : seeds};
		const struct group_calls calls = {.to = &run, .take = take, .done = done};
		group_run(&c, trials[i].budget, &calls);
		for (uint64_t seed = 1; seed <= run.seeds; seed++) {
			const struct line *line = &run.lines[seed];
			printf("%s %" PRIu64 " %s %ld %ld %016" PRIx64 "\n", trials[i].name, seed, outcomes[line->outcome], line->sequences,
			       line->steps, line->weights);
		}
	}
	return 0;
}
