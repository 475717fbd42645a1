/* hash.h: short names for long contents.
   Does: FNV-1a, 64 bits, byte by byte: the same on every machine.
   Does not: withstand anyone who looks for two contents of the same name. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t hash_byte(uint64_t hash, unsigned char byte)
{
	return (hash ^ byte) * UINT64_C(0x100000001b3);
}

static inline uint64_t hash_text(const char *text)
{
	uint64_t hash = HASH_START;
	for (; *text; text++)
		hash = hash_byte(hash, (unsigned char)*text);
	return hash;
}

#endif
