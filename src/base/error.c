/* error.c: see error.h. */
#include "base/error.h"

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
	char message[sizeof e->text], place[200];
	va_list args;
	va_start(args, where);
	vsnprintf(place, sizeof place, where, args);
	va_end(args);
	memcpy(message, e->text, sizeof message);
	const int n = snprintf(e->text, sizeof e->text, "%s: ", place);
	snprintf(e->text + n, sizeof e->text - (size_t)n, "%s", message);
	return false;
}
