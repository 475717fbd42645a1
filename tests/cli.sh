#!/bin/sh
# cli.sh PROGRAM: what a person meets at the command line: output, exit codes, messages for bad input. Prints TAP lines.
set -u
program=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0

result() { # what, status
	n=$((n + 1))
	if [ "$2" -eq 0 ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; sed 's/^/# /' "$dir/out" "$dir/err"; fi
}

# refuses CODE TEXT ARGUMENTS...: exit code CODE, one line with TEXT on stderr, nothing on stdout
refuses() {
	code=$1 text=$2
	shift 2
	"$program" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	[ $status -eq "$code" ] && [ "$(wc -l <"$dir/err")" -eq 1 ] && [ ! -s "$dir/out" ] && grep -qF -- "$text" "$dir/err"
	result "refused ($code): $*" $?
}

# usage ARGUMENTS...: exit code 2, something on stderr, nothing on stdout
usage() {
	"$program" "$@" >"$dir/out" 2>"$dir/err"
	[ $? -eq 2 ] && [ -s "$dir/err" ] && [ ! -s "$dir/out" ]
	result "usage: $*" $?
}

# prints TEXT ARGUMENTS...: exit code 0, stdout has TEXT
prints() {
	text=$1
	shift
	"$program" "$@" >"$dir/out" 2>"$dir/err" && grep -qF -- "$text" "$dir/out"
	result "prints '$text': $*" $?
}

db=$dir/r.db
usage
usage nonsense
usage run
usage run 6a --nonsense
usage show
usage show 1-1 1-2
usage merge
refuses 2 "row '9' is unknown" run 9 --db "$db"
refuses 2 "is unknown" show 4
refuses 2 "'5-1' is not a list of seeds" run 6a --seeds 5-1 --db "$db"
refuses 2 "'0-' is not a list of seeds" run 6a --seeds 0- --db "$db"
refuses 2 "'abc' is not a list of seeds" run 6a --seeds abc --db "$db"
refuses 2 "'0' is not a list of seeds" run 6a --seeds 0 --db "$db"
refuses 2 "is not a list of seeds" run 6a --seeds 1-99999999999 --db "$db"
refuses 2 "is not a list of seeds" run 6a --seeds 1, --db "$db"
refuses 2 "3 is too small" run 4-1 --set T=3 --db "$db"
refuses 2 "rate: -1 is out of range" run 4-1 --set rate=-1 --db "$db"
refuses 2 "rate: 'nan' is not a number" run 4-1 --set rate=nan --db "$db"
refuses 2 "T: " run 2a --set T=1 --db "$db"
refuses 2 "nonsense: unknown key" run 4-1 --set nonsense=1 --db "$db"
refuses 2 "expected key=value" run 4-1 --set T --db "$db"
refuses 2 "expected key=value" run 4-1 --set =5 --db "$db"
refuses 2 "expected key=value" run 4-1 --set T= --db "$db"
refuses 2 "T is given twice" run 4-1 --set T=30 --set T=40 --db "$db"
refuses 2 "no closest reading" run 6a --set reading=closest --db "$db"
refuses 2 "expected literal or closest" run 6a --set reading=other --db "$db"
refuses 2 "weights, over 2 GB" run 2a --set T=100000 --db "$db"
refuses 2 "values for 2 blocks" run 4-1 --set igb=-1:-2:-3 --db "$db"
refuses 2 "expected one of" run 4-1 --set net=gru2 --db "$db"
refuses 2 "truncated cannot train this rnn" run 4-1 --set net=rnn --db "$db"
refuses 2 "no unit sees the outputs" run 1-elman --set rule=rtrl --set forcing=yes --db "$db"
refuses 2 "at the last step only" run lag-4 --set output=logistic --set connectivity=full --set forcing=yes --db "$db"
refuses 2 "depth: 0 is out of range" run 1-elman --set rule=bptt-window --set depth=0 --db "$db"
refuses 2 "at its end only" run 1-1 --set rule=bptt --db "$db"
refuses 2 "learns from whole epochs" run 1-1 --set learner=cascade-correlation --db "$db"
refuses 2 "which is not what this task asks" run 4-1 --set learner=chunker --db "$db"
refuses 2 "read the whole sequence" run 1-1 --set learner=bidirectional --db "$db"
refuses 2 "not a network of units" errorflow 1-cc
refuses 2 "cannot be gone back through" errorflow 3a-1-a2
refuses 2 "cannot be gone back through" errorflow share 3a-1-a2
refuses 2 "a rnn has no states" errorflow drift lag-4
refuses 2 "the number of inputs depends on T" errorflow drift 2a
refuses 2 "expected one row" errorflow share
refuses 2 "expected one row" errorflow 4-1 6a
refuses 2 "'x' is not a list of seeds" errorflow share 4-1 --seeds x
refuses 2 "--budget" run 4-1 --budget 0 --db "$db"
refuses 2 "--budget" run 4-1 --budget 2y --db "$db"
refuses 2 "--jobs" run 4-1 --jobs 0 --db "$db"
refuses 2 "--seed" sample 4-1 --seed -1
refuses 2 "--count" sample 4-1 --count x
refuses 2 "no such results database" ledger --db "$dir/none.db"
refuses 2 "No such file or directory" list --experiments "$dir/none"
refuses 2 "bench has no row '4-9'" bench 4-1 4-9
refuses 2 "--rounds: '0'" bench 4-1 --rounds 0
refuses 2 "$dir/none.tsv: cannot be read" bench --report "$dir/none.tsv"
[ ! -e "$db" ]
result "nothing of all that made a database" $?

echo "this is no database, just a text that is long enough to be looked at as one, and then some more of it" >"$dir/text.db"
cp "$dir/text.db" "$dir/copy.db"
refuses 2 "not a results database" run 6a --db "$dir/text.db"
cmp -s "$dir/text.db" "$dir/copy.db"
result "a file that is no database is left as it was" $?
refuses 1 "" run 6a --db /dev/null/r.db
sqlite3 "$dir/new.db" 'pragma user_version = 99; create table t (x)'
refuses 2 "newer" run 6a --db "$dir/new.db"
refuses 2 "no such results database" merge "$db" "$dir/none.db"

prints "lstm97 run" --help
prints "6a" list
prints "truncated" list rules
prints "lstm97" list nets
prints "reber" list tasks
prints "156" list --table10
prints "weights          = 93" show 4-1
prints "output           = identity" show 4-1 --set reading=closest
prints "T                = 500" show 4-1 --set T=500
prints "fingerprint      = 88d9e2f1678aa7cc" show 6a
prints "class" sample 6a --count 2
"$program" run 6a 3a-2 --set T=20 --seeds 1-3 --budget 50 --db "$db" >"$dir/out" 2>"$dir/err"
result "run" $?
[ ! -s "$dir/out" ]
result "run prints nothing on stdout" $?
prints "not run" ledger 6a --db "$db"
prints "verdict" ledger 6a --tsv --db "$db"
prints "copied" merge "$dir/merged.db" "$db"
prints "0 trials copied" merge "$dir/merged.db" "$db"
prints "target" trace 6a --set T=20 --seed 2 --budget 20
[ "$(sqlite3 "$db" "select group_concat(distinct conditions) from trial")" = "T=20" ]
result "conditions are the canonical text of --set" $?
"$program" run xor --set T=10 --set function=and,xor --set rule=truncated,bptt --seeds 1-3 --budget 3000 --db "$dir/x.db" 2>/dev/null
result "run of two rules" $?
[ "$("$program" compare xor --tsv --db "$dir/x.db" | cut -f 2-4,7,8,11 | tail -n 2 | tr '\t\n' ',;')" = "T=10,truncated,3,bptt,3,1;T=10 function=and,truncated,3,bptt,3,1;" ]
result "compare puts the rules of the same conditions beside each other" $?
"$program" run 6a --set T=20,25,30 --set tolerance=0.9 --set error_below=any --set window=10 --seeds 1-4 --budget 3000 --db "$dir/g.db" 2>/dev/null
result "run of three lags" $?
prints "12/12" growth --db "$dir/g.db"
prints "6a	window=10 tolerance=0.9 error_below=any	lag	10	10	1	0	4	4" growth 6a --tsv --db "$dir/g.db"
"$program" run 6a --set T=20,25 --set tolerance=0.9 --set error_below=any --seeds 1-4 --budget 3000 --db "$dir/g.db" 2>/dev/null
prints "2              too few lags" growth 6a --db "$dir/g.db"
refuses 2 "a fit needs 3 at which at least half of the trials solved, the most are 2" growth 6a --set T=20,30 --set tolerance=0.9 --set error_below=any --set window=10 --db "$dir/g.db"
refuses 2 "no trials differ in T only" growth xor --db "$dir/x.db"
refuses 2 "no closest reading" growth 6a --set reading=closest --db "$dir/g.db"
prints "before	truncated	10	0	0	1	1" errorflow 4-1 --set T=20
prints "when	gradient	q	share	seed" errorflow share 4-1 --set T=20
prints "before	10	" errorflow drift 4-1 --set T=50
prints "after	500	" errorflow drift 4-1 --set T=20 --seeds 1-2 --budget 10
prints "tanh	0.1	0.1	" errorflow slope
prints "E -> B" sample continual-forget --count 2
refuses 2 "a stream has no end" run continual-forget --set rule=elman --db "$dir/none.db"
refuses 2 "has no streams" run 1-1 --set rate_decay=0.9 --db "$dir/none.db"
for k in 2 3; do "$program" trace continual-forget --seed 1 --budget 3 --sequence $k 2>/dev/null | cut -f 2 | tail -n +2 | tr -d '\n' >"$dir/k$k"; done
case $(cat "$dir/k3") in "$(cat "$dir/k2")"B?B*) true ;; *) false ;; esac
result "a string of a stream is traced with those before it" $?
"$program" run continual-reset --seeds 1-4 --budget 5 --db "$dir/c.db" >/dev/null 2>&1
sqlite3 "$dir/c.db" "insert into milestone(trial, name, sequences) select id, 'good', 3 from trial where seed = 2"
[ "$("$program" ledger continual-reset --tsv --db "$dir/c.db" | cut -f 2,4-7,11,16 | tr '\t\n' ',;' | sed 's/[^;]*;//')" = "Gers-2,good,success %,74,25,1,Gers et al. 2000;Gers-2,perfect,success %,74,0,0,Gers et al. 2000;Gers-2,perfect,sequences,7441,nan,0,Gers et al. 2000;" ]
result "the ledger has a rate for each stop" $?
[ "$(sqlite3 "$dir/c.db" "select group_concat(milestone || '=' || value) from published where experiment = 'continual-forget' and quantity = 'success'")" = "=18.0,good=47.0" ]
result "published rates of all stops are in the database" $?
prints "truncated 0/3" compare --db "$dir/x.db"
cp "$dir/x.db" "$dir/damaged.db"
dd if=/dev/zero of="$dir/damaged.db" bs=1024 seek=4 count=60 conv=notrunc 2>/dev/null
refuses 2 "damaged" compare --db "$dir/damaged.db"
refuses 2 "damaged" merge "$dir/x.db" "$dir/damaged.db"
cp "$dir/x.db" "$dir/altered.db"
sqlite3 "$dir/altered.db" "drop table milestone; create table milestone(nonsense)"
refuses 2 "no such column" compare --db "$dir/altered.db"

