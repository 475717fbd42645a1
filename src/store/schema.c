/* schema.c: what a new results file contains, one statement per entry, for store.c.
   Does: tables, their meaning (the comments stay in the file: `sqlite3 results.db .schema`), views.
   Does not: run anything. The columns are a contract with scripts (design, section 5). */
#include <stddef.h>

extern const char *const store_schema[];

/* The lines are SQL's. */
/* clang-format off */

/* Square root by Newton's iteration, as SQLite's own sqrt() is left out of some builds. v: a column, not negative. */
#define SQRT(v) \
	"(WITH RECURSIVE root(n, x) AS (SELECT 0, 1.0 UNION ALL SELECT n + 1, (x + " v " / x) / 2 FROM root WHERE n < 60)" \
	" SELECT x FROM root WHERE n = 60)"

/* The paper's value of a quantity for row r: of the whole row, or of its only stop; of one stop. */
#define PAPER(quantity) \
	"(SELECT p.value FROM published p WHERE p.experiment = r.experiment AND p.quantity = '" quantity "'" \
	" ORDER BY p.milestone <> '' LIMIT 1)"
#define PAPER_AT(quantity, milestone) \
	"(SELECT p.value FROM published p WHERE p.experiment = r.experiment AND p.quantity = '" quantity "'" \
	" AND p.milestone = " milestone ")"

/* The rows k of n sorted numbers whose mean is the median. */
#define MIDDLE "k IN ((n + 1) / 2, (n + 2) / 2)"

/* Columns that several tables have. */
#define PAPER_SUCCESS   "  " PAPER("success") " AS paper_success, 100.0 * solved / nullif(trials, 0) AS success,\n"
#define PAPER_SEQUENCES "  " PAPER("sequences") " AS paper_sequences, mean_sequences AS sequences, median_sequences,\n"
#define PAPER_RANGE \
	"  " PAPER("range_low") " AS paper_low, min_sequences AS low,\n" \
	"  " PAPER("range_high") " AS paper_high, max_sequences AS high,\n"
#define PAPER_WRONG     "  " PAPER("wrong") " AS paper_wrong, 2560 * fraction AS wrong,\n"
#define PAPER_FRACTION  "  " PAPER("fraction") " AS paper_fraction, fraction,\n"
#define PAPER_TRIALS    "  " PAPER("trials") " AS paper_trials, trials, solved\n"

/* Tables 4 and 5: two stops. */
#define TWO_STOPS(table, paper_table) \
	"CREATE VIEW " table " AS -- Table " paper_table " of the paper; stops ST1 and ST2 (which is success)\n" \
	"SELECT r.experiment, r.reading, r.title, r.length, r.weights,\n" \
	"  " PAPER_AT("sequences", "'ST1'") " AS paper_st1, st1.mean_sequences AS st1,\n" \
	"  " PAPER_AT("sequences", "'ST2'") " AS paper_st2, st2.mean_sequences AS st2,\n" \
	"  " PAPER("fraction") " AS paper_fraction, r.fraction,\n" \
	"  " PAPER("trials") " AS paper_trials, r.trials, coalesce(st1.reached, 0) AS st1_reached, r.solved\n" \
	"FROM paper_row r\n" \
	"LEFT JOIN result st1 ON st1.experiment = r.experiment AND st1.conditions = r.conditions" \
	" AND st1.milestone = 'ST1'\n" \
	"LEFT JOIN result st2 ON st2.experiment = r.experiment AND st2.conditions = r.conditions" \
	" AND st2.milestone = 'ST2'\n" \
	"WHERE r.paper_table = '" paper_table "' ORDER BY r.experiment, r.conditions"

#define ORDERED " ORDER BY experiment, conditions"

