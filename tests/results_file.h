/* results_file.h: what tests of runs and of results files share: the rows of experiments/, and a folder of their own with room for
   one file.
   Does: set both up and tear them down, for cmocka_run_group_tests.
   Does not: open the file. */
#ifndef TESTS_RESULTS_FILE_H
#define TESTS_RESULTS_FILE_H

#include "paper/experiment.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[80], path[120]; /* path: of the file, which each test removes again */
static struct experiments rows;

static int begin(void **state)
{
	struct error e = {0};
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/lstm97-test-XXXXXX");
	if (!mkdtemp(folder) || !experiments_load(&rows, "experiments", &e))
		return 1;
	snprintf(path, sizeof path, "%s/r.db", folder);
	return 0;
}

static int end(void **state)
{
	(void)state;
	experiments_free(&rows);
	return rmdir(folder);
}

#endif
