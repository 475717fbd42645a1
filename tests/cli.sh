#!/bin/sh
# cli.sh PROGRAM: what a person meets at the command line: output, exit codes, messages for bad input. Prints TAP lines.
set -u
export LC_ALL=C
unset POSIXLY_CORRECT
program=$1
sqlite3() { command sqlite3 -init /dev/null "$@"; } # whatever ~/.sqliterc says
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
refuses 2 "errorflow: a bidirectional learner is more than one net" errorflow share 6a --set learner=bidirectional --set rule=bptt
refuses 2 "errors at net inputs reach other units within a step" errorflow 6a --set net=gru --set rule=bptt
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

# numbers: nothing but a number, and none that is hardly meant (test_plan.c and test_experiment.c have more)
refuses 2 "rate: '1e-400' is too small" run 4-1 --set rate=1e-400 --db "$dir/never.db"
refuses 2 "rate=0,5 is the two values 0 and 5" run 4-1 --set rate=0,5 --db "$dir/never.db"
refuses 2 "rate: 0 would change no weight" run 4-1 --set rate=5,0 --db "$dir/never.db"
refuses 2 "--budget" run 4-1 --budget 1,5x --db "$dir/never.db"
refuses 2 "--jobs" run 4-1 --jobs 1.5 --db "$dir/never.db"
refuses 2 "--jobs" run 4-1 --jobs 02 --db "$dir/never.db"
refuses 2 "--seed" sample 4-1 --seed 99999999999999999999
refuses 2 "--count" sample 4-1 --count 1e3
refuses 2 "two stops" run 4-1 --set milestones=a:a --set wrong_below=2:1 --db "$dir/never.db"
[ ! -e "$dir/never.db" ]
result "nor did any of these" $?

# memory: only run has threads to save (not where the program needs more from the start, as with sanitizers)
scarce() { # text, arguments
	text=$1
	shift
	sh -c 'ulimit -v 400000; "$@"' - "$program" "$@" >/dev/null 2>"$dir/err"
	[ $? -eq 1 ] && grep -q "out of memory; $text" "$dir/err"
	result "out of memory: $*" $?
}
if sh -c 'ulimit -v 400000; "$@"' - "$program" list tasks >/dev/null 2>&1; then
	scarce "close other" trace 2a --set T=4000 --budget 1
	scarce "run with a smaller --jobs" run 2a --set T=4000 --db "$dir/never.db"
fi

# which rows: those of this folder before those beside the program, but that is said
mkdir "$dir/beside" "$dir/elsewhere"
cp "$program" "$dir/beside/lstm97"
cp -r experiments "$dir/beside"
cp -r experiments "$dir/elsewhere"
rows() { (cd "$1" && "$dir/beside/lstm97" list >"$dir/out" 2>"$dir/err") && grep -q '^6a ' "$dir/out"; }
rows "$dir" && [ ! -s "$dir/err" ]
result "experiments beside the program" $?
rows "$dir/beside" && [ ! -s "$dir/err" ]
result "the same folder is nothing to say" $?
rows "$dir/elsewhere" && [ "$(wc -l <"$dir/err")" -eq 1 ] && grep -qF "not of $dir/beside/experiments" "$dir/err"
result "another folder's experiments are named" $?

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
env POSIXLY_CORRECT=1 "$program" show 4-1 --set T=500 2>"$dir/err" | grep -q "^T  *= 500 "
result "options behind words, with POSIXLY_CORRECT" $?
"$program" sample 6a --count 1000000000 2>"$dir/err" | head -n 1 >"$dir/out"
[ -s "$dir/out" ] && [ ! -s "$dir/err" ]
result "sample ends quietly with its reader" $?
(trap '' PIPE; "$program" sample 6a --count 1000000000 2>"$dir/err") | head -n 1 >"$dir/out"
[ -s "$dir/out" ] && [ ! -s "$dir/err" ]
result "and where the signal is ignored" $?
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
cp "$db" "$dir/changed.db"
sqlite3 "$dir/changed.db" "drop table trial; create table trial(nonsense)"
refuses 2 "not a results database any more" run 6a --db "$dir/changed.db"
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
"$program" growth --set net=gru --db "$dir/g.db" >"$dir/out" 2>"$dir/err" && [ "$(wc -l <"$dir/err")" -eq 1 ] && grep -q "do not combine and are left out" "$dir/err"
result "growth leaves out what does not combine, and says so" $?
refuses 2 "cannot train this gru" growth 6a --set net=gru --db "$dir/g.db"
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

