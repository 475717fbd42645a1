-- schema.sql: what a new results file contains; the build embeds it, file.c puts it in.
-- Does: tables, their meaning (the comments stay in the file: `sqlite3 results.db .schema`), views.
-- The columns are a contract with scripts (design, section 5).

CREATE TABLE experiment ( -- one row of the paper's tables, as its literal reading has it; from experiments/
  id TEXT NOT NULL PRIMARY KEY, -- 1-1 ... 6b
  title TEXT NOT NULL,
  paper_table TEXT NOT NULL, -- 1 ... 9, or text
  task TEXT NOT NULL,
  net TEXT NOT NULL,
  rule TEXT NOT NULL,
  weights INTEGER NOT NULL, -- number of trainable weights
  lag INTEGER NOT NULL, -- fewest steps between the relevant input and the target
  length INTEGER NOT NULL -- of the shortest sequence
) STRICT;

CREATE TABLE published ( -- the paper's numbers
  experiment TEXT NOT NULL REFERENCES experiment(id) ON DELETE CASCADE,
  milestone TEXT NOT NULL, -- the stop it belongs to; '' the whole row
  quantity TEXT NOT NULL, -- success (percent), sequences, wrong (of 2560), fraction, error, range_low, range_high,
                          -- trials; quoted (1): the paper has the row's numbers from the literature
  value REAL NOT NULL,
  PRIMARY KEY (experiment, milestone, quantity)
) STRICT, WITHOUT ROWID;

CREATE TABLE condition_set ( -- all that a trial depends on besides its seed
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE, -- key=value for every condition that is not the program's default, by key
  fingerprint TEXT NOT NULL UNIQUE -- of the text: FNV-1a, 64 bits
) STRICT;

