/* processor_built.c: what processor.c asks for, compiled as the rest of the program is. See processor.h. */
#include "cli/processor.h"

#include "base/lane.h"

#if defined(__AVX512F__)
const char processor_name[] = "x86-64-v4";
#elif defined(__AVX2__)
const char processor_name[] = "x86-64-v3";
#elif defined(__SSE4_2__)
const char processor_name[] = "x86-64-v2";
#elif defined(__x86_64__)
const char processor_name[] = "x86-64";
#else
const char processor_name[] = "another one of this family";
#endif

const char processor_built[] = " "
#ifdef __SSE3__
			       "sse3 "
#endif
#ifdef __SSSE3__
			       "ssse3 "
#endif
#ifdef __SSE4_1__
			       "sse4.1 "
#endif
#ifdef __SSE4_2__
			       "sse4.2 "
#endif
#ifdef __POPCNT__
			       "popcnt "
#endif
#ifdef __AVX__
			       "avx "
#endif
#ifdef __AVX2__
			       "avx2 "
#endif
#ifdef __FMA__
			       "fma "
#endif
#ifdef __BMI__
			       "bmi "
#endif
#ifdef __BMI2__
			       "bmi2 "
#endif
#ifdef __SSE4A__
			       "sse4a "
#endif
#ifdef __FMA4__
			       "fma4 "
#endif
#ifdef __XOP__
			       "xop "
#endif
#ifdef __AVX512F__
			       "avx512f "
#endif
#ifdef __AVX512CD__
			       "avx512cd "
#endif
#ifdef __AVX512BW__
			       "avx512bw "
#endif
#ifdef __AVX512DQ__
			       "avx512dq "
#endif
#ifdef __AVX512VL__
			       "avx512vl "
#endif
#ifdef __AVX512IFMA__
			       "avx512ifma "
#endif
#ifdef __AVX512VBMI__
			       "avx512vbmi "
#endif
#ifdef __AVX512VBMI2__
			       "avx512vbmi2 "
#endif
#ifdef __AVX512VNNI__
			       "avx512vnni "
#endif
#ifdef __AVX512BITALG__
			       "avx512bitalg "
#endif
#ifdef __AVX512VPOPCNTDQ__
			       "avx512vpopcntdq "
#endif
#ifdef __GFNI__
			       "gfni "
#endif
#ifdef __LZCNT__
			       "lzcnt "
#endif
#ifdef __MOVBE__
			       "movbe "
#endif
#ifdef __F16C__
			       "f16c "
#endif
#ifdef __ARM_FEATURE_ATOMICS
			       "atomics "
#endif
#ifdef __ARM_FEATURE_SVE
			       "sve "
#endif
    ;

bool processor_exact(void)
{
	return lane_exact();
}
