-- Success against lag for LSTM and the conventional nets by RTRL and BPTT: the sweeps of results.mk, one panel per task.
-- A trial counts as solved if it was within the panel's budget: the largest for which every trial of the panel is known.
-- part: rate, budget, empty. text of rate: solved/trials.
WITH RECURSIVE swept(panel, lag) AS (VALUES
  (1, 2), (1, 5), (1, 10), (1, 20), (1, 50), (1, 100),
  (2, 2), (2, 5), (2, 10), (2, 20), (2, 50), (2, 100),
  (3, 2), (3, 5), (3, 10), (3, 20), (3, 50), (3, 100),
  (4, 2), (4, 5), (4, 10), (4, 20), (4, 50), (4, 100),
  (5, 8), (5, 10), (5, 20), (5, 50), (5, 100)
), series(panel, method, experiment, reading, rule, others) AS (VALUES
  (1, 'rtrl', 'lag-2c', 'literal', 'rtrl', ''), (1, 'bptt', 'lag-2c', 'literal', 'bptt', ''), (1, 'lstm', '2c-9', 'closest', 'truncated', ''),
  (2, 'rtrl', 'lag-3a', 'literal', 'rtrl', ''), (2, 'bptt', 'lag-3a', 'literal', 'bptt', ''), (2, 'lstm', '3a-2', 'literal', 'truncated', ''),
  (3, 'rtrl', 'lag-4', 'literal', 'rtrl', ''), (3, 'bptt', 'lag-4', 'literal', 'bptt', ''), (3, 'lstm', '4-1', 'closest', 'truncated', ''),
  (4, 'rtrl', 'lag-5', 'literal', 'rtrl', ''), (4, 'bptt', 'lag-5', 'literal', 'bptt', ''),
  (4, 'lstm', '5', 'closest', 'truncated', 'milestones=n140 wrong_below=140'),
  (5, 'rtrl', 'lag-6a', 'literal', 'rtrl', ''), (5, 'bptt', 'lag-6a', 'literal', 'bptt', ''), (5, 'lstm', '6a', 'literal', 'truncated', '')
), named AS MATERIALIZED (
  SELECT s.panel, s.method, s.rule, v.experiment, v.conditions FROM series s JOIN main.variation v USING (experiment, reading, others)
), known AS (
  SELECT n.panel, n.method, t.lag, t.outcome, t.sequences, t.budget
  FROM named n JOIN main.present t USING (experiment, conditions, rule)
  JOIN swept w ON w.panel = n.panel AND w.lag = t.lag
), allowed AS (
  SELECT panel, coalesce(min(budget) FILTER (WHERE outcome = 'unsolved'), max(budget)) AS budget FROM known GROUP BY panel
), point AS (
  SELECT k.panel, k.method, k.lag, count(*) AS n, sum(k.outcome = 'solved' AND k.sequences <= a.budget) AS solved
  FROM known k JOIN allowed a USING (panel) GROUP BY k.panel, k.method, k.lag
), share AS ( -- Wilson's interval, z = 1.959964
  SELECT *, 1.0 * solved / n AS p, 3.841459 / n AS z2 FROM point
), root(panel, method, lag, square, x, i) AS ( -- square roots by Newton, as in the database's own view
  SELECT panel, method, lag, (z2 * p * (1 - p) + z2 * z2 / 4) / ((1 + z2) * (1 + z2)), 1.0, 0 FROM share
  UNION ALL SELECT panel, method, lag, square, (x + square / x) / 2, i + 1 FROM root WHERE i < 40
), wilson AS (
  SELECT s.*, 100 * max(0, (p + z2 / 2) / (1 + z2) - r.x) AS low, 100 * min(1, (p + z2 / 2) / (1 + z2) + r.x) AS high
  FROM share s JOIN root r USING (panel, method, lag) WHERE r.i = 40
), line(panel, part, method, x, y, low, high, text) AS (
  SELECT panel, 'rate', method, lag * CASE method WHEN 'rtrl' THEN 1 / 1.09 WHEN 'bptt' THEN 1.09 ELSE 1 END, 100 * p, low, high, solved || '/' || n
    FROM wilson
  UNION ALL
  SELECT panel, 'budget', '', NULL, NULL, NULL, NULL, printf('%,d', budget) FROM allowed
  UNION ALL
  SELECT DISTINCT panel, 'empty', '', NULL, NULL, NULL, NULL, 'no data yet' FROM series WHERE panel NOT IN (SELECT panel FROM known)
)
SELECT panel, part, method, round(x, 3) AS x, round(y, 2) AS y, round(low, 2) AS low, round(high, 2) AS high, text
FROM line ORDER BY panel, part, method, x;
