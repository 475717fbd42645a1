-- Success against lag for LSTM and the conventional nets by RTRL and BPTT: the sweeps of results.mk, one panel per task.
-- A trial counts as solved if it was within the panel's budget: the largest for which every trial of the panel is known.
-- part: rate, budget, empty. text of rate: solved/trials.
WITH RECURSIVE swept(panel, T, lag) AS (VALUES
  (1, 1, 2), (1, 4, 5), (1, 9, 10), (1, 19, 20), (1, 49, 50), (1, 99, 100),
  (2, 3, 2), (2, 6, 5), (2, 11, 10), (2, 21, 20), (2, 51, 50), (2, 101, 100),
  (3, 4, 2), (3, 10, 5), (3, 20, 10), (3, 40, 20), (3, 100, 50), (3, 200, 100),
  (4, 4, 2), (4, 10, 5), (4, 20, 10), (4, 40, 20), (4, 100, 50), (4, 200, 100),
  (5, 20, 8), (5, 25, 10), (5, 50, 20), (5, 125, 50), (5, 250, 100)
), series(panel, method, experiment, own, before, after) AS (VALUES -- own: the row's T, which conditions do not name
  (1, 'rtrl', 'lag-2c', 49, '', ''), (1, 'bptt', 'lag-2c', 49, '', 'rule=bptt'), (1, 'lstm', '2c-9', 1000, 'reading=closest', ''),
  (2, 'rtrl', 'lag-3a', 51, '', ''), (2, 'bptt', 'lag-3a', 51, '', 'rule=bptt'), (2, 'lstm', '3a-2', 100, '', ''),
  (3, 'rtrl', 'lag-4', 100, '', ''), (3, 'bptt', 'lag-4', 100, '', 'rule=bptt'), (3, 'lstm', '4-1', 100, 'reading=closest', ''),
  (4, 'rtrl', 'lag-5', 100, '', ''), (4, 'bptt', 'lag-5', 100, '', 'rule=bptt'),
  (4, 'lstm', '5', 100, 'reading=closest', 'milestones=n140 wrong_below=140'),
  (5, 'rtrl', 'lag-6a', 125, '', ''), (5, 'bptt', 'lag-6a', 125, '', 'rule=bptt'), (5, 'lstm', '6a', 100, '', '')
), known AS (
  SELECT s.panel, s.method, w.lag, t.outcome, t.sequences, t.budget
  FROM series s JOIN swept w USING (panel)
  JOIN main.trial t ON t.experiment = s.experiment AND t.lag = w.lag
    AND t.conditions = trim(replace(s.before || ' ' || CASE WHEN w.T = s.own THEN '' ELSE 'T=' || w.T END || ' ' || s.after, '  ', ' '))
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