# nearly all parts of every figure are missing: it must be drawn all the same
figures=$(for f in plots/*.sql plots/growth.gp; do f=${f##*/}; echo "$dir/drawn/figures/${f%.*}.svg"; done)
# shellcheck disable=SC2086
MAKEFLAGS= make -k DB="$db" RESULTS="$dir/drawn" $figures >"$dir/out" 2>&1
result "figures of a database with six trials" $?
[ "$(find "$dir/drawn/figures" -name '*.svg' -size +1 | wc -l)" -eq "$(echo "$figures" | wc -l)" ]
result "are there, every one" $?

# plots/survival.sql on Freireich's leukaemia data, treated (1963): Kaplan and Meier's estimates as in any textbook
"$program" run xor --set function=first --set rule=truncated,bptt --seeds 1-21 --budget 1 --db "$dir/km.db" 2>/dev/null
sqlite3 "$dir/km.db" "with d(times) as (values ('[6,6,6,7,10,13,16,22,23,-6,-9,-10,-11,-17,-19,-20,-25,-32,-32,-34,-35]')),
	e as (select j.key + 1 as seed, j.value as x from d, json_each(d.times) j)
	update trial set (outcome, sequences, budget) =
	(select case when x > 0 then 'solved' else 'unsolved' end, abs(x), case when x > 0 then 100 else -x end from e where e.seed = trial.seed)"