const char *const store_schema[] = {
    "CREATE TABLE experiment ( -- one row of the paper's tables, as its literal reading has it; from experiments/\n"
    "  id TEXT NOT NULL PRIMARY KEY, -- 1-1 ... 6b\n"
    "  title TEXT NOT NULL,\n"
    "  paper_table TEXT NOT NULL, -- 1 ... 9, or text\n"
    "  task TEXT NOT NULL,\n"
    "  net TEXT NOT NULL,\n"
    "  rule TEXT NOT NULL,\n"
    "  weights INTEGER NOT NULL, -- number of trainable weights\n"
    "  lag INTEGER NOT NULL, -- fewest steps between the relevant input and the target\n"
    "  length INTEGER NOT NULL -- of the shortest sequence\n"
    ") STRICT",

    "CREATE TABLE published ( -- the paper's numbers\n"
    "  experiment TEXT NOT NULL REFERENCES experiment(id) ON DELETE CASCADE,\n"
    "  milestone TEXT NOT NULL, -- the stop it belongs to; '' the whole row\n"
    "  quantity TEXT NOT NULL, -- success (percent), sequences, wrong (of 2560), fraction, error, range_low, range_high,\n"
    "                          -- trials; quoted (1): the paper has the row's numbers from the literature\n"
    "  value REAL NOT NULL,\n"
    "  PRIMARY KEY (experiment, milestone, quantity)\n"
    ") STRICT, WITHOUT ROWID",

    "CREATE TABLE trial ( -- one trial: a function of experiment, conditions, seed and budget only\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  experiment TEXT NOT NULL REFERENCES experiment(id),\n"
    "  conditions TEXT NOT NULL, -- what --set changed, in canonical form; '' nothing\n"
    "  reading TEXT NOT NULL, -- literal: as the paper says; closest: with the deviations that the experiment's file lists\n"
    "  seed INTEGER NOT NULL,\n"
    "  task TEXT NOT NULL,\n"
    "  net TEXT NOT NULL,\n"
    "  rule TEXT NOT NULL,\n"
    "  lag INTEGER NOT NULL, -- fewest steps between the relevant input and the target\n"
    "  length INTEGER NOT NULL, -- of the shortest sequence\n"
    "  weights INTEGER NOT NULL, -- number of trainable weights\n"
    "  rate REAL, -- learning rate\n"
    "  outcome TEXT NOT NULL CHECK (outcome IN ('solved', 'unsolved', 'diverged')),\n"
    "  sequences INTEGER NOT NULL, -- training sequences at success, or in all\n"
    "  steps INTEGER NOT NULL, -- their steps\n"
    "  test_wrong INTEGER, -- test_*: after the last stop that was reached; NULL without such a test\n"
    "  test_sequences INTEGER,\n"
    "  test_mean_error REAL, -- mean absolute error; NULL also if not finite\n"
    "  test_mean_square REAL, -- mean squared error\n"
    "  budget INTEGER NOT NULL, -- training sequences it was allowed\n"
    "  cpu_s REAL, -- processor time, its share of a group of trials\n"
    "  build TEXT NOT NULL,\n"
    "  host TEXT NOT NULL,\n"
    "  finished_at TEXT NOT NULL, -- UTC\n"
    "  UNIQUE (experiment, conditions, seed)\n"
    ") STRICT",

    "CREATE TABLE milestone ( -- the stops that a trial reached, in that order\n"
    "  trial INTEGER NOT NULL REFERENCES trial(id) ON DELETE CASCADE,\n"
    "  name TEXT NOT NULL CHECK (name <> ''),\n"
    "  sequences INTEGER NOT NULL, -- training sequences by then\n"
    "  test_wrong INTEGER, -- test_*: as in trial, of the test after this stop\n"
    "  test_sequences INTEGER,\n"
    "  test_mean_error REAL,\n"
    "  test_mean_square REAL,\n"
    "  PRIMARY KEY (trial, name)\n"
    ") STRICT",

    "CREATE TABLE curve ( -- training error over time, about 20 points per decade\n"
    "  trial INTEGER NOT NULL REFERENCES trial(id) ON DELETE CASCADE,\n"
    "  sequences INTEGER NOT NULL, -- training sequences so far\n"
    "  error REAL, -- mean absolute training error since the point before\n"
    "  PRIMARY KEY (trial, sequences)\n"
    ") STRICT, WITHOUT ROWID",

    "CREATE TABLE claim ( -- trials that a running lstm97 computes now\n"
    "  experiment TEXT NOT NULL REFERENCES experiment(id),\n"
    "  conditions TEXT NOT NULL,\n"
    "  seed INTEGER NOT NULL,\n"
    "  owner TEXT NOT NULL, -- host:pid:random\n"
    "  heartbeat INTEGER NOT NULL, -- seconds since 1970; a claim without heartbeat for 60 s is void\n"
    "  PRIMARY KEY (experiment, conditions, seed)\n"
    ") STRICT, WITHOUT ROWID",

    "CREATE VIEW lag_ablation(task, net, rule, lag, trials, solved, success_rate, ci_low, ci_high, mean_sequences,\n"
    "  median_sequences, experiment, reading, conditions) AS\n"
    "-- Success by lag; ci: Wilson interval, 95 %; sequences: of solved trials.\n"
    "WITH ranked AS (\n"
    "  SELECT *, outcome = 'solved' AS ok, row_number() OVER (one ORDER BY sequences) AS k, count(*) OVER one AS n\n"
    "  FROM trial\n"
    "  WINDOW one AS (PARTITION BY task, net, rule, lag, experiment, reading, conditions, outcome = 'solved')\n"
    "), counted AS (\n"
    "  SELECT task, net, rule, lag, experiment, reading, conditions, count(*) AS trials, sum(ok) AS solved,\n"
    "    1.0 * sum(ok) / count(*) AS p, 1.959964 * 1.959964 / count(*) AS z2, -- z^2 / trials\n"
    "    avg(CASE WHEN ok THEN sequences END) AS mean_sequences,\n"
    "    avg(CASE WHEN ok AND " MIDDLE " THEN sequences END) AS median_sequences\n"
    "  FROM ranked GROUP BY task, net, rule, lag, experiment, reading, conditions\n"
    "), wilson AS (\n"
    "  SELECT *, (p + z2 / 2) / (1 + z2) AS centre, (z2 * p * (1 - p) + z2 * z2 / 4) / ((1 + z2) * (1 + z2)) AS square\n"
    "  FROM counted\n"
    "), bounded AS (\n"
    "  SELECT *, " SQRT("square") " AS half FROM wilson\n"
    ")\n"
    "SELECT task, net, rule, lag, trials, solved, p, CASE WHEN solved = 0 THEN 0.0 ELSE centre - half END,\n"
    "  CASE WHEN solved = trials THEN 1.0 ELSE centre + half END, mean_sequences, median_sequences, experiment, reading,\n"
    "  conditions\n"
    "FROM bounded ORDER BY task, net, rule, lag, experiment, conditions",

    "CREATE VIEW result(experiment, reading, conditions, milestone, trials, reached, mean_sequences, median_sequences,\n"
    "  min_sequences, max_sequences, test_wrong, test_sequences, test_mean_error, test_mean_square) AS\n"
    "-- What has been run, per stop; milestone '': success. sequences: of trials that reached the stop; test_wrong and\n"
    "-- test_sequences: sums, test_mean_...: means over those of them that were tested.\n"
    "WITH grouped AS (\n"
    "  SELECT experiment, reading, conditions, count(*) AS trials FROM trial GROUP BY experiment, reading, conditions\n"
    "), stop AS (\n"
    "  SELECT experiment, conditions, '' AS milestone, sequences, test_wrong, test_sequences, test_mean_error,\n"
    "    test_mean_square\n"
    "  FROM trial WHERE outcome = 'solved'\n"
    "  UNION ALL\n"
    "  SELECT t.experiment, t.conditions, m.name, m.sequences, m.test_wrong, m.test_sequences, m.test_mean_error,\n"
    "    m.test_mean_square\n"
    "  FROM milestone m JOIN trial t ON t.id = m.trial\n"
    "), name AS ( -- also stops that no trial reached\n"
    "  SELECT experiment, conditions, '' AS milestone FROM grouped\n"
    "  UNION SELECT experiment, conditions, milestone FROM stop\n"
    "  UNION SELECT g.experiment, g.conditions, p.milestone FROM grouped g JOIN published p USING (experiment)\n"
    "    WHERE g.conditions IN ('', 'reading=closest')\n"
    "), ranked AS (\n"
    "  SELECT *, row_number() OVER (one ORDER BY sequences) AS k, count(*) OVER one AS n FROM stop\n"
    "  WINDOW one AS (PARTITION BY experiment, conditions, milestone)\n"
    ")\n"
    "SELECT experiment, reading, conditions, milestone, trials, count(sequences), avg(sequences),\n"
    "  avg(CASE WHEN " MIDDLE " THEN sequences END), min(sequences), max(sequences), sum(test_wrong), sum(test_sequences),\n"
    "  avg(test_mean_error), avg(test_mean_square)\n"
    "FROM grouped JOIN name USING (experiment, conditions) LEFT JOIN ranked USING (experiment, conditions, milestone)\n"
    "GROUP BY experiment, reading, conditions, milestone",

    "CREATE VIEW paper_row AS\n"
    "-- Every experiment under its bare readings: the literal one, and the closest one where it has been run.\n"
    "WITH bare(experiment, reading, conditions) AS (\n"
    "  SELECT id, 'literal', '' FROM experiment\n"
    "  UNION SELECT experiment, reading, conditions FROM trial WHERE conditions = 'reading=closest'\n"
    "), known AS (\n"
    "  SELECT experiment, conditions, max(lag) AS lag, max(length) AS length, max(weights) AS weights, max(rate) AS rate\n"
    "  FROM trial GROUP BY experiment, conditions\n"
    ")\n"
    "SELECT b.experiment, x.paper_table, b.reading, b.conditions, x.title, x.task, x.net, x.rule,\n"
    "  coalesce(k.lag, x.lag) AS lag, coalesce(k.length, x.length) AS length, coalesce(k.weights, x.weights) AS weights,\n"
    "  k.rate, coalesce(s.trials, 0) AS trials, coalesce(s.reached, 0) AS solved, s.mean_sequences, s.median_sequences,\n"
    "  s.min_sequences, s.max_sequences, 1.0 * s.test_wrong / s.test_sequences AS fraction, s.test_mean_error,\n"
    "  s.test_mean_square\n"
    "FROM bare b JOIN experiment x ON x.id = b.experiment\n"
    "LEFT JOIN known k ON k.experiment = b.experiment AND k.conditions = b.conditions\n"
    "LEFT JOIN result s ON s.experiment = b.experiment AND s.conditions = b.conditions AND s.milestone = ''",

    "CREATE VIEW table1 AS -- Table 1 of the paper: embedded Reber grammar; success in percent\n"
    "SELECT r.experiment, r.reading, title, net, rule, weights, rate,\n"
    PAPER_SUCCESS PAPER_SEQUENCES PAPER_RANGE PAPER_TRIALS
    "FROM paper_row r WHERE paper_table = '1'" ORDERED,

    "CREATE VIEW table2 AS -- Table 2 of the paper: long lag, noise-free; and 2b, which the paper has in its text\n"
    "SELECT r.experiment, r.reading, title, net, rule, lag, rate, weights,\n"
    PAPER_SUCCESS PAPER_SEQUENCES PAPER_TRIALS
    "FROM paper_row r WHERE paper_table = '2' OR (paper_table = 'text' AND task = 'long-lag')" ORDERED,

    "CREATE VIEW table3 AS -- Table 3 of the paper: long lag, many distractors\n"
    "SELECT r.experiment, r.reading, title, lag, weights,\n"
    PAPER_SUCCESS PAPER_SEQUENCES PAPER_TRIALS
    "FROM paper_row r WHERE paper_table = '3'" ORDERED,

    TWO_STOPS("table4", "4"),

    TWO_STOPS("table5", "5"),

    "CREATE VIEW table6 AS -- Table 6 of the paper: two sequences, noisy targets; error: average difference to mean\n"
    "SELECT r.experiment, r.reading, title, length, weights,\n"
    PAPER_SEQUENCES PAPER_FRACTION
    "  " PAPER("error") " AS paper_error, test_mean_error AS error,\n"
    PAPER_TRIALS
    "FROM paper_row r WHERE paper_table = '6'" ORDERED,

    "CREATE VIEW table7 AS -- Table 7 of the paper: adding problem; wrong: of 2560\n"
    "SELECT r.experiment, r.reading, title, length, lag, weights,\n"
    PAPER_WRONG PAPER_SEQUENCES PAPER_RANGE PAPER_TRIALS
    "FROM paper_row r WHERE paper_table = '7'" ORDERED,

    "CREATE VIEW table8 AS -- Table 8 of the paper: multiplication problem, one row per stop; wrong: of 2560;\n"
    "-- paper_error: its MSE, to be compared with mse, rmse or mean_abs_error\n"
    "WITH stop AS (\n"
    "  SELECT experiment, milestone FROM published WHERE milestone <> ''\n"
    "  UNION SELECT experiment, milestone FROM result WHERE milestone <> ''\n"
    "), joined AS (\n"
    "  SELECT r.experiment, r.reading, r.conditions, r.title, r.length, r.lag, r.weights, n.milestone,\n"
    "    1.0 * s.test_wrong / s.test_sequences AS fraction, s.test_mean_square AS mse,\n"
    "    s.test_mean_error AS mean_abs_error, s.mean_sequences, s.median_sequences, r.trials, s.reached\n"
    "  FROM paper_row r JOIN stop n ON n.experiment = r.experiment\n"
    "  LEFT JOIN result s ON s.experiment = r.experiment AND s.conditions = r.conditions AND s.milestone = n.milestone\n"
    "  WHERE r.paper_table = '8'\n"
    ")\n"
    "SELECT r.experiment, r.reading, title, length, lag, weights, milestone,\n"
    "  " PAPER_AT("wrong", "r.milestone") " AS paper_wrong, 2560 * fraction AS wrong,\n"
    "  " PAPER_AT("error", "r.milestone") " AS paper_error, mse, " SQRT("mse") " AS rmse, mean_abs_error,\n"
    "  " PAPER_AT("sequences", "r.milestone") " AS paper_sequences, mean_sequences AS sequences, median_sequences,\n"
    "  " PAPER("trials") " AS paper_trials, trials, coalesce(reached, 0) AS reached\n"
    "FROM joined r ORDER BY experiment, conditions, paper_sequences",

    "CREATE VIEW table9 AS -- Table 9 of the paper: temporal order; wrong: of 2560\n"
    "SELECT r.experiment, r.reading, title, length, lag, weights,\n"
    PAPER_WRONG PAPER_SEQUENCES PAPER_TRIALS
    "FROM paper_row r WHERE paper_table = '9'" ORDERED,

    NULL,
};
