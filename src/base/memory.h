/* memory.h: zeroed memory, aligned for lanes.
   Does: allocate or end the program with one line (the only exit below cli/, see design).
   Does not: grow, pool or track anything. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* What a person can do where memory runs out, for the message; until then: close other programs. action must stay valid. */
void memory_advise(const char *action);

/* count * size zeroed bytes, 64-byte aligned; never NULL. The caller frees with free(). */
void *memory_zeroed(size_t count, size_t size);

/* A copy of text that the caller frees. */
char *memory_text(const char *text);

/* array enlarged so that it holds at least `needed` elements of `size` bytes; *capacity is updated. */
void *memory_grown(void *array, size_t *capacity, size_t needed, size_t size);

#endif
