-- Every published number of LSTM's rows (those of row_label): ours / paper with its interval, a line each, and beside them the
-- success rates, a line per row.
-- x is bounded to the axis, 1/32 to 32: part ratio is inside, edge beyond it, none: nothing reached the stop, absent: not run.
WITH shown AS ( -- lines from top to bottom, rows apart
  SELECT experiment, milestone, quantity, min(id) AS rank FROM entry WHERE quantity <> 'success %' GROUP BY experiment, milestone, quantity
), placed AS (
  SELECT s.*, l.figure, row_number() OVER (ORDER BY first, rank) + 0.5 * (dense_rank() OVER (ORDER BY first) - 1) AS y
  FROM (SELECT *, min(rank) OVER (PARTITION BY experiment) AS first FROM shown) s JOIN row_label l USING (experiment)
), side AS ( -- the two readings of a line lie above and below it
  SELECT experiment, count(DISTINCT reading) > 1 AS two FROM entry GROUP BY experiment
), value AS (
  SELECT e.*, p.y + CASE WHEN NOT s.two THEN 0 WHEN e.reading = 'closest' THEN 0.2 ELSE -0.2 END AS y,
    e.ours / nullif(e.paper, 0) AS x, e.low / nullif(e.paper, 0) AS x_low, e.high / nullif(e.paper, 0) AS x_high
  FROM entry e JOIN placed p USING (experiment, milestone, quantity) JOIN side s USING (experiment)
), row_place AS (
  SELECT experiment, (min(y) + max(y)) / 2 AS y, min(y) - 0.75 AS top, max(y) + 0.75 AS bottom, min(figure) AS figure FROM placed GROUP BY experiment
), rate AS (
  SELECT e.*, r.y + CASE WHEN NOT s.two THEN 0 WHEN e.reading = 'closest' THEN 0.2 ELSE -0.2 END AS y
  FROM entry e JOIN row_place r USING (experiment) JOIN side s USING (experiment) WHERE e.quantity = 'success %'
), line(part, reading, y, x, low, high, text, text2) AS (
  SELECT 'row', '', (SELECT min(y) FROM placed p WHERE p.experiment = r.experiment), NULL, top, bottom, experiment, '' FROM row_place r
  UNION ALL
  SELECT 'number', '', p.y, NULL, NULL, NULL,
    CASE WHEN p.milestone = 'success' THEN '' ELSE p.milestone || ' ' END || p.quantity,
    CASE WHEN e.paper >= 1000 THEN printf('%,d', e.paper) WHEN e.paper >= 1 THEN printf('%g', e.paper)
      ELSE rtrim(rtrim(printf('%.6f', e.paper), '0'), '.') END
    FROM placed p JOIN entry e ON e.id = p.rank
  UNION ALL
  SELECT CASE WHEN verdict = 'not run' THEN 'absent' WHEN ours IS NULL THEN 'none' WHEN paper = 0 THEN 'text'
      WHEN x BETWEEN 1 / 32.0 AND 32 THEN CASE WHEN verdict = 'not replicated' THEN 'open' ELSE 'ratio' END ELSE 'edge' END,
    reading, y,
    CASE WHEN x IS NULL THEN NULL ELSE min(max(x, 1 / 30.0), 30) END,
    CASE WHEN x IS NULL THEN NULL ELSE min(max(coalesce(x_low, x), 1 / 32.0), 32) END,
    CASE WHEN x IS NULL THEN NULL ELSE min(max(coalesce(x_high, x), 1 / 32.0), 32) END,
    CASE WHEN paper = 0 AND ours IS NOT NULL THEN printf('%.3g', ours) WHEN x > 32 THEN printf('%.0f ►', x)
      WHEN x < 1 / 32.0 THEN printf('◄ 1/%.0f', 1 / x) ELSE '' END, verdict
    FROM value
  UNION ALL
  SELECT 'paper_rate', '', r.y, (SELECT paper FROM rate e WHERE e.experiment = r.experiment LIMIT 1), NULL, NULL, '', '' FROM row_place r
  UNION ALL
  SELECT CASE WHEN trials = 0 THEN 'rate_absent' WHEN verdict = 'not replicated' THEN 'rate_open' ELSE 'rate' END, reading, y, ours, low, high,
    CASE WHEN trials THEN reached || '/' || trials ELSE '–' END, verdict FROM rate
  UNION ALL
  SELECT 'range', '', NULL, NULL, 0, max(y) + 1, '', '' FROM placed
)
SELECT part, reading, round(y, 3) AS y, round(x, 5) AS x, round(low, 5) AS low, round(high, 5) AS high, text, text2
FROM line ORDER BY part, y, reading, text;
