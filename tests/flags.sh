#!/bin/sh
# flags.sh: what flags may not do, as TAP: undo those that results depend on, change results, or be forgotten by make.
set -u
cd "$(dirname "$0")/.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL # of a make that runs this
n=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT
result() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else cat "$out"; echo "not ok $n - $2"; fi
}
build() { # MAKE-ARGUMENT...: one object that includes lane.h
	make --no-print-directory BUILD=build/flags "$@" build/flags/rule/guess.o >"$out" 2>&1
}

build CFLAGS='-O1 -ffp-contract=fast' && tr ' ' '\n' <"$out" | grep ffp-contract | tail -n 1 | grep -qx -- -ffp-contract=off
result $? "-ffp-contract=off is not lost by CFLAGS"

for cc in gcc clang; do
	command -v $cc >/dev/null || { echo "# not run: flags of $cc, which is missing"; continue; }
	for flag in -ffast-math -Ofast -ffinite-math-only -funsafe-math-optimizations; do
		! build CC=$cc CFLAGS="-O1 $flag" && grep -q 'change results: build without' "$out"
		result $? "$cc $flag does not compile"
	done
done
if [ "$(uname -m)" = x86_64 ]; then
	! build CFLAGS='-O1 -mfpmath=387' && grep -q 'change results' "$out"
	result $? "-mfpmath=387 does not compile"
fi

compiled() { grep -q -- '-c src/rule/guess.c' "$out"; }
build CFLAGS=-O1
build CFLAGS=-O1 && ! compiled
result $? "the same flags build nothing again"
build CFLAGS=-O2 && compiled
result $? "other CFLAGS build again"
build CFLAGS=-O2 LANES=1 && compiled
result $? "another number of lanes builds again"
build CFLAGS=-O2 LANES=1 ARCH= && compiled
result $? "another processor builds again"
echo "1..$n"
