#!/bin/sh
# threads.sh PROGRAM: the same database from one thread and many, in one go and interrupted, from one process and two.
# Prints TAP lines.
set -u
export LC_ALL=C
program=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0

sqlite3() { command sqlite3 -init /dev/null "$@"; } # whatever ~/.sqliterc says

check() { # what, status
	n=$((n + 1))
	if [ "$2" -eq 0 ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; fi
}

# everything that may not depend on how it was computed
dump() {
	sqlite3 "$1" "select experiment, conditions, seed, outcome, sequences, steps, test_wrong, test_mean_error, budget, numerics, weights_hash from trial
		order by experiment, conditions, seed;
		select t.experiment, t.conditions, t.seed, m.name, m.sequences, m.test_wrong, m.test_mean_error from milestone m join trial t on t.id = m.trial
		order by 1, 2, 3, m.sequences, 4;
		select t.experiment, t.conditions, t.seed, c.sequences, c.error from curve c join trial t on t.id = c.trial order by 1, 2, 3, 4;"
}

run() { # db, further options
	db=$1
	shift
	"$program" run 6a 3a-2 --set T=20 --seeds 1-20 --budget 3000 --db "$db" "$@" 2>>"$dir/log"
}

run "$dir/one.db" --jobs 1
check "one thread" $?
dump "$dir/one.db" >"$dir/one"
[ "$(sqlite3 "$dir/one.db" 'select count(*) from trial')" = 40 ]
check "every trial is there" $?

run "$dir/many.db" --jobs 4
check "four threads" $?
dump "$dir/many.db" | cmp -s - "$dir/one"
check "four threads give the same database" $?

"$program" run 3a-2 --set T=20 --set rate=0.2,0.5,1 --seeds 1-7 --budget 3000 --jobs 2 --db "$dir/rates.db" 2>>"$dir/log"
for rate in 1 0.5 0.2; do
	"$program" run 3a-2 --set T=20 --set rate=$rate --seeds 1-7 --budget 3000 --jobs 1 --db "$dir/rate.db" 2>>"$dir/log"
done
dump "$dir/rates.db" >"$dir/rates"
[ "$(sqlite3 "$dir/rates.db" 'select count(distinct t.id), count(distinct rate), count(distinct error) > 1000 from trial t join curve on trial = t.id')" = "21|3|1" ] &&
	dump "$dir/rate.db" | cmp -s - "$dir/rates"
check "rates that share groups give the same database as one rate after the other" $?

# trials that take a second, so that a signal comes in time
longer() { # db
	"$program" run 6a 3a-2 --set T=60 --seeds 1-20 --budget 100000 --jobs 1 --db "$1" 2>>"$dir/log"
}
longer "$dir/whole.db"
dump "$dir/whole.db" >"$dir/whole"
trials() { sqlite3 -cmd '.timeout 9999' "$dir/stopped.db" 'select count(*) from trial' 2>/dev/null || echo 0; }

# A new run that a signal ends after its first trials
stopped() { # signal, exit code
	rm -f "$dir/stopped.db"*
	(exec "$program" run 6a 3a-2 --set T=60 --seeds 1-20 --budget 100000 --jobs 1 --db "$dir/stopped.db" 2>"$dir/said") &
	pid=$! # of the program: exec, or it would be that of a shell around it
	until [ "$(trials)" -gt 0 ] || ! kill -0 $pid 2>/dev/null; do sleep 0.01; done
	kill "-$1" $pid
	wait $pid 2>/dev/null
	[ $? -eq "$2" ] && [ "$(trials)" -lt 40 ] && { [ "$1" = KILL ] || grep -q interrupted "$dir/said"; }
	check "ended by $1 with some of its trials done" $?
}

stopped TERM 1
stopped INT 1
longer "$dir/stopped.db"
dump "$dir/stopped.db" | cmp -s - "$dir/whole"
check "interrupted and resumed gives the same database" $?

stopped KILL 137
sqlite3 "$dir/stopped.db" 'update claim set heartbeat = heartbeat - 100' # as if a minute had passed: its claims are void
longer "$dir/stopped.db"
dump "$dir/stopped.db" | cmp -s - "$dir/whole"
check "killed and resumed gives the same database" $?

run "$dir/two.db" --jobs 1 &
pid=$!
run "$dir/two.db" --jobs 1
first=$?
wait $pid
check "two processes on one database both succeed" $((first + $?))
dump "$dir/two.db" | cmp -s - "$dir/one"
check "two processes give the same database" $?

before=$(sqlite3 "$dir/one.db" 'select max(finished_at), count(*) from trial')
run "$dir/one.db" --jobs 2
[ "$before" = "$(sqlite3 "$dir/one.db" 'select max(finished_at), count(*) from trial')" ]
check "the same call again computes nothing" $?

! grep -q 'WARNING: ThreadSanitizer' "$dir/log"
check "no data race was reported" $?
echo "1..$n"
