-- The full gradient beside the truncated one in the paper's experiments: shares, medians and p values as lstm97 compare has them, and
-- every trial. part: row (text2: its conditions), rate, count, trial, cut (its budget), diverged, median (Kaplan-Meier), p (text:
-- Fisher's, text2: log-rank), absent (one of the gradients has not been run), note, range.
WITH shown(place, experiment, reading, others) AS (VALUES
  (1, '1-1', 'closest', 'update=sequence'), (2, '1-2', 'closest', 'update=sequence'), (3, '1-3', 'closest', 'update=sequence'),
  (4, '1-4', 'closest', 'update=sequence'), (5, '1-5', 'closest', 'update=sequence'),
  (6, '2a', 'closest', 'update=sequence'), (7, '2b', 'closest', 'update=sequence'), (8, '2c-1', 'literal', ''), (9, '2c-1', 'closest', ''),
  (10, '3a-1', 'literal', ''), (11, '3a-2', 'literal', ''), (12, '3b-1', 'literal', ''), (13, '3b-2', 'literal', ''), (14, '3c-1', 'literal', ''), (15, '3c-2', 'literal', ''),
  (16, '4-1', 'closest', ''), (17, '4-2', 'closest', ''), (18, '5', 'closest', ''), (19, '6a', 'literal', ''), (20, '6b', 'literal', '')
), placed AS (
  SELECT s.*, s.place + 0.45 * (dense_rank() OVER (ORDER BY l.figure + 0, l.figure) - 1) AS y,
    replace(l.label, ', p = 100', '') || CASE s.reading WHEN 'closest' THEN ', closest' ELSE '' END AS label
  FROM shown s JOIN row_label l USING (experiment)
), named AS MATERIALIZED ( -- either rule's conditions
  SELECT p.place, v.experiment, v.conditions, v.rule FROM placed p JOIN main.variation v USING (experiment, reading, others) WHERE v.T IS NULL
), known AS (
  SELECT p.*, c.* FROM placed p JOIN named n ON n.place = p.place AND n.rule IS NULL
  JOIN comparison c ON c.row = p.experiment AND c.changes = n.conditions WHERE c.rule = 'truncated' AND c.other_rule = 'bptt'
), arm(method, y, place, trials, solved, median, low, high) AS (
  SELECT 'lstm', y - 0.2, place, trials, solved, median, low, high FROM known
  UNION ALL
  SELECT 'full', y + 0.2, place, other_trials, other_solved, other_median, other_low, other_high FROM known
), attempt_of AS (
  SELECT a.method, a.y, t.seed, t.outcome, CASE t.outcome WHEN 'solved' THEN t.sequences ELSE t.budget END AS x
  FROM arm a JOIN named n USING (place) JOIN main.present t USING (experiment, conditions)
  WHERE t.rule = CASE a.method WHEN 'full' THEN 'bptt' ELSE 'truncated' END
), line(part, method, y, x, low, high, text, text2) AS (
  SELECT 'row', '', y, NULL, NULL, NULL, experiment, label FROM placed
  UNION ALL
  SELECT 'rate', method, y, 100.0 * solved / trials, 100 * low, 100 * high, '', '' FROM arm
  UNION ALL
  SELECT 'count', method, y, NULL, NULL, NULL, solved || '/' || trials, '' FROM arm
  UNION ALL -- one below the other by a hash of the seed (a golden-ratio sequence)
  SELECT CASE outcome WHEN 'solved' THEN 'trial' WHEN 'diverged' THEN 'diverged' ELSE 'cut' END, method,
    y + 0.24 * ((seed * 618034) % 1000000 / 1e6 - 0.5), max(x, 1), NULL, NULL, seed, '' FROM attempt_of
  UNION ALL
  SELECT 'median', method, y, median, NULL, NULL, '', '' FROM arm WHERE median <> '-'
  UNION ALL
  SELECT 'p', '', y, NULL, NULL, NULL, fisher_p, logrank_p FROM known
  UNION ALL
  SELECT 'note', '', y, NULL, NULL, NULL, 'no recurrence: the same', '' FROM known WHERE experiment IN ('2a', '2b')
  UNION ALL
  SELECT 'absent', '', y, NULL, NULL, NULL, 'not run yet', '' FROM placed p WHERE NOT EXISTS (SELECT 1 FROM known k WHERE k.place = p.place)
)
SELECT part, method, round(y, 3) AS y, round(x, 2) AS x, round(low, 2) AS low, round(high, 2) AS high, text, text2 FROM line
UNION ALL -- of the lines, and of the axis of sequences
SELECT 'range', '', max(y) + 0.8, NULL, coalesce(min(x) FILTER (WHERE part IN ('trial', 'cut')), 1000),
  coalesce(max(x) FILTER (WHERE part IN ('trial', 'cut')), 1000000), '', '' FROM line
ORDER BY part, y, text;
