-- Delayed XOR and its controls: success against lag, for LSTM with the truncated and the full gradient and for a conventional net.
-- panel: 1 and, 2 or, 3 first bit, 4 xor, 5 and 6 xor from weights in [-1, 1] and [-2, 2]. part: rate, budget, empty.
WITH panel(panel, others) AS (
  VALUES (1, 'function=and'), (2, 'function=or'), (3, 'function=first'), (4, ''), (5, 'init=1'), (6, 'init=2')
), named AS MATERIALIZED (
  SELECT p.panel, v.experiment, v.conditions FROM panel p JOIN main.variation v USING (others)
  WHERE v.experiment IN ('xor', 'xor-rnn') AND v.reading = 'literal'
), point AS (
  SELECT n.panel, CASE WHEN net = 'rnn' THEN rule ELSE CASE rule WHEN 'bptt' THEN 'full' ELSE 'lstm' END END AS method, l.*
  FROM named n JOIN lag_ablation l USING (experiment, conditions) WHERE l.rule IN ('truncated', 'bptt')
), allowed AS (
  SELECT p.panel, max(t.budget) AS budget FROM point p JOIN main.present t USING (experiment, conditions)
  GROUP BY p.panel
), line(panel, part, method, x, y, low, high, text) AS (
  SELECT panel, 'rate', method, lag * CASE method WHEN 'lstm' THEN 1 / 1.1 WHEN 'bptt' THEN 1.1 ELSE 1 END, 100 * success_rate, 100 * ci_low,
    100 * ci_high, solved || '/' || trials FROM point
  UNION ALL
  SELECT panel, 'budget', '', NULL, NULL, NULL, NULL, printf('%,d', budget) FROM allowed
  UNION ALL
  SELECT panel, 'empty', '', NULL, NULL, NULL, NULL, 'no data yet' FROM panel WHERE panel NOT IN (SELECT panel FROM point)
)
SELECT panel, part, method, round(x, 3) AS x, round(y, 2) AS y, round(low, 2) AS low, round(high, 2) AS high, text
FROM line ORDER BY panel, part, method, x;
