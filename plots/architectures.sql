-- Nine architectures on equal terms: success rate and median sequences to success (unsolved trials count as longer than any) of
-- rows nets-TASK-NET, seeds 1-20, by task and lag. A line per cell, per net (part net) and per column (part column).
WITH only_T AS MATERIALIZED (
  SELECT experiment, conditions FROM main.variation WHERE reading = 'literal' AND rule IS NULL AND others = ''
), net(name, label) AS (VALUES
  ('lstm97', 'LSTM 1997'), ('lstm', 'forget gates'), ('peephole', 'forget gates, peepholes'), ('coupled', 'coupled gates'), ('gru', 'GRU'),
  ('rnn', 'tanh units'), ('irnn', 'ReLU from identity'), ('cec', 'linear units, no gates'), ('window', 'feed-forward window')
), task(name, label) AS (VALUES
  ('adding', 'adding'), ('order', 'temporal order'), ('lags', 'long lags (2c)'), ('reber', 'embedded Reber'), ('xor', 'delayed XOR')
), net_row AS (SELECT *, row_number() OVER () AS y FROM net), task_column AS (SELECT *, row_number() OVER () AS place FROM task),
attempt AS (
  SELECT n.y, c.place, c.label, t.lag, t.outcome = 'solved' AS solved, t.sequences, t.weights,
    row_number() OVER (PARTITION BY n.y, c.place, t.lag ORDER BY t.outcome <> 'solved', t.sequences) AS nth,
    count(*) OVER (PARTITION BY n.y, c.place, t.lag) AS trials
  FROM net_row n JOIN task_column c JOIN only_T o ON o.experiment = 'nets-' || c.name || '-' || n.name
  JOIN main.present t USING (experiment, conditions) WHERE t.seed <= 20
), cell AS (
  SELECT y, place, label, lag, trials, sum(solved) AS solved, max(CASE WHEN nth = (trials + 1) / 2 AND solved THEN sequences END) AS median
  FROM attempt GROUP BY y, place, lag
), across AS (
  SELECT place, label, lag, row_number() OVER (ORDER BY place, lag) + 0.3 * (place - 1) AS x, count(*) OVER (PARTITION BY place) AS lags
  FROM (SELECT DISTINCT place, label, lag FROM cell)
), line(part, x, y, value, text, text2) AS (
  SELECT 'cell', x, y, 1.0 * solved / trials, CASE WHEN trials = 20 THEN solved ELSE solved || '/' || trials END,
    CASE WHEN median IS NULL THEN '–' WHEN median >= 9950 THEN printf('%.0fk', median / 1000.0) ELSE printf('%.1fk', median / 1000.0) END
    FROM cell JOIN across USING (place, lag)
  UNION ALL SELECT 'net', 0, y, NULL, label, '' FROM net_row
  UNION ALL SELECT 'column', x, 0, NULL, 'lag ' || lag, '' FROM across
  UNION ALL SELECT 'task', avg(x), 0, NULL, label, '' FROM across GROUP BY place, label
)
SELECT part, round(x, 3) AS x, y, round(value, 4) AS value, text, text2 FROM line ORDER BY part, y, x;