# an output that is not written is a failure, said in one line
unwritten() { # arguments: to a full device and to none
	"$program" "$@" 2>"$dir/err" >/dev/full
	[ $? -eq 1 ] && [ "$(grep -vc 'training\|after' "$dir/err")" -eq 1 ] && grep -qF "cannot be written (No space left on device)" "$dir/err"
	result "to a full device: $*" $?
	"$program" "$@" 2>"$dir/err" >&-
	[ $? -eq 1 ] && grep -qF "cannot be written" "$dir/err"
	result "without any output: $*" $?
}
if [ -c /dev/full ]; then
	unwritten --help
	unwritten --version
	unwritten run --help
	for what in experiments tasks nets rules; do unwritten list $what; done
	unwritten list --table10
	unwritten show 4-1
	unwritten sample 4-1 --count 1000000000
	unwritten trace 6a --set T=20 --budget 20
	unwritten errorflow slope
	unwritten errorflow share 4-1 --set T=20
	for what in ledger compare growth; do unwritten $what --db "$dir/g.db"; unwritten $what --tsv --db "$dir/g.db"; done
	unwritten merge "$dir/merged.db" "$dir/g.db"
fi
"$program" run 6a --set T=20 --seeds 1 --budget 1 --db "$dir/silent.db" 2>/dev/null >&-
result "run has nothing to write there" $?

# as a person calls make, whatever make runs this test
outside() { # [NAME=value] make arguments
	env -u MAKEFLAGS -u MAKELEVEL "$@" >"$dir/out" 2>"$dir/err"
}

# nearly all parts of every figure are missing: it must be drawn all the same; with blanks in the names of folder and database, and a
# ~/.sqliterc that shows tables otherwise
names=$(for f in plots/*.sql plots/growth.gp; do f=${f##*/}; echo "${f%.*}"; done | tr '\n' ' ')
mkdir "$dir/at home"
echo '.mode box' >"$dir/at home/.sqliterc"
export HOME="$dir/at home" # from here on
cp "$db" "$dir/six trials.db"
outside make -k DB="$dir/six trials.db" RESULTS="$dir/is drawn" NAMES="$names" figures
result "figures of a database with six trials" $?
[ "$(find "$dir/is drawn/figures" -name '*.svg' -size +1 | wc -l)" -eq "$(echo "$names" | wc -w)" ]
result "are there, every one" $?
grep -qF "figures: $dir/is drawn/figures" "$dir/out" && [ "$(wc -l <"$dir/is drawn/data/trials.tsv")" -eq 7 ]
result "and where they are said to be" $?
outside make DB="$dir/no such.db" figures
[ $? -eq 2 ] && grep -qF "there is no $dir/no such.db yet" "$dir/err"
result "no figures without a database" $?

# the recorded figures again, from data that does not need the database; what was deleted is made again
recorded() {
	outside make DB="$db" RESULTS="$dir/again" NAMES="trace-4 slope cost" figures &&
		for f in data/trace-4.tsv data/slope.tsv data/cost.tsv; do cmp -s "$dir/again/$f" "results/$f" || return 1; done
}
recorded
result "a trace, slopes and costs are those recorded" $?
rm "$dir"/again/data/trace-4.tsv
recorded
result "deleted data is made again" $?

# numbers have a point whatever the locale, and any awk will do
for language in C de_DE.UTF-8; do
	for awk in mawk gawk original-awk "busybox awk"; do
		command -v "${awk% *}" >/dev/null || continue
		mkdir -p "$dir/awk"
		printf '#!/bin/sh\nexec %s "$@"\n' "$awk" >"$dir/awk/awk"
		chmod +x "$dir/awk/awk"
		rm "$dir/again/data/cost.tsv"
		outside LC_ALL=$language PATH="$dir/awk:$PATH" make DB="$db" RESULTS="$dir/again" NAMES=cost figures && cmp -s "$dir/again/data/cost.tsv" results/data/cost.tsv
		result "costs by $awk, $language" $?
	done
done
outside LC_ALL=de_DE.UTF-8 POSIXLY_CORRECT=1 make -s --eval "said: ; @echo \"\$\$LC_ALL\$\$POSIXLY_CORRECT\"" said && [ "$(cat "$dir/out")" = C ]
result "whatever make calls has the locale C" $?

# the first trials that a newcomer sees are solved in seconds
for target in preview reproduce reproduce-full; do
	outside make -n $target
	grep '^[./a-z0-9]*lstm97 run' "$dir/out" | head -n 1 | grep -q ' run 6a latch '
	result "$target begins with trials that are soon solved" $?
done