[ "$(sqlite3 "$dir/km.db" <plots/survival.sql | awk -F '|' '$3 == "step" && $4 == "lstm" && $6 != last { printf "%s:%.3f ", $5, 1 - $6 / 100; last = $6 }')" = \
	"6:0.857 7:0.807 10:0.753 13:0.690 16:0.627 22:0.538 23:0.448 " ]
result "survival curves are Kaplan and Meier's" $?
[ "$("$program" compare xor --tsv --db "$dir/km.db" | tail -n 1 | cut -f 4,5,6,11-15,18 | tr '\t' ' ')" = "21 9 23 1 1 0.2447 0.6345 12 12" ]
result "compare has the median of Kaplan and Meier, Wilson's interval and the mean of the solved" $?

# of several rows the closest reading is the literal one where there is no closer, and that is one trial
"$program" run 4-1 6a --set reading=closest --seeds 1 --budget 2 --db "$dir/closest.db" 2>/dev/null
"$program" run 6a --set reading=literal,closest --seeds 1 --budget 2 --db "$dir/closest.db" 2>/dev/null
[ "$(sqlite3 "$dir/closest.db" "select experiment, reading, conditions from trial order by 1" | tr '\n' ' ')" = \
	"4-1|closest|reading=closest 6a|literal| " ]
