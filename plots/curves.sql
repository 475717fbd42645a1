-- Learning curves of one row of each family, both readings: every trial a line (ended by NaN); x of part solved: its
-- sequences at success.
WITH panel(experiment, panel, title) AS (VALUES
  ('1-5', 1, '1-5 embedded Reber grammar'), ('2a', 2, '2a long lag, noise-free'), ('2b', 3, '2b no local regularities'),
  ('2c-1', 4, '2c-1 distractors, q = 50'), ('2c-5', 5, '2c-5 distractors, q = 1000'), ('3a-1', 6, '3a-1 two sequences'),
  ('3b-1', 7, '3b-1 noisy signal'), ('3c-1', 8, '3c-1 noisy targets'), ('4-1', 9, '4-1 adding, T = 100'),
  ('5', 10, '5 multiplication'), ('6a', 11, '6a order of 2 symbols'), ('6b', 12, '6b order of 3 symbols')
), chosen AS (
  SELECT t.id, p.panel, t.reading, t.seed, t.outcome, t.sequences FROM panel p JOIN main.present t USING (experiment)
  WHERE t.conditions IN ('', 'reading=closest')
), point AS ( -- the first hundred sequences are single errors
  SELECT c.panel, c.reading, c.seed, k.sequences, max(k.error, 0.001) AS error
  FROM chosen c JOIN main.curve k ON k.trial = c.id WHERE k.sequences >= 100 AND k.error IS NOT NULL
), line(panel, part, reading, seed, x, y, text) AS (
  SELECT panel, 'line', reading, seed, sequences, printf('%.4g', error), '' FROM point
  UNION ALL
  SELECT panel, 'line', reading, seed, NULL, 'NaN', '' FROM chosen
  UNION ALL
  SELECT panel, 'solved', reading, seed, sequences, NULL, '' FROM chosen WHERE outcome = 'solved'
  UNION ALL
  SELECT panel, 'title', '', 0, NULL, NULL, title FROM panel
  UNION ALL
  SELECT panel, 'range', '', 0, coalesce((SELECT max(sequences) FROM chosen WHERE chosen.panel = panel.panel), 100000),
    coalesce((SELECT min(error) FROM point WHERE point.panel = panel.panel), 0.01), '' FROM panel
  UNION ALL
  SELECT panel, 'top', '', 0, NULL, coalesce((SELECT max(error) FROM point WHERE point.panel = panel.panel), 1), '' FROM panel
  UNION ALL
  SELECT panel, 'empty', '', 0, NULL, NULL, 'no data yet' FROM panel WHERE panel NOT IN (SELECT panel FROM point)
)
SELECT * FROM line ORDER BY panel, part, reading, seed, x IS NULL, x;
