/* error.h: one message for the person who made the mistake.
   Does: hold a text that travels up to cli/, where it is printed once.
   Does not: print, exit, allocate. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

enum error_kind { ERROR_NONE, ERROR_INPUT, ERROR_ENVIRONMENT };

struct error {
	enum error_kind kind; /* INPUT: exit code 2; ENVIRONMENT (disk, database): exit code 1 */
	char text[480];
};

/* Sets the message, printf-like; a message that is already there is kept. Always returns false, so that
   a function may `return error_input(e, ...)`. */
bool error_input(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool error_environment(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "WHERE: " in front of a message that is set. Always returns false. */
bool error_at(struct error *e, const char *where, ...) __attribute__((format(printf, 2, 3)));

#endif