result "closest readings of rows with and without one" $?

# a row's file is edited: trials of before are kept and named, and count nowhere until it is edited back
house=$dir/house old="4 trials of 6a were computed with rate = 0.5, now 0.3: kept, not used"
mkdir "$house"
for f in Makefile results.mk plots scripts src tests bench; do ln -s "$PWD/$f" "$house/$f"; done
cp "$program" "$house/lstm97"
cp -r experiments "$house/experiments"
edited() { sed "s/^rate = .*/rate = $1/" experiments/6a-temporal-order-2.ini >"$house/experiments/6a-temporal-order-2.ini"; }
at_home() { (cd "$house" && ./lstm97 "$@"); }
ours() { at_home ledger 6a --tsv --db "$1" 2>"$dir/err" | awk -F '\t' '$5 == "success %" { print $10 }'; }
shown() { # how many trials of 6a figure 6 has
	(cd "$house" && MAKEFLAGS= make -o lstm97 VERSION=x DB="$1" RESULTS="$dir/shown" "$dir/shown/data/experiment-6.tsv" >"$dir/out" 2>&1)
	grep -c '^cut' "$dir/shown/data/experiment-6.tsv"
}
counted() { sqlite3 "$1" "select (select count(*) from trial) || ' ' || group_concat(trials) from lag_ablation where experiment = '6a'"; }
at_home run 6a --seeds 1-4 --budget 20 --db "$dir/e.db" 2>/dev/null
[ "$(ours "$dir/e.db") $(counted "$dir/e.db")" = "4 4 4" ] && [ ! -s "$dir/err" ]
result "trials of an experiment as its file has it" $?
cp "$dir/e.db" "$dir/f.db"
[ "$(shown "$dir/f.db")" = 4 ]
result "and its figure" $?
edited 0.3
before=$(cksum <"$dir/e.db")
[ "$(ours "$dir/e.db")" = 0 ] && [ "$(cat "$dir/err")" = "lstm97: $old" ] && [ "$before" = "$(cksum <"$dir/e.db")" ]
result "the ledger names the trials of before, and does not write" $?
[ "$(shown "$dir/f.db")" = 0 ] && [ "$(grep -cF "$old" "$dir/out")" = 1 ] && [ "$(sqlite3 "$dir/f.db" 'select count(*) from lag_ablation')" = 0 ]
result "the figure names them, once, and has none of them" $?
at_home run 6a --seeds 1-4 --budget 20 --db "$dir/e.db" 2>"$dir/err"
grep -qF "4 of 4 missing" "$dir/err" && [ "$(grep -cF "$old" "$dir/err")" = 1 ] && [ "$(ours "$dir/e.db") $(counted "$dir/e.db") $(shown "$dir/e.db")" = "4 8 4 4" ]
result "they are computed anew, and nothing mixes both" $?
[ "$(sqlite3 "$dir/e.db" "select group_concat(distinct value) from present join condition using (set_id) where key = 'rate'")" = 0.3 ]
result "what counts has the new rate" $?
edited 0.5
at_home run 6a --seeds 1-4 --budget 20 --db "$dir/e.db" 2>"$dir/err"
grep -qF "nothing is missing" "$dir/err" && grep -qF "4 trials of 6a were computed with rate = 0.3, now 0.5" "$dir/err" &&
	[ "$(ours "$dir/e.db") $(counted "$dir/e.db") $(shown "$dir/e.db")" = "4 8 4 4" ]
