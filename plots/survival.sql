-- Delayed XOR and its controls: Kaplan-Meier estimates of the share of trials solved by a number of sequences. Trials that are not
-- solved leave the estimate at their budget (censored); at a time at which both happens, they leave after those that are solved.
-- column: 1 first bit, 2 and, 3 or, 4 xor from weights in [-2, 2], 5 xor; row: 1 to 3, lags 10, 50, 200.
-- part: step (the share from x on, in percent), censored (text: how many), count (text: solved/trials), empty.
WITH RECURSIVE kind(k, others) AS (
  VALUES (1, 'function=first'), (2, 'function=and'), (3, 'function=or'), (4, 'init=2'), (5, '')
), length(place, T) AS (VALUES (1, 20), (2, 100), (3, 400)), series(method, experiment, rule) AS (
  VALUES ('lstm', 'xor', 'truncated'), ('full', 'xor', 'bptt'), ('bptt', 'xor-rnn', 'bptt')
), named AS MATERIALIZED (
  SELECT k.k, s.method, s.rule, v.experiment, v.conditions FROM kind k JOIN main.variation v USING (others) JOIN series s USING (experiment)
), known AS (
  SELECT n.k, l.place, n.method, t.outcome = 'solved' AS solved, CASE t.outcome WHEN 'solved' THEN t.sequences ELSE t.budget END AS x
  FROM named n JOIN main.present t USING (experiment, conditions, rule) JOIN length l ON l.T = 2 * t.lag
), moment AS (
  SELECT k, place, method, x, sum(solved) AS events, count(*) AS gone,
    sum(count(*)) OVER (PARTITION BY k, place, method ORDER BY x DESC) AS at_risk,
    row_number() OVER (PARTITION BY k, place, method ORDER BY x) AS i
  FROM known GROUP BY k, place, method, x
), estimate(k, place, method, i, x, gone, events, unsolved) AS ( -- S(t) = product of 1 - events / at risk
  SELECT k, place, method, 0, 1, 0, 0, 1.0 FROM moment WHERE i = 1
  UNION ALL
  SELECT m.k, m.place, m.method, m.i, m.x, m.gone, m.events, e.unsolved * (1.0 - 1.0 * m.events / m.at_risk)
  FROM estimate e JOIN moment m ON m.k = e.k AND m.place = e.place AND m.method = e.method AND m.i = e.i + 1
), line(k, place, part, method, x, y, text) AS (
  SELECT k, place, 'step', method, x, 100 * (1 - unsolved), '' FROM estimate
  UNION ALL
  SELECT k, place, 'censored', method, x, 100 * (1 - unsolved), gone - events FROM estimate WHERE gone > events
  UNION ALL
  SELECT k, place, 'count', method, NULL, NULL, sum(solved) || '/' || count(*) FROM known GROUP BY k, place, method
  UNION ALL
  SELECT k, place, 'empty', '', NULL, NULL, 'not run' FROM kind, length
    WHERE NOT EXISTS (SELECT 1 FROM known n WHERE n.k = kind.k AND n.place = length.place)
)
SELECT k AS column, place AS row, part, method, x, round(y, 3) AS y, text FROM line ORDER BY k, place, part, method, x;
