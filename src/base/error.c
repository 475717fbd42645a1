/* error.c: see error.h. */
#include "base/error.h"

#include <gsl/gsl_math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool set(struct error *e, enum error_kind kind, const char *format, va_list args)
{
	if (e->kind == ERROR_NONE) {
		e->kind = kind;
		vsnprintf(e->text, sizeof e->text, format, args);
	}
	return false;
}

bool error_input(struct error *e, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	set(e, ERROR_INPUT, format, args);
	va_end(args);
	return false;
}

bool error_environment(struct error *e, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	set(e, ERROR_ENVIRONMENT, format, args);
	va_end(args);
	return false;
}

bool error_at(struct error *e, const char *where, ...)
{
	char message[sizeof e->text];
	va_list args;
	memcpy(message, e->text, sizeof message);
	va_start(args, where);
	const int n = vsnprintf(e->text, sizeof e->text / 2, where, args);
	va_end(args);
	const size_t used = GSL_MIN((size_t)n, sizeof e->text / 2 - 1);
	memcpy(e->text + used, ": ", 2);
	memmove(e->text + used + 2, message, sizeof e->text - used - 2);
	e->text[sizeof e->text - 1] = '\0';
	return false;
}