result "edited back, the trials of before count again" $?
edited 0.3
at_home run 6a --seeds 1-4 --budget 20 --db "$dir/other.db" 2>/dev/null
edited 0.4
at_home run 6a --seeds 1-4 --budget 20 --db "$dir/third.db" 2>/dev/null
edited 0.3
at_home merge "$dir/third.db" "$dir/f.db" "$dir/other.db" >"$dir/out" 2>"$dir/err"
[ "$(grep -c '4 trials copied' "$dir/out")" = 2 ] && grep -qF "$old" "$dir/err" && grep -qF "rate = 0.4, now 0.3" "$dir/err" &&
	[ "$(wc -l <"$dir/err")" = 2 ] && [ "$(ours "$dir/third.db") $(counted "$dir/third.db") $(shown "$dir/third.db")" = "4 12 4 4" ]
result "merged files of different edits are not mixed either" $?
sed -i 's/^tolerance = .*/tolerance = 0.2/; s/^paper_sequences = .*/paper_sequences = 5/' "$house/experiments/6a-temporal-order-2.ini"
at_home compare 6a --db "$dir/third.db" 2>&1 >/dev/null | grep -qF "lstm97: 4 trials of 6a were computed with rate = 0.4, now 0.3; tolerance = 0.3, now 0.2: kept"
result "compare names them" $?
at_home growth 6a --db "$dir/third.db" 2>&1 | grep -qF "tolerance = 0.3, now 0.2"
result "growth names them" $?