CREATE TABLE condition ( -- the same, one by one
  set_id INTEGER NOT NULL REFERENCES condition_set(id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (set_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE program_default ( -- what a condition is that a set does not have
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  place INTEGER NOT NULL -- order in texts of conditions
) STRICT, WITHOUT ROWID;

CREATE TABLE resolved ( -- what an experiment with changes is now, by its file as the last lstm97 run saw it; nothing else counts
  experiment TEXT NOT NULL REFERENCES experiment(id),
  conditions TEXT NOT NULL, -- what --set changed, in canonical form; '' nothing
  reading TEXT NOT NULL, -- literal: as the paper says; closest: with the deviations that the experiment's file lists
  set_id INTEGER NOT NULL REFERENCES condition_set(id),
  numerics INTEGER NOT NULL, -- of the program, see trial
  PRIMARY KEY (experiment, conditions)
) STRICT, WITHOUT ROWID;
CREATE INDEX resolved_set ON resolved(set_id);

CREATE TABLE trial ( -- one trial: a function of its conditions, seed and budget only
  id INTEGER PRIMARY KEY,
  experiment TEXT NOT NULL REFERENCES experiment(id), -- experiment, conditions, reading: as in resolved, when it was computed
  conditions TEXT NOT NULL,
  reading TEXT NOT NULL,
  set_id INTEGER NOT NULL REFERENCES condition_set(id),
  seed INTEGER NOT NULL,
  task TEXT NOT NULL,
  net TEXT NOT NULL,
  rule TEXT NOT NULL,
  lag INTEGER NOT NULL, -- fewest steps between the relevant input and the target
  length INTEGER NOT NULL, -- of the shortest sequence
  weights INTEGER NOT NULL, -- number of trainable weights
  rate REAL, -- learning rate
  outcome TEXT NOT NULL CHECK (outcome IN ('solved', 'unsolved', 'diverged')),
  sequences INTEGER NOT NULL, -- training sequences at success, or in all
  steps INTEGER NOT NULL, -- their steps
  test_wrong INTEGER, -- test_*: after the last stop that was reached; NULL without such a test
  test_sequences INTEGER,
  test_mean_error REAL, -- mean absolute error; NULL also if not finite
  test_mean_square REAL, -- mean squared error
  budget INTEGER NOT NULL, -- training sequences it was allowed
  cpu_s REAL, -- processor time, its share of a group of trials
  build TEXT NOT NULL, -- version of the program, compiler, lanes and flags
  numerics INTEGER NOT NULL, -- raised by whoever changes a bit of any result
  weights_hash TEXT NOT NULL, -- of the final weights: FNV-1a, 64 bits
  host TEXT NOT NULL,
  finished_at TEXT NOT NULL, -- UTC
  UNIQUE (set_id, seed, numerics)
) STRICT;
CREATE INDEX trial_name ON trial(experiment, conditions);

CREATE TABLE milestone ( -- the stops that a trial reached, in that order
  trial INTEGER NOT NULL REFERENCES trial(id) ON DELETE CASCADE,
  name TEXT NOT NULL CHECK (name <> ''),
  sequences INTEGER NOT NULL, -- training sequences by then
  test_wrong INTEGER, -- test_*: as in trial, of the test after this stop
  test_sequences INTEGER,
  test_mean_error REAL,
  test_mean_square REAL,
  PRIMARY KEY (trial, name)
) STRICT;

CREATE TABLE curve ( -- training error over time, about 20 points per decade
  trial INTEGER NOT NULL REFERENCES trial(id) ON DELETE CASCADE,
  sequences INTEGER NOT NULL, -- training sequences so far
  error REAL, -- mean absolute training error since the point before
  PRIMARY KEY (trial, sequences)
) STRICT, WITHOUT ROWID;

CREATE TABLE claim ( -- trials that a running lstm97 computes now
  set_id INTEGER NOT NULL REFERENCES condition_set(id),
  seed INTEGER NOT NULL,
  numerics INTEGER NOT NULL,
  owner TEXT NOT NULL, -- host:pid:random
  heartbeat INTEGER NOT NULL, -- seconds since 1970; a claim without heartbeat for 60 s is void
  PRIMARY KEY (set_id, seed, numerics)
) STRICT, WITHOUT ROWID;

CREATE VIEW present AS
-- The trials that count, under every name that their conditions have now. All others are kept in trial and used nowhere.
SELECT t.id, r.experiment, r.conditions, r.reading, t.set_id, t.seed, t.task, t.net, t.rule, t.lag, t.length, t.weights, t.rate,
  t.outcome, t.sequences, t.steps, t.test_wrong, t.test_sequences, t.test_mean_error, t.test_mean_square, t.budget, t.cpu_s,
  t.build, t.numerics, t.weights_hash, t.host, t.finished_at
FROM resolved r JOIN trial t ON t.set_id = r.set_id AND t.numerics = r.numerics;

CREATE VIEW change(experiment, conditions, key, value) AS
-- In which conditions a name of resolved differs from its bare reading, in values.
SELECT r.experiment, r.conditions, d.key, coalesce(c.value, d.value)
FROM resolved r
JOIN resolved b ON b.experiment = r.experiment
  AND b.conditions = CASE r.reading WHEN 'closest' THEN 'reading=closest' ELSE '' END AND b.set_id <> r.set_id
JOIN program_default d
LEFT JOIN condition c ON c.set_id = r.set_id AND c.key = d.key
LEFT JOIN condition o ON o.set_id = b.set_id AND o.key = d.key
WHERE coalesce(c.value, d.value) <> coalesce(o.value, d.value);

CREATE VIEW variation(experiment, conditions, reading, T, rule, others) AS
-- The same, a line per name: T and rule where they were changed, all other changes as a text.
SELECT r.experiment, r.conditions, r.reading,
  (SELECT value FROM change c WHERE c.experiment = r.experiment AND c.conditions = r.conditions AND key = 'T'),
  (SELECT value FROM change c WHERE c.experiment = r.experiment AND c.conditions = r.conditions AND key = 'rule'),
  coalesce((SELECT group_concat(word, ' ') FROM (SELECT c.key || '=' || c.value AS word FROM change c JOIN program_default d USING (key)
    WHERE c.experiment = r.experiment AND c.conditions = r.conditions AND c.key NOT IN ('T', 'rule') ORDER BY d.place)), '')
FROM resolved r;

CREATE VIEW lag_ablation(task, net, rule, lag, trials, solved, success_rate, ci_low, ci_high, mean_sequences,
  median_sequences, experiment, reading, conditions) AS
-- Success by lag; ci: Wilson interval, 95 %; sequences: of solved trials; their rows k of n in the middle have the median as mean.
WITH ranked AS (
  SELECT *, outcome = 'solved' AS ok, row_number() OVER (one ORDER BY sequences) AS k, count(*) OVER one AS n
  FROM present
  WINDOW one AS (PARTITION BY task, net, rule, lag, experiment, reading, conditions, outcome = 'solved')
), counted AS (
  SELECT task, net, rule, lag, experiment, reading, conditions, count(*) AS trials, sum(ok) AS solved,
    1.0 * sum(ok) / count(*) AS p, 1.959964 * 1.959964 / count(*) AS z2, -- z^2 / trials
    avg(CASE WHEN ok THEN sequences END) AS mean_sequences,
    avg(CASE WHEN ok AND k IN ((n + 1) / 2, (n + 2) / 2) THEN sequences END) AS median_sequences
  FROM ranked GROUP BY task, net, rule, lag, experiment, reading, conditions
), wilson AS (
  SELECT *, (p + z2 / 2) / (1 + z2) AS centre, (z2 * p * (1 - p) + z2 * z2 / 4) / ((1 + z2) * (1 + z2)) AS square
  FROM counted
), bounded AS ( -- square root by Newton's iteration, as SQLite's own sqrt() is left out of some builds
  SELECT *, (WITH RECURSIVE root(i, x) AS (SELECT 0, 1.0 UNION ALL SELECT i + 1, (x + square / x) / 2 FROM root WHERE i < 60)
    SELECT x FROM root WHERE i = 60) AS half FROM wilson
)
SELECT task, net, rule, lag, trials, solved, p, CASE WHEN solved = 0 THEN 0.0 ELSE centre - half END,
  CASE WHEN solved = trials THEN 1.0 ELSE centre + half END, mean_sequences, median_sequences, experiment, reading,
  conditions
FROM bounded ORDER BY task, net, rule, lag, experiment, conditions;

CREATE VIEW result(experiment, reading, conditions, milestone, trials, reached, mean_sequences, median_sequences,
  min_sequences, max_sequences, test_wrong, test_sequences, test_mean_error, test_mean_square) AS
-- What has been run, per stop; milestone '': success. sequences: of trials that reached the stop; test_wrong and
-- test_sequences: sums, test_mean_...: means over those of them that were tested.
WITH grouped AS (
  SELECT experiment, reading, conditions, count(*) AS trials FROM present GROUP BY experiment, reading, conditions
), stop AS (
  SELECT experiment, conditions, '' AS milestone, sequences, test_wrong, test_sequences, test_mean_error,
    test_mean_square
  FROM present WHERE outcome = 'solved'
  UNION ALL
  SELECT t.experiment, t.conditions, m.name, m.sequences, m.test_wrong, m.test_sequences, m.test_mean_error,
    m.test_mean_square
  FROM milestone m JOIN present t ON t.id = m.trial
), name AS ( -- also stops that no trial reached
  SELECT experiment, conditions, '' AS milestone FROM grouped
  UNION SELECT experiment, conditions, milestone FROM stop
  UNION SELECT g.experiment, g.conditions, p.milestone FROM grouped g JOIN published p USING (experiment)
    WHERE g.conditions IN ('', 'reading=closest')
), ranked AS (
  SELECT *, row_number() OVER (one ORDER BY sequences) AS k, count(*) OVER one AS n FROM stop
  WINDOW one AS (PARTITION BY experiment, conditions, milestone)
)
SELECT experiment, reading, conditions, milestone, trials, count(sequences), avg(sequences),
  avg(CASE WHEN k IN ((n + 1) / 2, (n + 2) / 2) THEN sequences END), min(sequences), max(sequences), sum(test_wrong),
  sum(test_sequences), avg(test_mean_error), avg(test_mean_square)
FROM grouped JOIN name USING (experiment, conditions) LEFT JOIN ranked USING (experiment, conditions, milestone)
GROUP BY experiment, reading, conditions, milestone;

CREATE VIEW published_row AS
-- The paper's numbers a line per row: of the whole row, or of its only stop.
WITH best AS (
  SELECT *, row_number() OVER (PARTITION BY experiment, quantity ORDER BY milestone <> '', milestone) AS k FROM published
)
SELECT x.id AS experiment,
  max(value) FILTER (WHERE quantity = 'success') AS paper_success, max(value) FILTER (WHERE quantity = 'sequences') AS paper_sequences,
  max(value) FILTER (WHERE quantity = 'range_low') AS paper_low, max(value) FILTER (WHERE quantity = 'range_high') AS paper_high,
  max(value) FILTER (WHERE quantity = 'wrong') AS paper_wrong, max(value) FILTER (WHERE quantity = 'fraction') AS paper_fraction,
  max(value) FILTER (WHERE quantity = 'error') AS paper_error, max(value) FILTER (WHERE quantity = 'trials') AS paper_trials
FROM experiment x LEFT JOIN best b ON b.experiment = x.id AND b.k = 1 GROUP BY x.id;

CREATE VIEW paper_row AS
-- Every experiment under its bare readings: the literal one, and the closest one where it has been run.
WITH bare(experiment, reading, conditions) AS (
  SELECT id, 'literal', '' FROM experiment
  UNION SELECT experiment, reading, conditions FROM present WHERE conditions = 'reading=closest'
), known AS (
  SELECT experiment, conditions, max(lag) AS lag, max(length) AS length, max(weights) AS weights, max(rate) AS rate
  FROM present GROUP BY experiment, conditions
)
SELECT b.experiment, x.paper_table, b.reading, b.conditions, x.title, x.task, x.net, x.rule,
  coalesce(k.lag, x.lag) AS lag, coalesce(k.length, x.length) AS length, coalesce(k.weights, x.weights) AS weights,
  k.rate, coalesce(s.trials, 0) AS trials, coalesce(s.reached, 0) AS solved, s.mean_sequences AS sequences, s.median_sequences,
  s.min_sequences AS low, s.max_sequences AS high, 1.0 * s.test_wrong / s.test_sequences AS fraction, s.test_mean_error AS error,
  100.0 * s.reached / s.trials AS success, 2560 * (1.0 * s.test_wrong / s.test_sequences) AS wrong,
  p.paper_success, p.paper_sequences, p.paper_low, p.paper_high, p.paper_wrong, p.paper_fraction, p.paper_error, p.paper_trials
FROM bare b JOIN experiment x ON x.id = b.experiment JOIN published_row p ON p.experiment = b.experiment
LEFT JOIN known k ON k.experiment = b.experiment AND k.conditions = b.conditions
LEFT JOIN result s ON s.experiment = b.experiment AND s.conditions = b.conditions AND s.milestone = '';

CREATE VIEW table1 AS -- Table 1 of the paper: embedded Reber grammar; success in percent
SELECT experiment, reading, title, net, rule, weights, rate, paper_success, success, paper_sequences, sequences, median_sequences,
  paper_low, low, paper_high, high, paper_trials, trials, solved
FROM paper_row WHERE paper_table = '1' ORDER BY experiment, conditions;

CREATE VIEW table2 AS -- Table 2 of the paper: long lag, noise-free; and 2b, which the paper has in its text
SELECT experiment, reading, title, net, rule, lag, rate, weights, paper_success, success, paper_sequences, sequences,
  median_sequences, paper_trials, trials, solved
FROM paper_row WHERE paper_table = '2' OR (paper_table = 'text' AND task = 'long-lag') ORDER BY experiment, conditions;

CREATE VIEW table3 AS -- Table 3 of the paper: long lag, many distractors
SELECT experiment, reading, title, lag, weights, paper_success, success, paper_sequences, sequences, median_sequences,
  paper_trials, trials, solved
FROM paper_row WHERE paper_table = '3' ORDER BY experiment, conditions;

CREATE VIEW two_stops AS -- tables 4 and 5
SELECT r.paper_table, r.experiment, r.reading, r.conditions, r.title, r.length, r.weights, p1.value AS paper_st1,
  st1.mean_sequences AS st1, p2.value AS paper_st2, st2.mean_sequences AS st2, r.paper_fraction, r.fraction, r.paper_trials,
  r.trials, coalesce(st1.reached, 0) AS st1_reached, r.solved
FROM paper_row r
LEFT JOIN published p1 ON p1.experiment = r.experiment AND p1.quantity = 'sequences' AND p1.milestone = 'ST1'
LEFT JOIN published p2 ON p2.experiment = r.experiment AND p2.quantity = 'sequences' AND p2.milestone = 'ST2'
LEFT JOIN result st1 ON st1.experiment = r.experiment AND st1.conditions = r.conditions AND st1.milestone = 'ST1'
LEFT JOIN result st2 ON st2.experiment = r.experiment AND st2.conditions = r.conditions AND st2.milestone = 'ST2';

CREATE VIEW table4 AS -- Table 4 of the paper; stops ST1 and ST2 (which is success)
SELECT experiment, reading, title, length, weights, paper_st1, st1, paper_st2, st2, paper_fraction, fraction, paper_trials, trials,
  st1_reached, solved
FROM two_stops WHERE paper_table = '4' ORDER BY experiment, conditions;

CREATE VIEW table5 AS -- Table 5 of the paper; stops ST1 and ST2 (which is success)
SELECT experiment, reading, title, length, weights, paper_st1, st1, paper_st2, st2, paper_fraction, fraction, paper_trials, trials,
  st1_reached, solved
FROM two_stops WHERE paper_table = '5' ORDER BY experiment, conditions;

CREATE VIEW table6 AS -- Table 6 of the paper: two sequences, noisy targets; error: average difference to mean
SELECT experiment, reading, title, length, weights, paper_sequences, sequences, median_sequences, paper_fraction, fraction,
  paper_error, error, paper_trials, trials, solved
FROM paper_row WHERE paper_table = '6' ORDER BY experiment, conditions;

CREATE VIEW table7 AS -- Table 7 of the paper: adding problem; wrong: of 2560
SELECT experiment, reading, title, length, lag, weights, paper_wrong, wrong, paper_sequences, sequences, median_sequences,
  paper_low, low, paper_high, high, paper_trials, trials, solved
FROM paper_row WHERE paper_table = '7' ORDER BY experiment, conditions;

CREATE VIEW table8 AS -- Table 8 of the paper: multiplication problem, one row per stop; wrong: of 2560;
-- paper_error: its MSE, to be compared with mse, rmse or mean_abs_error
WITH stop AS (
  SELECT experiment, milestone FROM published WHERE milestone <> ''
  UNION SELECT experiment, milestone FROM result WHERE milestone <> ''
), joined AS (
  SELECT r.experiment, r.reading, r.conditions, r.title, r.length, r.lag, r.weights, n.milestone,
    max(p.value) FILTER (WHERE p.quantity = 'wrong') AS paper_wrong, max(p.value) FILTER (WHERE p.quantity = 'error') AS paper_error,
    max(p.value) FILTER (WHERE p.quantity = 'sequences') AS paper_sequences, r.paper_trials,
    1.0 * s.test_wrong / s.test_sequences AS fraction, s.test_mean_square AS mse,
    s.test_mean_error AS mean_abs_error, s.mean_sequences, s.median_sequences, r.trials, s.reached
  FROM paper_row r JOIN stop n ON n.experiment = r.experiment
  LEFT JOIN result s ON s.experiment = r.experiment AND s.conditions = r.conditions AND s.milestone = n.milestone
  LEFT JOIN published p ON p.experiment = r.experiment AND p.milestone = n.milestone
  WHERE r.paper_table = '8' GROUP BY r.experiment, r.conditions, n.milestone
)
SELECT experiment, reading, title, length, lag, weights, milestone, paper_wrong, 2560 * fraction AS wrong, paper_error, mse,
  (WITH RECURSIVE root(i, x) AS (SELECT 0, 1.0 UNION ALL SELECT i + 1, (x + mse / x) / 2 FROM root WHERE i < 60)
    SELECT x FROM root WHERE i = 60) AS rmse, -- as in lag_ablation
  mean_abs_error, paper_sequences, mean_sequences AS sequences, median_sequences, paper_trials, trials, coalesce(reached, 0) AS reached
FROM joined ORDER BY experiment, conditions, paper_sequences;

CREATE VIEW table9 AS -- Table 9 of the paper: temporal order; wrong: of 2560
SELECT experiment, reading, title, length, lag, weights, paper_wrong, wrong, paper_sequences, sequences, median_sequences,
  paper_trials, trials, solved
FROM paper_row WHERE paper_table = '9' ORDER BY experiment, conditions;
