-- prelude.sql: what the exports share; read before each plots/NAME.sql, on a read-only connection (all of it is temporary).

-- What `lstm97 ledger --tsv` prints, imported by results.mk: means, intervals and verdicts are computed there and nowhere else.
CREATE TEMP TABLE ledger(experiment TEXT, paper_table TEXT, reading TEXT, milestone TEXT, quantity TEXT, paper TEXT, ours TEXT,
  low TEXT, high TEXT, trials INTEGER, reached INTEGER, cut INTEGER, budget INTEGER, cpu_s REAL, verdict TEXT, source TEXT, net TEXT, rule TEXT);

-- Its numbers, id in its order; nan is NULL.
CREATE TEMP VIEW entry AS
SELECT rowid AS id, experiment, reading, milestone, quantity, verdict, trials, reached, cut, budget, source,
  CAST(paper AS REAL) AS paper,
  CASE WHEN ours LIKE '%nan%' THEN NULL ELSE CAST(ours AS REAL) END AS ours,
  CASE WHEN low LIKE '%nan%' THEN NULL ELSE CAST(low AS REAL) END AS low,
  CASE WHEN high LIKE '%nan%' THEN NULL ELSE CAST(high AS REAL) END AS high
FROM ledger WHERE experiment <> 'experiment'; -- not the header line

-- What `lstm97 compare --tsv` prints: two rules on the same conditions.
CREATE TEMP TABLE compared(row TEXT, changes TEXT, rule TEXT, trials INTEGER, solved INTEGER, median TEXT, other_rule TEXT,
  other_trials INTEGER, other_solved INTEGER, other_median TEXT, fisher_p TEXT, logrank_p TEXT, low REAL, high REAL, mean TEXT,
  other_low REAL, other_high REAL, other_mean TEXT);
CREATE TEMP VIEW comparison AS SELECT * FROM compared WHERE row <> 'experiment'; -- not the header line

-- How figures name the paper's rows. place: order within a figure; lag and its axis: see lag.sql.
CREATE TEMP TABLE row_label(experiment TEXT PRIMARY KEY, figure TEXT, place INTEGER, label TEXT, axis TEXT, axis_value REAL);
INSERT INTO row_label VALUES
  ('1-1', '1', 1, '4×1 cells, rate 0.1', NULL, NULL),
  ('1-2', '1', 2, '3×2 cells, rate 0.1', NULL, NULL),
  ('1-3', '1', 3, '3×2 cells, rate 0.2', NULL, NULL),
  ('1-4', '1', 4, '4×1 cells, rate 0.5', NULL, NULL),
  ('1-5', '1', 5, '3×2 cells, rate 0.5', NULL, NULL),
  ('2a', '2', 1, 'noise-free, p = 100', NULL, NULL),
  ('2b', '2', 2, 'no local regularities, p = 100', NULL, NULL),
  ('2c-1', '2c', 1, 'q 50, p 50', 'q = p', 50),
  ('2c-2', '2c', 2, 'q 100, p 100', 'q = p', 100),
  ('2c-3', '2c', 3, 'q 200, p 200', 'q = p', 200),
  ('2c-4', '2c', 4, 'q 500, p 500', 'q = p', 500),
  ('2c-5', '2c', 5, 'q 1000, p 1000', 'q = p', 1000),
  ('2c-6', '2c', 6, 'q 1000, p 500', 'p', 500),
  ('2c-7', '2c', 7, 'q 1000, p 200', 'p', 200),
  ('2c-8', '2c', 8, 'q 1000, p 100', 'p', 100),
  ('2c-9', '2c', 9, 'q 1000, p 50', 'p', 50),
  ('3a-1', '3', 1, 'T 100 N 3', NULL, NULL),
  ('3a-2', '3', 2, 'T 100 N 1', NULL, NULL),
  ('3a-3', '3', 3, 'T 1000 N 3', NULL, NULL),
  ('3b-1', '3', 4, 'T 100 N 3', NULL, NULL),
  ('3b-2', '3', 5, 'T 100 N 1', NULL, NULL),
  ('3b-3', '3', 6, 'T 1000 N 1', NULL, NULL),
  ('3c-1', '3', 7, 'T 100 N 3', NULL, NULL),
  ('3c-2', '3', 8, 'T 100 N 1', NULL, NULL),
  ('4-1', '4', 1, 'T 100', 'T', 100),
  ('4-2', '4', 2, 'T 500', 'T', 500),
  ('4-3', '4', 3, 'T 1000', 'T', 1000),
  ('5', '5', 1, 'T 100', NULL, NULL),
  ('6a', '6', 1, 'two symbols, four classes', NULL, NULL),
  ('6b', '6', 2, 'three symbols, eight classes', NULL, NULL);

