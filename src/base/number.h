/* number.h: numbers as people type them.
   Does: take a text for a number only if all of it is one: decimal, with a point, without blanks, zeros in front, names
   (nan, inf) or a value that a double or long does not hold.
   Does not: know which numbers make sense somewhere (options.h), write messages. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

enum number {
	NUMBER_GOOD,
	NUMBER_NONE,  /* not a number */
	NUMBER_ZEROS, /* one that starts with a zero too many: 05, as of 0,05 or 1,05 */
	NUMBER_LARGE, /* larger than can be held */
	NUMBER_SMALL, /* not 0, and so near to it that its digits cannot be held */
};

enum number number_real(const char *text, double *x);
enum number number_whole(const char *text, long *x);

#endif
