/* number.c: see number.h. */
#include "base/number.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789";

/* What the text is from its first digit on, without its sign. */
static enum number look(const char *text, const char *letters)
{
	text += *text == '-' || *text == '+';
	if (text[strspn(text, letters)] || !strpbrk(text, digits))
		return NUMBER_NONE;
	return text[0] == '0' && text[1] && strchr(digits, text[1]) ? NUMBER_ZEROS : NUMBER_GOOD;
}

enum number number_real(const char *text, double *x)
{
	char *end;
	const enum number kind = look(text, "0123456789.eE+-");
	*x = strtod(text, &end);
	if (kind != NUMBER_GOOD || *end)
		return *end ? NUMBER_NONE : kind;
	if (!isfinite(*x))
		return NUMBER_LARGE;
	return fabs(*x) < DBL_MIN && strcspn(text, "123456789") < strcspn(text, "eE") ? NUMBER_SMALL : NUMBER_GOOD;
}

enum number number_whole(const char *text, long *x)
{
	const enum number kind = look(text, digits);
	errno = 0;
	*x = strtol(text, NULL, 10);
	return kind == NUMBER_GOOD && errno ? NUMBER_LARGE : kind;
}