-- What each trial of the bare readings needed to each stop of its row; sequences are its budget where reached = 0.
CREATE TEMP VIEW attempt AS
SELECT t.experiment, t.reading, t.seed, e.milestone, t.outcome,
  CASE WHEN m.sequences IS NOT NULL OR (e.milestone = 'success' AND t.outcome = 'solved') THEN 1 ELSE 0 END AS reached,
  coalesce(m.sequences, t.sequences) AS sequences
FROM main.present t
JOIN entry e ON e.experiment = t.experiment AND e.reading = t.reading AND e.quantity = 'sequences'
LEFT JOIN main.milestone m ON m.trial = t.id AND m.name = e.milestone
WHERE t.conditions IN ('', 'reading=closest');

-- One figure per experiment: a column per row, stop and reading; rows are further apart than their stops.
CREATE TEMP VIEW figure_column AS
WITH stop AS (
  SELECT experiment, milestone, min(id) AS rank FROM entry WHERE quantity = 'sequences' GROUP BY experiment, milestone
), spread AS (
  SELECT l.figure, l.experiment, l.place, l.label, e.reading, e.milestone, e.paper, e.ours, e.low, e.high, e.trials, e.reached,
    row_number() OVER (PARTITION BY l.figure ORDER BY l.place, s.rank, e.reading DESC) AS k,
    dense_rank() OVER (PARTITION BY l.figure ORDER BY l.place) AS row_k,
    dense_rank() OVER (PARTITION BY l.figure ORDER BY l.place, s.rank) AS stop_k
  FROM row_label l
  JOIN entry e ON e.experiment = l.experiment AND e.quantity = 'sequences'
  JOIN stop s ON s.experiment = e.experiment AND s.milestone = e.milestone
)
SELECT *, k + 0.25 * (row_k - 1) + 0.3 * (stop_k - 1) AS x FROM spread;

-- Lines of plots/experiment-*.gp. text of range: names of stops, if any. part: row, stop, paper (a bar from low to high in x), trial, cut, diverged, mean, count, empty, range.
CREATE TEMP VIEW figure_line AS
WITH line(figure, part, reading, x, y, low, high, text, text2) AS (
  SELECT figure, 'row', '', (min(x) + max(x)) / 2, NULL, min(x) - 0.5, max(x) + 0.5, experiment, label FROM figure_column
    GROUP BY figure, experiment
  UNION ALL
  SELECT figure, 'stop', '', (min(x) + max(x)) / 2, NULL, min(x) - 0.5, max(x) + 0.5,
    CASE WHEN milestone = 'success' THEN '' ELSE milestone END, printf('%,d', paper)
    FROM figure_column GROUP BY figure, experiment, milestone
  UNION ALL
  SELECT figure, 'paper', '', (min(x) + max(x)) / 2, paper, min(x) - 0.44, max(x) + 0.44, '', '' FROM figure_column
    GROUP BY figure, experiment, milestone
  UNION ALL -- side by side by a hash of the seed (a golden-ratio sequence)
  SELECT c.figure, CASE WHEN a.reached THEN 'trial' WHEN a.outcome = 'diverged' THEN 'diverged' ELSE 'cut' END, a.reading,
    c.x + 0.56 * ((a.seed * 618034) % 1000000 / 1e6 - 0.5), max(a.sequences, 1), NULL, NULL, a.seed, ''
    FROM attempt a JOIN figure_column c USING (experiment, reading, milestone)
  UNION ALL
  SELECT figure, 'mean', reading, x, ours, coalesce(low, ours), coalesce(high, ours), '', '' FROM figure_column WHERE ours IS NOT NULL
  UNION ALL
  SELECT figure, CASE WHEN trials THEN 'count' ELSE 'empty' END, reading, x, NULL, NULL, NULL,
    CASE WHEN trials THEN reached || '/' || trials ELSE 'no data yet' END, '' FROM figure_column
)
SELECT * FROM line
UNION ALL
SELECT figure, 'range', '', max(high) FILTER (WHERE part = 'row'), count(*) FILTER (WHERE reading = 'closest'), min(y), max(max(y), coalesce(max(high) FILTER (WHERE part = 'mean'), 0)),
  coalesce(max(text) FILTER (WHERE part = 'stop'), ''), ''
FROM line GROUP BY figure;
