/* builder.h: one row put together from its file's sections.
   Does: what the keys of each section mean; a row from [experiment], [row ID], [closest] and [closest ID], with all checks.
   Does not: split files into sections (reader.h), look at other rows. */
#ifndef PAPER_BUILDER_H
#define PAPER_BUILDER_H

#include "paper/reader.h"

/* Is it a key that may stand in this section, with a possible value? */
entry_check builder_check;

/* False and one line "FILE:LINE: ..." in f->e. */
bool builder_row(const struct file *f, const struct section *row, struct experiment *x);

#endif
