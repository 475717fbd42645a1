/* processor.c: before anything else, whether this processor has what the program was built for.
   Does: where not, one line that says what is missing and how to build again, and exit 1, instead of an illegal instruction later. It runs
   before main, whose own first instructions could be too new. Likewise where the arithmetic is not the one that results depend on.
   Does not: use such instructions: it alone is compiled for the oldest processor (Makefile); what the rest may use is a text of
   processor_built.c. */
#include "cli/processor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#elif defined(__linux__) && defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

/* " NAME" is added to missing, of PROCESSOR_TEXT characters, where the program may use it and this processor has it not. */
static void need(const char *name, int has, char *missing)
{
	char word[32];
	snprintf(word, sizeof word, " %s ", name);
	if (!has && strstr(processor_built, word))
		snprintf(missing + strlen(missing), PROCESSOR_TEXT - strlen(missing), " %s", name);
}

static void list_missing(char *missing)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_cpu_init();
#define NEED(name) need(name, __builtin_cpu_supports(name), missing)
	NEED("sse3");
	NEED("ssse3");
	NEED("sse4.1");
	NEED("sse4.2");
	NEED("popcnt");
	NEED("avx");
	NEED("avx2");
	NEED("fma");
	NEED("bmi");
	NEED("bmi2");
	NEED("sse4a");
	NEED("fma4");
	NEED("xop");
	NEED("avx512f");
	NEED("avx512cd");
	NEED("avx512bw");
	NEED("avx512dq");
	NEED("avx512vl");
	NEED("avx512ifma");
	NEED("avx512vbmi");
	NEED("avx512vbmi2");
	NEED("avx512vnni");
	NEED("avx512bitalg");
	NEED("avx512vpopcntdq");
	NEED("gfni");
#undef NEED
	unsigned a = 0, b = 0, c = 0, d = 0;
	need("lzcnt", __get_cpuid(0x80000001, &a, &b, &c, &d) && c & bit_LZCNT, missing);
	need("movbe", __get_cpuid(1, &a, &b, &c, &d) && c & bit_MOVBE, missing);
	need("f16c", __get_cpuid(1, &a, &b, &c, &d) && c & bit_F16C, missing);
#elif defined(__linux__) && defined(__aarch64__)
	need("atomics", (getauxval(AT_HWCAP) & HWCAP_ATOMICS) != 0, missing);
	need("sve", (getauxval(AT_HWCAP) & HWCAP_SVE) != 0, missing);
#else
	need("", 1, missing);
#endif
}

static __attribute__((constructor)) void processor_check(void)
{
	char missing[PROCESSOR_TEXT] = "";
	list_missing(missing);
	if (*missing)
		fprintf(stderr, "lstm97: built for a newer processor (%s); this one lacks%s; build it here: make clean && make\n",
			processor_name, missing);
	else if (!processor_exact())
		fputs("lstm97: built, or started, so that numbers are not rounded as IEEE 754 says; build it again: make clean && make\n",
		      stderr);
	else
		return;
	exit(EXIT_FAILURE);
}
