-- Success and sequences against lag, where the paper varies it: 2c with q = p, 2c with q = 1000 and p, and 4 with T.
-- panel: 1 to 3. part: paper, ours (solved trials), rate_paper, rate, cut (nothing solved: the budget, a lower bound), range.
WITH point AS (
  SELECT CASE l.axis WHEN 'q = p' THEN 1 WHEN 'p' THEN 2 ELSE 3 END AS panel, l.axis_value AS x, e.*
  FROM entry e JOIN row_label l USING (experiment) WHERE l.axis IS NOT NULL
  UNION ALL -- q = p = 1000 belongs to both blocks of Table 3
  SELECT 2, l.axis_value, e.* FROM entry e JOIN row_label l USING (experiment) WHERE experiment = '2c-5'
), beside AS ( -- the readings side by side on the logarithmic axis
  SELECT *, x * CASE WHEN panel = 3 AND reading = 'closest' THEN 1.09 WHEN panel = 3 THEN 1 / 1.09 WHEN reading = 'closest' THEN 1.12
    ELSE 1 / 1.12 END AS x_beside FROM point
), line(panel, part, reading, x, y, low, high, text) AS (
  SELECT panel, 'paper', '', x, paper, NULL, NULL, experiment FROM point WHERE quantity = 'sequences' AND reading = 'literal'
  UNION ALL
  SELECT panel, 'rate_paper', '', x, paper, NULL, NULL, experiment FROM point WHERE quantity = 'success %' AND reading = 'literal'
  UNION ALL
  SELECT panel, 'ours', reading, x_beside, ours, coalesce(low, ours), coalesce(high, ours), experiment FROM beside
    WHERE quantity = 'sequences' AND ours IS NOT NULL
  UNION ALL
  SELECT panel, 'cut', reading, x_beside, budget, NULL, NULL, experiment FROM beside
    WHERE quantity = 'sequences' AND trials > 0 AND ours IS NULL AND budget > 0
  UNION ALL
  SELECT panel, 'rate', reading, x_beside, ours, low, high, reached || '/' || trials FROM beside
    WHERE quantity = 'success %' AND ours IS NOT NULL
  UNION ALL
  SELECT p.panel, 'empty', '', NULL, NULL, NULL, NULL, 'no data yet' FROM point p GROUP BY p.panel HAVING sum(trials) = 0
)
SELECT panel, part, reading, round(x, 3) AS x, round(y, 2) AS y, round(low, 2) AS low, round(high, 2) AS high, text
FROM line
UNION ALL
SELECT panel, 'range', '', NULL, NULL, min(coalesce(low, y)), max(coalesce(high, y)), ''
FROM line WHERE part IN ('paper', 'ours', 'cut') GROUP BY panel
ORDER BY panel, part, reading, x, text;
