/* memory.c: see memory.h. */
#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 }; /* bytes: one cache line, one 8-double vector */

static const char *next_action = "close other programs";

void memory_advise(const char *action)
{
	next_action = action;
}

static void *out_of_memory(void)
{
	fprintf(stderr, "lstm97: out of memory; %s\n", next_action);
	exit(1);
}

void *memory_zeroed(size_t count, size_t size)
{
	if (size && count > (SIZE_MAX - ALIGNMENT) / size)
		return out_of_memory();
	const size_t bytes = (count * size + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
	void *block = aligned_alloc(ALIGNMENT, bytes);
	if (!block)
		return out_of_memory();
	return memset(block, 0, bytes);
}

char *memory_text(const char *text)
{
	const size_t n = strlen(text) + 1;
	return memcpy(memory_zeroed(n, 1), text, n);
}

void *memory_grown(void *array, size_t *capacity, size_t needed, size_t size)
{
	if (needed <= *capacity)
		return array;
	const size_t larger = needed < 16 ? 16 : needed + needed / 2;
	void *block = memory_zeroed(larger, size);
	if (array)
		memcpy(block, array, *capacity * size);
	free(array);
	*capacity = larger;
	return block;
}
