# results.mk: trials into the database, the database into tables and figures. Included by the Makefile.
#   make figures DB=FILE RESULTS=DIR    figures of another database, into another folder

# ---- settings ----
DB       ?= results/results.db
RESULTS  ?= results
READINGS  = reading=literal,closest

# make knows no targets with blanks: a folder with blanks is reached by a link without
FOLDER   := $(RESULTS)
ifneq ($(word 2,$(RESULTS)),)
override RESULTS := build/results-$(shell printf %s '$(RESULTS)' | cksum | cut -d ' ' -f 1)
$(shell mkdir -p build '$(FOLDER)' && ln -sfn "$$(cd '$(FOLDER)' && pwd)" $(RESULTS))
endif

DATA      = $(RESULTS)/data
FIGURES   = $(RESULTS)/figures
NAMES     = $(filter-out style,$(patsubst plots/%.gp,%,$(wildcard plots/*.gp)))
QUIETLY   = @$(MAKE) --no-print-directory

# the rows of the paper's tables, and weight guessing
PAPER     = 1 2a 2a-rtrl 2a-bptt 2a-chunker 2b 2b-rtrl 2b-bptt 2b-chunker 2c-1 2c-2 2c-3 2c-4 2c-5 2c-6 2c-7 2c-8 2c-9 3a \
            3b-1 3b-2 3b-3 3b-1-a1 3b-1-a2 3b-2-a1 3b-2-a2 3b-3-a1 3b-3-a2 3c 4-1 4-2 4-3 5 6a 6b latch
# solved in seconds, and so the first to be seen
QUICK     = 6a latch
# as printed, eight trials of these need a quarter of an hour to twice the paper's mean, and none gets there
LONG      = 2c-8 2c-9 3b-3 4-3

# ---- trials ----
# Each of the three runs only what its database lacks, and then draws what it has.
reproduce: deps-where-missing
	$(QUIETLY) -j $(JOBS) lstm97
	./lstm97 run $(QUICK) --seeds 1-8 --budget 2x --db '$(DB)'
	./lstm97 run $(filter-out 3b-3,$(PAPER)) --set reading=closest --seeds 1-8 --budget 2x --db '$(DB)'
	./lstm97 run $(filter-out $(LONG),$(PAPER)) --seeds 1-8 --budget 2x --db '$(DB)'
	./lstm97 run $(LONG) --seeds 1-8 --budget 50000 --db '$(DB)'
	$(call sweeps,--seeds 1-8 --budget 20000 --db '$(DB)')
	$(call xor,--seeds 1-8 --budget 20000 --db '$(DB)')
	$(call architectures,--seeds 1-8 --budget 20000 --db '$(DB)')
	./lstm97 run continual --seeds 1-2 --budget 4000 --db '$(DB)'
	$(QUIETLY) -j $(JOBS) figures

# default seeds: the paper's number of trials; default budgets: its limit, else 4 times its mean
reproduce-full: deps-where-missing
	$(QUIETLY) -j $(JOBS) lstm97
	./lstm97 run $(QUICK) --db '$(DB)'
	./lstm97 run all --set $(READINGS) --db '$(DB)'
	$(call sweeps,--seeds 1-10 --budget 200000 --db '$(DB)')
	$(call xor,--seeds 1-20 --budget 200000 --db '$(DB)')
	$(call full_gradient,--db '$(DB)')
	$(call lags,--seeds 1-8 --db '$(DB)')
	$(call rates,--db '$(DB)')
	$(call architectures,--seeds 1-20 --db '$(DB)')
	$(call sensitivity,--seeds 1-20 --budget 2x --db '$(DB)')
	$(QUIETLY) -j $(JOBS) figures

preview: deps-where-missing
	$(QUIETLY) -j $(JOBS) lstm97
	./lstm97 run $(QUICK) --seeds 1-2 --budget 2x --db results/preview.db
	./lstm97 run $(PAPER) --set $(READINGS) --seeds 1-2 --budget 0.05x --db results/preview.db
	./lstm97 run continual --seeds 1-2 --budget 100 --db results/preview.db
	$(call sweeps,--seeds 1-2 --budget 1000 --db results/preview.db)
	$(call xor,--seeds 1-2 --budget 1000 --db results/preview.db)
	$(call architectures,--seeds 1-2 --budget 500 --db results/preview.db)
	$(QUIETLY) -j $(JOBS) figures DB=results/preview.db RESULTS=results/preview

# Where does each method stop learning? Lags 2, 5, 10, 20, 50, 100 (6a: from 8) for RTRL, BPTT and LSTM: $(call sweeps,OPTIONS)
define sweeps
./lstm97 run lag-2c --set rule=rtrl,bptt --set T=1,4,9,19,49,99 $(1)
./lstm97 run lag-3a --set rule=rtrl,bptt --set T=3,6,11,21,51,101 $(1)
./lstm97 run lag-4 lag-5 --set rule=rtrl,bptt --set T=4,10,20,40,100,200 $(1)
./lstm97 run lag-6a --set rule=rtrl,bptt --set T=20,25,50,125,250 $(1)
./lstm97 run 2c-9 --set reading=closest --set T=1,4,9,19,49,99 $(1)
./lstm97 run 3a-2 --set T=3,6,11,21,51,101 $(1)
./lstm97 run 4-1 --set reading=closest --set T=4,10,20,40,100,200 $(1)
./lstm97 run 5 --set reading=closest --set milestones=n140 --set wrong_below=140 --set T=4,10,20,40,100,200 $(1)
./lstm97 run 6a --set T=20,25,50,125,250 $(1)
./lstm97 run 2a-chunker 2b-chunker --set chunk_answer=A-or-C $(1) --budget 10000
endef

# Delayed XOR and its controls, over lags 5 to 200, truncated and full gradient, conventional nets; and from wider initial weights
define xor
./lstm97 run xor --set function=xor,and,or,first --set rule=truncated,bptt --set T=10,20,40,100,200,400 $(1)
./lstm97 run xor --set init=1,2 --set rule=truncated,bptt --set T=10,20,40,100 $(1)
./lstm97 run xor-rnn --set function=xor,and,or,first --set rule=bptt --set T=10,20,40,100,200,400 $(1)
./lstm97 run xor-rnn --set rule=rtrl --set T=10,20,40 $(1)
endef

# The full gradient in the paper's own experiments, which the paper found to make no difference
define full_gradient
./lstm97 run 1-1 1-2 1-3 1-4 1-5 --set reading=closest --set update=sequence --set rule=truncated,bptt $(1)
./lstm97 run 2a 2b --set reading=closest --set update=sequence --set rule=truncated,bptt --budget 100000 $(1)
./lstm97 run 2c-1 --set reading=literal,closest --set rule=bptt --budget 600000 $(1)
./lstm97 run 3a-1 3a-2 3b-1 3b-2 3c-1 3c-2 6a 6b --set rule=bptt $(1)
./lstm97 run 4-1 4-2 5 --set reading=closest --set rule=bptt $(1)
endef

# What each open choice does: one choice at a time, from the literal and from the closest reading (figure sensitivity)
define sensitivity
./lstm97 run 1-3 2a 2b 2c-1 2c-5 4-1 4-2 5 --set $(READINGS) --set g=h1 --set h=g2 $(1)
./lstm97 run 3a-1 3c-1 6a 6b --set g=h1 --set h=g2 $(1)
./lstm97 run 1-3 2a 2b 2c-1 2c-5 4-1 4-2 5 --set $(READINGS) --set reset=0.5 $(1)
./lstm97 run 3a-1 3c-1 6a 6b --set reset=0.5 $(1)
./lstm97 run 1-3 4-1 4-2 5 --set $(READINGS) --set bias_init=random+given $(1)
./lstm97 run 3a-1 3c-1 6a 6b --set bias_init=random+given $(1)
./lstm97 run 1-3 4-1 4-2 5 --set $(READINGS) --set connectivity=C $(1)
./lstm97 run 2c-1 2c-5 --set reading=literal --set connectivity=C $(1)
./lstm97 run 3a-1 3c-1 6a 6b --set connectivity=C $(1)
./lstm97 run 1-3 4-1 4-2 5 --set $(READINGS) --set connectivity=F-recurrence $(1)
./lstm97 run 2c-1 2c-5 --set reading=literal --set connectivity=F-recurrence $(1)
./lstm97 run 2c-1 2c-5 --set reading=closest --set connectivity=F $(1)
./lstm97 run 3a-1 3c-1 6a 6b --set connectivity=F-recurrence $(1)
./lstm97 run 1-3 2a 2b 2c-1 2c-5 4-1 5 --set $(READINGS) --set init=0.02,0.5 $(1)
./lstm97 run 3a-1 3c-1 6a 6b --set init=0.02,0.5 $(1)
./lstm97 run 1-3 2a 2b --set $(READINGS) --set update=sequence,late $(1)
./lstm97 run 1-3 --set $(READINGS) --set judge=top,next-to-last $(1)
./lstm97 run 1-3 --set $(READINGS) --set test_every=10,1000 $(1)
./lstm97 run 2c-1 --set $(READINGS) --set test_every=100 $(1)
./lstm97 run 2c-1 --set $(READINGS) --set test_set=fixed $(1)
./lstm97 run 3a-1 3c-1 --set test_set=fixed $(1)
./lstm97 run 1-3 --set $(READINGS) --set order=epoch $(1)
./lstm97 run 1-3 --set $(READINGS) --set bias=all,hidden $(1)
./lstm97 run 1-3 --set reading=literal --set connectivity=F+shortcuts $(1)
./lstm97 run 1-3 --set reading=literal --set slope_offset=0.05 $(1)
./lstm97 run 1-3 --set reading=closest --set connectivity=F $(1)
./lstm97 run 1-3 --set reading=closest --set slope_offset=0 $(1)
./lstm97 run 2a 2b --set $(READINGS) --set grow=start $(1)
./lstm97 run 2a 2b --set $(READINGS) --set output_init=0,1,-1 $(1)
./lstm97 run 2a --set reading=literal --set cell_errors=last $(1)
./lstm97 run 2a --set reading=literal --set errors=last $(1)
./lstm97 run 2a --set reading=literal --set g=h1 $(1)
./lstm97 run 2a 2b --set reading=literal --set gate_shift=-2 $(1)
./lstm97 run 2b --set reading=literal --set cell_errors=last $(1)
./lstm97 run 2b --set reading=literal --set errors=last $(1)
./lstm97 run 2b --set reading=literal --set g=h1 $(1)
./lstm97 run 2a --set reading=closest --set cell_errors=every $(1)
./lstm97 run 2b --set reading=closest --set errors=every $(1)
./lstm97 run 2a 2b --set reading=closest --set g=g1 $(1)
./lstm97 run 2a --set reading=closest --set gate_shift=-2 $(1)
./lstm97 run 2b --set reading=closest --set gate_shift=0 $(1)
./lstm97 run 4-1 4-2 4-3 --set reading=literal --set output=identity $(1)
./lstm97 run 4-1 4-2 4-3 --set reading=closest --set output=logistic $(1)
./lstm97 run 5 --set $(READINGS) --set output=identity $(1)
./lstm97 run 4-1 4-2 5 --set $(READINGS) --set first_pair=marker $(1)
./lstm97 run 5 --set reading=literal --set igb=-3:-6 $(1)
./lstm97 run 6b --set igb=r $(1)
./lstm97 run 2a-rtrl-4-1 2a-rtrl-4-4 2a-rtrl-4-10 --set $(READINGS) --set reset=0.5 $(1)
./lstm97 run 2a-rtrl-4-1 2a-rtrl-4-4 2a-rtrl-4-10 --set $(READINGS) --set update=sequence,late $(1)
./lstm97 run 2a-rtrl-4-1 2a-rtrl-4-4 2a-rtrl-4-10 --set reading=literal --set init=1,2,4 $(1)
./lstm97 run 1-3 2c-1 4-1 --set reading=closest --set data_seed=1 $(1)
./lstm97 run 1-3 2c-1 4-1 --set reading=closest --set weight_seed=1 $(1)
./lstm97 run 3a-1 6a --set data_seed=1 $(1)
./lstm97 run 3a-1 6a --set weight_seed=1 $(1)
./lstm97 run 2a 2b --set reading=literal --set bias=gates --set igb=-1,-3 $(1)
./lstm97 run 4-2 --set reading=literal --set init=0.02,0.5 $(1)
./lstm97 run 4-2 --set reading=closest --set init=0.02,0.1,1 $(1)
./lstm97 run 4-3 --set reading=closest --set init=0.1,1 $(1)
./lstm97 run 4-3 --set reading=closest --set connectivity=C,F-recurrence $(1)
./lstm97 run 4-3 --set reading=closest --set bias_init=random+given $(1)
./lstm97 run 4-3 --set reading=closest --set first_pair=marker $(1)
./lstm97 run 4-3 --set reading=closest --set reset=0.5 $(1)
./lstm97 run 4-3 --set reading=closest --set g=h1 --set h=g2 $(1)
endef

# How far do lags go? LSTM with the paper's rule, lags of about 10 to 2000; the last ones with smaller budgets, as they take longest
define lags
./lstm97 run 3a-1 --set T=11,21,51,101,201,501 --budget 300000 $(1)
./lstm97 run 2c-9 --set reading=closest --set T=10,20,50,100,200,500,1000 --budget 600000 $(1)
./lstm97 run 6a --set T=25,50,125,250 --budget 200000 $(1)
./lstm97 run 6a --set T=500,1250 --budget 1000000 $(1)
./lstm97 run 3a-1 --set T=1001,2001 --budget 1000000 $(1)
./lstm97 run 2c-9 --set reading=closest --set T=2000 --budget 2000000 $(1)
./lstm97 run 2a 2b --set reading=closest --set T=10,20,50,100 --budget 20000 $(1)
./lstm97 run 2a --set reading=closest --set T=200 --budget 20000 $(1)
./lstm97 run 4-2 --set reading=closest --set T=20,50,100,200,500,1000 --budget 1000000 $(1)
./lstm97 run 4-2 --set reading=closest --set T=2000 --budget 500000 $(1)
./lstm97 run 6a --set T=2500,5000 --budget 100000 $(1)
./lstm97 run 2b --set reading=closest --set T=200 --budget 100000 $(1)
./lstm97 run 2a --set reading=closest --set T=500 --budget 50000 $(1)
./lstm97 run 2b --set reading=closest --set T=500 --budget 200000 $(1)
./lstm97 run 2a 2b --set reading=closest --set T=1000 --budget 20000 $(1)
./lstm97 run 2a 2b --set reading=closest --set T=2000 --budget 2500 $(1)
./lstm97 run 4-2 --set reading=closest --set T=4000 --budget 500000 $(1)
endef

# The architectures that came later, on equal terms: each with the rate and the initial weights that its own sweep found best on
# seeds that are not reported, then at longer lags
NETS      = adding order lags xor
NO_FORGET = lstm97 coupled gru rnn irnn cec window
SWEPT     = --set rate=0.01,0.03,0.1,0.3,1 --set init=0.1,0.5,1 --seeds 1001-1008
define rates
$(foreach t,$(NETS),./lstm97 run $(NO_FORGET:%=nets-$(t)-%) $(SWEPT) --budget 100000 $(1) && ./lstm97 run nets-$(t)-lstm nets-$(t)-peephole --set fgb=1,5 $(SWEPT) --budget 100000 $(1) &&) \
./lstm97 run $(NO_FORGET:%=nets-reber-%) $(SWEPT) --budget 20000 $(1)
./lstm97 run nets-reber-lstm nets-reber-peephole --set fgb=1,5 $(SWEPT) --budget 20000 $(1)
endef
define architectures
./lstm97 run nets-adding --set T=20,40 --budget 200000 $(1)
./lstm97 run nets-order --set T=25,50,100 --budget 100000 $(1)
./lstm97 run nets-lags --set T=10,20,50 --budget 100000 $(1)
./lstm97 run nets-xor --set T=10,20,40 --budget 200000 $(1)
./lstm97 run nets-reber --budget 40000 $(1)
endef

.PHONY: deps-where-missing need-db current
deps-where-missing:
	@scripts/deps install build plots

need-db:
	@[ -e '$(DB)' ] || { echo "there is no $(DB) yet: make preview (a minute) or make reproduce makes one" >&2; exit 1; }

# the views show what the experiments' files said to the last run or merge: now they show what they say today. Of trials that are of
# other conditions, and in no figure, the ledger tells.
current: lstm97 | need-db
	@./lstm97 merge '$(DB)'

# ---- figures ----
# (all data is named here, or make would not miss what was deleted)
figures: need-db need-plots $(NAMES:%=$(DATA)/%.tsv) $(NAMES:%=$(FIGURES)/%.svg) $(NAMES:%=$(FIGURES)/%.png) $(DATA)/environment.txt $(DATA)/trials.tsv
	@echo "figures: $(FOLDER)/figures, their data: $(FOLDER)/data"

# Exported every time, but a file changes (and is drawn again) only if its content does: $(call update,COMMAND). A COMMAND keeps what it
# needs in between in files of SCRATCH: of a pipe only the last failure would be noticed.
SCRATCH = $@.log $@.part $@.some $@.all
update = @mkdir -p $(@D) && ( $(1) ) >$@.new || { rm -f $@.new $(SCRATCH); exit 1; }; \
	rm -f $(SCRATCH); { cmp -s $@.new $@ && rm $@.new || mv $@.new $@; }
SQLITE = sqlite3 -init /dev/null -cmd '.timeout 60000' -batch -bail -readonly '$(DB)'

.PHONY: export
export: ;

$(DATA)/ledger.tsv: lstm97 export | current need-plots
	$(call update,./lstm97 ledger --tsv --db '$(DB)')

$(DATA)/compare.tsv: lstm97 export | current need-plots
	$(call update,./lstm97 compare --tsv --db '$(DB)')

$(DATA)/growth.tsv: lstm97 export | current need-plots
	$(call update,./lstm97 growth --tsv --db '$(DB)')

# $(call sql,FILE): .import takes the header lines too; prelude.sql leaves them out
sql = { cat plots/include/prelude.sql; \
	printf '.mode tabs\n.import "$(DATA)/ledger.tsv" ledger\n.import "$(DATA)/compare.tsv" compared\n.headers on\n'; cat $(1); }
$(DATA)/%.tsv: plots/%.sql plots/include/prelude.sql $(DATA)/ledger.tsv $(DATA)/compare.tsv export
	$(call update,$(call sql,$<) | $(SQLITE))

# the one figure that is not of the database
$(DATA)/cost.tsv: bench/results.tsv plots/cost.awk export
	$(call update,awk -f plots/cost.awk $<)

# What solved nets do: trials trained again and traced through test sequences. A file is made only where it is missing, without
# the database, in up to 11 s of processor time: delete it to make it again. Those with a second sequence are drawn with a pale copy.
TRACE_1  = 1-5 --set reading=closest --seed 3
SHOWN_1  = 447 351
TRACE_2a = 2a --set reading=closest --seed 5
SHOWN_2a = 1 4
FIELDS_2a = 1-5,105-
TRACE_2c = 2c-1 --set reading=closest --seed 5
SHOWN_2c = 12 3
TRACE_3a = 3a-2 --set reading=literal --seed 9
SHOWN_3a = 3 2
TRACE_4  = 4-1 --set reading=closest --seed 6
SHOWN_4  = 139
TRACE_5  = 5 --set reading=closest --set milestones=n140 --set wrong_below=140 --seed 1
SHOWN_5  = 21
TRACE_6a = 6a --set reading=literal --seed 11
SHOWN_6a = 5

define TRACED
for k in $(SHOWN_$*); do \
	./lstm97 trace $(TRACE_$*) --sequence $$k >$@.part 2>$@.log || { cat $@.log >&2; exit 1; }; \
	sed -n "s/^lstm97: \(.* after .*\)/# $(subst --seed,seed,$(subst --set ,,$(TRACE_$*))): \1; test sequence $$k/p" $@.log; \
	cut -f '$(or $(FIELDS_$*),1-)' $@.part; printf '\n\n'; \
done
endef
$(DATA)/trace-%.tsv: | lstm97
	@echo "  $@"
	$(call update,$(TRACED))

# $(call draw,FORMAT): gnuplot's warnings of empty parts are shown only if it fails
draw = @mkdir -p $(@D) && echo "  $@" && \
	gnuplot -d -e "format = '$(1)'; out = '$@.new'; tsv = '$(DATA)/$*.tsv'" $< 2>$@.log || { cat $@.log >&2; rm -f $@.log $@.new; exit 1; }; \
	rm -f $@.log && mv $@.new $@

$(FIGURES)/%.svg: plots/%.gp plots/style.gp $(DATA)/%.tsv
	$(call draw,svg)

$(FIGURES)/%.png: plots/%.gp plots/style.gp $(DATA)/%.tsv
	$(call draw,png)

$(patsubst %,$(FIGURES)/%.svg,$(filter experiment-%,$(NAMES))) $(patsubst %,$(FIGURES)/%.png,$(filter experiment-%,$(NAMES))): plots/include/trials.gp
$(patsubst %,$(FIGURES)/%.svg,$(filter trace-%,$(NAMES))) $(patsubst %,$(FIGURES)/%.png,$(filter trace-%,$(NAMES))): plots/include/trace.gp

.PRECIOUS: $(DATA)/%.tsv $(DATA)/trace-%.tsv

# $(call over_seeds,COMMANDS,OPTIONS): their lines, several seeds made one
over_seeds = ( $(1) ) >$@.all && awk $(2) -f plots/seeds.awk $@.all

# Error flow: conventional nets from several ranges of initial weights, and LSTM before and after training; no trials of the database
# flow NAME ARGUMENTS: the lines of lstm97 errorflow behind columns of NAME
FLOW = flow() { name=$$1; shift; ./lstm97 errorflow "$$@" >$@.part 2>$@.log || { cat $@.log >&2; exit 1; }; sed "1d; s/^/$$name\t/" $@.part; };
define ERRORFLOW
$(FLOW) \
printf 'net\twhen\tgradient\tq\tunit_mean\tunit_largest\tstate_mean\tstate_largest\tbound\tseed\toutcome\n'; \
for f in logistic tanh; do for a in 0.5 1 2 4; do flow "$$f $$a" lag-4 --set T=1000 --set activation=$$f --set init=$$a; done; done; \
for n in irnn cec; do flow $$n lag-4 --set T=1000 --set net=$$n --set rule=bptt; done; \
flow lstm 4-1 --set reading=closest --seed 2 --budget 400000
endef
$(DATA)/error-flow.tsv: lstm97 export
	$(call update,$(ERRORFLOW))

# Three more that are made only where they are missing, in about 10 s of processor time each: delete them to make them again.
# The factor of one step back, from what is left after 10 and after 93 steps: conventional nets of several sizes, 8 seeds
define SIZES
$(FLOW) \
printf 'activation\tinit\tunits\tfactor\tbound\tseed\toutcome\n'; \
for f in logistic tanh; do for a in 0.5 1 2 4; do for u in 2 4 8 16 32 64; do \
flow "$$f\t$$a\t$$u" lag-4 --set T=100 --set activation=$$f --set init=$$a --set units=$$u --seeds 1-8 >$@.some; \
awk -F '\t' -v OFS='\t' '$$5 == "full" && $$6 == 10 { m = $$7; b = $$11 } \
	$$5 == "full" && $$6 == 93 { print $$1, $$2, $$3, ($$7 / m) ^ (1 / 83), ($$11 / b) ^ (1 / 83), $$12, $$13 }' $@.some || exit 1; done; done; done
endef
$(DATA)/error-flow-size.tsv: | lstm97
	@echo "  $@"
	$(call update,$(call over_seeds,$(SIZES),-v keys=3 -v values='4 5' -v names='factor bound'))

# Share of the gradient that comes from far back, conventional nets and LSTM, 8 seeds before and after training
define SHARE
$(FLOW) \
printf 'net\twhen\tgradient\tq\tshare\tseed\toutcome\n'; \
flow 3a-rnn share lag-3a --set rule=bptt --set T=11 --budget 100000 --seeds 1-8; \
flow 3a-lstm share 3a-2 --set T=11 --budget 100000 --seeds 1-8; \
flow 4-logistic share lag-4 --set rule=bptt --set activation=logistic --budget 10000 --seeds 1-8; \
flow 4-rnn share lag-4 --set rule=bptt --budget 10000 --seeds 1-8; \
flow 4-lstm share 4-1 --set reading=closest --budget 200000 --seeds 1-8; \
flow 2c-rnn share lag-2c --set rule=bptt --budget 10000 --seeds 1-8; \
flow 2c-lstm share 2c-1 --set reading=closest --budget 100000 --seeds 1-8
endef
$(DATA)/share.tsv: | lstm97
	@echo "  $@"
	$(call update,$(call over_seeds,$(SHARE),-v keys=4 -v values=5 -v names=share))

# Drift of the states, with the row's input gate biases and with negative ones, 8 seeds before and after training
define DRIFT
$(FLOW) \
printf 'net\tbias\twhen\tlag\tmean\tlargest\tentry\tseed\toutcome\n'; \
negative='--set bias=gates --set igb=-3:-6 --set ogb=0:0'; \
flow '2c literal\tnone' drift 2c-1 --budget 100000 --seeds 1-8; \
flow '2c literal\tnegative' drift 2c-1 $$negative --budget 100000 --seeds 1-8; \
flow '2c closest\tnone' drift 2c-1 --set reading=closest --budget 100000 --seeds 1-8; \
flow '2c closest\tnegative' drift 2c-1 --set reading=closest $$negative --budget 100000 --seeds 1-8; \
flow '5\tnone' drift 5 --budget 20000 --seeds 1-8; \
flow '5\tnegative' drift 5 --set reading=closest --budget 20000 --seeds 1-8
endef
$(DATA)/drift.tsv: | lstm97
	@echo "  $@"
	$(call update,$(call over_seeds,$(DRIFT),-v keys=4 -v values='5 7' -v names='state entry'))

$(DATA)/slope.tsv: lstm97 export
	$(call update,./lstm97 errorflow slope)

# ---- what the numbers were computed with ----
TRIALS = SELECT experiment AS row, reading, count(*) AS trials, sum(outcome = 'solved') AS solved, \
	sum(sequences) AS sequences, printf('%.1f', sum(cpu_s)) AS cpu_seconds FROM present GROUP BY experiment, reading \
	UNION ALL SELECT 'all', '', count(*), sum(outcome = 'solved'), sum(sequences), printf('%.1f', sum(cpu_s)) \
	FROM trial WHERE id IN (SELECT id FROM present);
BUILDS = SELECT count(*) AS trials, build FROM trial WHERE id IN (SELECT id FROM present) GROUP BY build;
CPU_MODEL = { sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null; sysctl -n machdep.cpu.brand_string 2>/dev/null; uname -m; } | head -n 1
SYSTEM    = { sed -n 's/^PRETTY_NAME="*\([^"]*\)"*$$/\1/p' /etc/os-release 2>/dev/null; } | head -n 1

define ENVIRONMENT
echo "processor  $$($(CPU_MODEL))"; echo "cores      $$(getconf _NPROCESSORS_ONLN)"; echo "system     $$($(SYSTEM)) $$(uname -sm)"; \
echo "compiler   $$($(CC) --version | head -n 1)"; echo "flags      $(strip $(FLAGS))"; \
echo "program    $$(./lstm97 --version)"; echo "lanes      $(LANES)"; echo; \
printf '%s\n' '.mode column' '.headers on' "$(TRIALS)" '.print' '.mode tabs' "$(BUILDS)" | $(SQLITE)
endef
$(DATA)/environment.txt: lstm97 export | current need-plots
	$(call update,$(ENVIRONMENT))

# Every trial that counts, a line each, in case the database is lost: a line can be computed again alone (run ROW --set ... --seeds N --budget N)
EVERY = SELECT experiment AS row, conditions, seed, outcome, sequences, steps, budget, weights_hash, build FROM present ORDER BY experiment, conditions, seed;
$(DATA)/trials.tsv: export | current need-plots
	$(call update,printf '%s\n' '.mode tabs' '.headers on' "$(EVERY)" | $(SQLITE))
