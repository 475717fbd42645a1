/* processor.h: what the program was built for, and whether it can be trusted here (processor.c).
   Does not: say anything of speed. */
#ifndef CLI_PROCESSOR_H
#define CLI_PROCESSOR_H

#include <stdbool.h>

enum { PROCESSOR_TEXT = 400 };

/* Extensions of the instruction set that the compiler may have used, each with a space on both sides; data, so that every processor can
   read it. */
extern const char processor_built[];

/* The name of such processors. */
extern const char processor_name[];

/* Arithmetic as built, on this processor: each operation rounded by itself, to nearest, with subnormal numbers. Needs what
   processor_built says. */
bool processor_exact(void);

#endif