# a table that could not be made is not kept, in part or empty: a program that fails stands for lstm97
mkdir -p "$dir/tree/src" "$dir/tree/failed"
cp -r Makefile results.mk VERSION experiments plots bench scripts "$dir/tree"
printf '#!/bin/sh\nprintf "a\\tb\\n"\nexit 1\n' >"$dir/tree/lstm97"
chmod +x "$dir/tree/lstm97"
for table in ledger compare growth slope share drift error-flow error-flow-size trace-4; do
	(cd "$dir/tree" && outside make -o lstm97 DB="$db" RESULTS=failed failed/data/$table.tsv)
	[ $? -eq 2 ] && [ -z "$(ls "$dir/tree/failed/data")" ]
	result "no table $table without its numbers" $?
done

# the build's name: VERSION in a tarball, alone or within another repository, else the commit; changed figures change no build
named() { # folder, name
	[ "$("$1/scripts/version" 2>&1)" = "$2" ]
	result "named $2: ${1##*/}" $?
}
in_git() { # folder, git's arguments
	(cd "$1" && shift && git -c user.name=t -c user.email=t@t "$@") >/dev/null 2>&1
}
version=$(cat VERSION)
named "$dir/tree" "$version"
mkdir "$dir/other"
cp -r "$dir/tree" "$dir/other/tarball"
in_git "$dir/other" init && in_git "$dir/other" commit --allow-empty -m other
named "$dir/other/tarball" "$version"
in_git "$dir/other" add . && in_git "$dir/other" commit -m vendored
named "$dir/other/tarball" "$version"
cp -r "$dir/tree" "$dir/checkout"
in_git "$dir/checkout" init
named "$dir/checkout" "$version" # nothing of it is in that repository yet
in_git "$dir/checkout" add . && in_git "$dir/checkout" commit -m ours
commit=$(git -C "$dir/checkout" describe --always)
named "$dir/checkout" "$commit"
echo x >>"$dir/checkout/plots/style.gp"
echo x >>"$dir/checkout/results.mk"
named "$dir/checkout" "$commit"
echo 'int x;' >"$dir/checkout/src/new.c"
named "$dir/checkout" "$commit-dirty"
rm "$dir/checkout/src/new.c"
echo '# x' >>"$dir/checkout/experiments/4-adding.ini"
named "$dir/checkout" "$commit-dirty"
in_git "$dir/checkout" tag -a -m t v9.9 && in_git "$dir/checkout" checkout experiments
named "$dir/checkout" "v9.9"

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
[ "$(CC=false scripts/deps check 2>&1 | grep -o 'lib[a-z0-9]*-dev' | sort -u | tr '\n' ' ')" = \
	"libcmocka-dev libgsl-dev libinih-dev libsqlite3-dev " ] || ! command -v apt-get >/dev/null
result "every missing package is named at once" $?

# without root and sudo: one line for the administrator, and nothing is tried
mkdir "$dir/few"
for tool in sh cat tr sed cc make env dirname; do ln -s "$(command -v $tool)" "$dir/few"; done
printf '#!/bin/sh\necho 1000\n' >"$dir/few/id"
printf '#!/bin/sh\necho tried >>"%s/tried"\n' "$dir" >"$dir/few/apt-get"
chmod +x "$dir/few/id" "$dir/few/apt-get"
PATH="$dir/few" CC=false scripts/deps install >"$dir/out" 2>"$dir/err"
[ $? -eq 1 ] && [ ! -s "$dir/out" ] && [ ! -e "$dir/tried" ] && [ "$(cat "$dir/err")" = "missing: libgsl-dev libsqlite3-dev libinih-dev sqlite3 gnuplot-nox libcmocka-dev; for the administrator: apt-get install -y --no-install-recommends libgsl-dev libsqlite3-dev libinih-dev sqlite3 gnuplot-nox libcmocka-dev" ]
result "what is missing is handed over in one line" $?

# without the test library alone nothing else is asked for
printf '#!/bin/sh\nin=$(cat)\ncase $in in *cmocka*) exit 1 ;; esac\nprintf "%%s\\n" "$in" | exec cc "$@"\n' >"$dir/few/no-cmocka"
chmod +x "$dir/few/no-cmocka"
for tool in sqlite3 gnuplot; do printf '#!/bin/sh\n' >"$dir/few/$tool"; chmod +x "$dir/few/$tool"; done
PATH="$dir/few" CC=no-cmocka scripts/deps check >"$dir/out" 2>"$dir/err"
[ $? -eq 1 ] && grep -q "^missing: libcmocka-dev; for the administrator" "$dir/err"
result "the test library is missing" $?
for target in need-build need-plots deps-where-missing; do
	outside PATH="$dir/few" make CC=no-cmocka $target && [ ! -s "$dir/out" ] && [ ! -s "$dir/err" ]
	result "and does not stop $target" $?
done
echo "1..$n"
