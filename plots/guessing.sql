-- Experiment 3 by LSTM (literal reading) and by random weight guessing with nets A1 and A2: training sequences to the last stop.
-- part: row (text: the row of LSTM; text2: its conditions), method, trial, cut (its budget), diverged, mean (of solved trials), paper, count, range.
WITH series(k, method, suffix, label) AS (VALUES (0, 'lstm', '', 'LSTM'), (1, 'guess', '-a1', 'guessing, A1'), (2, 'guess', '-a2', 'guessing, A2')
), placed AS (
  SELECT l.experiment AS lstm_row, l.label AS conditions, l.experiment || s.suffix AS experiment, s.k, s.method, s.label,
    3.6 * (l.place - 1) + s.k + 1 AS y
  FROM row_label l, series s WHERE l.figure = '3'
), known AS (
  SELECT p.*, t.seed, t.outcome, t.sequences FROM placed p JOIN main.present t ON t.experiment = p.experiment WHERE t.conditions = ''
), published AS ( -- of the last stop
  SELECT experiment, paper, max(id) FROM entry WHERE quantity = 'sequences' AND reading = 'literal' GROUP BY experiment
), line(part, method, y, x, text, text2) AS (
  SELECT 'row', '', y, NULL, lstm_row, conditions FROM placed WHERE k = 0
  UNION ALL
  SELECT 'method', method, y, NULL, label, '' FROM placed
  UNION ALL -- one below the other by a hash of the seed (a golden-ratio sequence)
  SELECT CASE outcome WHEN 'solved' THEN 'trial' WHEN 'diverged' THEN 'diverged' ELSE 'cut' END, method,
    y + 0.5 * ((seed * 618034) % 1000000 / 1e6 - 0.5), max(sequences, 1), seed, '' FROM known
  UNION ALL
  SELECT 'mean', method, y, avg(sequences), '', '' FROM known WHERE outcome = 'solved' GROUP BY y
  UNION ALL
  SELECT 'paper', method, p.y, e.paper, '', '' FROM placed p JOIN published e ON e.experiment = p.experiment
  UNION ALL
  SELECT 'count', p.method, p.y, NULL, CASE WHEN count(t.seed) THEN sum(t.outcome = 'solved') || '/' || count(t.seed) ELSE 'not run' END, ''
    FROM placed p LEFT JOIN known t USING (experiment) GROUP BY p.y
)
SELECT part, method, round(y, 3) AS y, round(x, 2) AS x, text, text2 FROM line
UNION ALL
SELECT 'low', '', NULL, min(x), '', '' FROM line
UNION ALL
SELECT 'high', '', NULL, max(x), '', '' FROM line
ORDER BY part, y, text;
