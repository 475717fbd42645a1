#!/bin/sh
# levels.sh: the same bits everywhere, as TAP. The digest of every level of x86-64 and of ARM, by gcc and by clang, with -O0 and
# -O3; of 1, 2, 4, 8 and 16 trials at once; and that what is built for a newer processor says so on an older one.
# What this processor lacks runs under qemu-user; there, and with -O0, only the first two seeds of each trial. What cannot be built or
# run here is named on a line "# not run: ...".
set -u
cd "$(dirname "$0")/.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL # of a make that runs this
n=0
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
have() { command -v "$1" >/dev/null 2>&1; }
result() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}

# digest NAME SEEDS RUNNER MAKE-VARIABLE...: builds build/levels/NAME and compares its digest
digest() {
	name=$1 seeds=$2 runner=$3
	shift 3
	program=build/levels/$name/tests/digest
	if ! make -s --no-print-directory -j "$(nproc)" BUILD="build/levels/$name" "$@" "$program" >"$lines" 2>&1; then
		tail -n 5 "$lines"
		result 1 "$name: builds"
		return
	fi
	# shellcheck disable=SC2086
	$runner "$program" "$seeds" >"$lines" 2>&1 && awk -v n="$seeds" '$2 <= n' tests/data/digest.txt | diff - "$lines" >"$lines.diff"
	result $? "$name: digest as recorded"
	head -n 5 "$lines.diff" 2>/dev/null
	rm -f "$lines.diff"
}

# how a program for this level runs here: nothing, or an emulator; fails if it does not run
runner() {
	case $1 in
	x86-64) need='' cpu=qemu64 ;;
	x86-64-v2) need='sse4_2 popcnt' cpu=Nehalem ;;
	x86-64-v3) need='avx2 fma bmi2' cpu=Haswell ;;
	x86-64-v4) need='avx512f avx512dq avx512vl avx512bw' cpu= ;;
	esac
	missing=
	for flag in $need; do
		grep -m 1 '^flags' /proc/cpuinfo 2>/dev/null | grep -qw "$flag" || missing=$flag
	done
	[ -z "$missing" ] && [ "$(uname -m)" = x86_64 ] && return
	[ -n "$cpu" ] && have qemu-x86_64 && echo "qemu-x86_64 -cpu $cpu"
}

# ---- levels of x86-64 ----
for level in x86-64 x86-64-v2 x86-64-v3 x86-64-v4; do
	for cc in gcc clang; do
		if ! have $cc || ! $cc -march=$level -x c -c /dev/null -o /dev/null 2>/dev/null; then
			echo "# not run: $level by $cc, which is missing or does not know it"
		elif ! run=$(runner $level) || { [ "$(uname -m)" != x86_64 ] && [ -z "$run" ]; }; then
			echo "# not run: $level by $cc: neither this processor nor qemu-x86_64 has it"
		else
			digest "$level-$cc-O0" 2 "$run" CC=$cc ARCH=-march=$level OPT=-O0
			digest "$level-$cc-O3" "$([ -z "$run" ] && echo 99 || echo 2)" "$run" CC=$cc ARCH=-march=$level OPT=-O3
		fi
	done
done

# without the instruction of multiply-adds, on any processor: four lanes of the oldest level do not look for it
if [ "$(uname -m)" = x86_64 ]; then
	digest soft-fma 2 "" ARCH=-march=x86-64 LANES=4 OPT=-O2
fi

# ---- ARM ----
arm=build/levels/arm64
if ! have aarch64-linux-gnu-gcc || ! have qemu-aarch64; then
	echo "# not run: aarch64, for which gcc-aarch64-linux-gnu and qemu-user are needed"
elif ! scripts/deps arm64 $arm >"$lines" 2>&1; then
	tail -n 3 "$lines"
	echo "# not run: aarch64, as GSL for it could not be had from Debian"
else
	for cc in aarch64-linux-gnu-gcc "clang --target=aarch64-linux-gnu"; do
		have "${cc%% *}" || { echo "# not run: aarch64 by $cc"; continue; }
		for opt in -O0 -O3; do
			digest "aarch64-${cc%%[ -]*}$opt" 2 qemu-aarch64 CC="$cc" ARCH= OPT=$opt NEEDS= LDFLAGS="-static -L$arm/usr/lib/aarch64-linux-gnu" \
				CPPFLAGS="-I$arm/usr/include"
		done
	done
fi

# ---- trials at once ----
for lanes in 1 2 4 8 16; do
	digest "lanes$lanes" 99 "" LANES=$lanes OPT=-O2
done

# ---- older processors ----
# says NAME CPU: the program of that name does not run there, and says why in one line
says() {
	program=build/levels/$1/tests/digest
	[ -x "$program" ] || return
	qemu-x86_64 -cpu "$2" "$program" 1 2>&1 >/dev/null | grep -v '^qemu' >"$lines"
	qemu-x86_64 -cpu "$2" "$program" 1 >/dev/null 2>&1
	status=$?
	[ "$status" -eq 1 ] && [ "$(wc -l <"$lines")" -eq 1 ] && grep -q 'built for a newer processor.*lacks.*make clean && make' "$lines"
	result $? "$1 on $2 (exit $status): $(cat "$lines")"
}
if have qemu-x86_64; then
	for cc in gcc clang; do
		for opt in O0 O3; do
			says x86-64-v2-$cc-$opt qemu64
			says x86-64-v3-$cc-$opt Nehalem
			says x86-64-v4-$cc-$opt Haswell
		done
	done
	for cc in gcc clang; do
		program=build/levels/x86-64-$cc-O3/tests/digest
		[ -x "$program" ] || continue
		qemu-x86_64 -cpu qemu64 "$program" 0
		result $? "x86-64-$cc-O3 on qemu64: runs"
	done
else
	echo "# not run: newer programs on older processors, for which qemu-user is needed"
fi
echo "1..$n"