# what a file of the version before can no longer tell
for t in experiment published trial milestone curve claim; do sqlite3 "$dir/one.db" "create table $t(x)"; done
sqlite3 "$dir/one.db" 'pragma user_version = 1'
before=$(cksum <"$dir/one.db")
refuses 2 "make a new one: lstm97 run all --db NEW.db" run 6a --db "$dir/one.db"
refuses 2 "was written by an older lstm97" ledger --db "$dir/one.db"
refuses 2 "was written by an older lstm97" merge "$dir/e.db" "$dir/one.db"
[ "$before" = "$(cksum <"$dir/one.db")" ]
result "and it is left as it was" $?
# bench: counts of the floors, as worked out by hand: 8 units with 11 sources each, forward and as traces; the same nets going back and by RTRL.
# counts ROW MULTIPLY-ADDS LOGISTICS ROWS: of a step, up to the share of what is done once per sequence
counts() {
	"$program" bench "$1" --rounds 1 >"$dir/out" 2>"$dir/err"
	awk -F '\t' -v row="$1" -v m="$2" -v f="$3" -v r="$4" '$1 == row { n++; ratio = $5 / $6
		good = $5 > 0 && $6 > 0 && $7 > 0.98 * ratio && $7 < 1.02 * ratio && $8 >= m && $8 < 1.03 * m + 3 && $9 - f < 0.5 && f - $9 < 0.5 && $10 >= r && $10 < r + 0.5 }
		END { exit !(n == 1 && good) }' "$dir/out"
	result "floor of $1" $?
}
counts "floor kernel" 176 12 0
counts 4-1 176 12 0
counts "4-1 rule=elman" 88 12 0
counts "lag-4 rule=bptt" "$((88 + 88 + 63))" 8 0
counts "lag-4 rule=rtrl" "$((88 + 88 * (64 + 8 + 1)))" 8 0
counts "2c-9" "$((36 + 24))" 8 2
"$program" bench lag-4 --list >"$dir/out" && [ "$(grep -c '^lag-4 ' "$dir/out")" -gt 4 ] && ! grep -qv '^lag-4 ' "$dir/out"
result "bench takes all rows of an id" $?

# its reports: medians, per build and row; ratios pair by pair, and 1 where a row has become slower
{
	printf 'a\t4-1\tr\tn\t93\t%s\t10\t%s\t176\t12\t0\n' 30 3 20 2 10 1
	printf 'b\t4-1\tr\tn\t93\t7\t7\t1\t176\t12\t0\n'
	printf 'b\t6a\tr\tn\t156\t8\t4\t2\t146\t12\t2\n'
} >"$dir/measured.tsv"
[ "$("$program" bench --report "$dir/measured.tsv" | tr '\t' ' ')" = "row rule net weights ns_a over_floor_a ns_b over_floor_b
4-1 r n 93 20.00 2.00 7.00 1.00
6a r n 156 - - 8.00 2.00" ]
result "bench --report has the medians of each build" $?
printf 'x\t10\t%s\n' 11 10.1 12 >"$dir/slower.tsv"
printf 'y\t10\t%s\nz\t10\t9\n' 11 9.9 12 >"$dir/same.tsv"
"$program" bench --pairs "$dir/slower.tsv" "$dir/same.tsv" >"$dir/out"
[ $? -eq 1 ] && [ "$(tail -n 3 "$dir/out" | cut -f 1,4- | tr '\t' ' ')" = "x 1.100 1.010 1.200 3 slower
y 1.100 0.990 1.200 3 same
z 0.900 0.900 0.900 3 faster" ] && "$program" bench --pairs "$dir/same.tsv" >/dev/null
result "bench --pairs tells what became slower" $?

# on a machine without any of the libraries: all of them are asked for at once, those of every part
[ "$(CC=false scripts/deps check all 2>&1 | grep -o 'lib[a-z0-9]*-dev' | sort -u | tr '\n' ' ')" = \
	"libcmocka-dev libgsl-dev libinih-dev libsqlite3-dev " ] || ! command -v apt-get >/dev/null
result "every missing package is named at once" $?
echo "1..$n"
