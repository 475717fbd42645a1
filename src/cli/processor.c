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

#if defined(__x86_64__) || defined(__i386__)
/* those that the compiler asks for by name */
#define NAMED(F)                                                                                                                           \
	F("sse3")                                                                                                                          \
	F("ssse3")                                                                                                                         \
	F("sse4.1") F("sse4.2") F("popcnt") F("avx") F("avx2") F("fma") F("bmi") F("bmi2") F("sse4a") F("fma4") F("xop") F("avx512f")      \
	    F("avx512cd") F("avx512bw") F("avx512dq") F("avx512vl") F("avx512ifma") F("avx512vbmi") F("avx512vbmi2") F("avx512vnni")       \
		F("avx512bitalg") F("avx512vpopcntdq") F("gfni")
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
#define NEED(name) need(name, __builtin_cpu_supports(name), missing);
	NAMED(NEED)
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
