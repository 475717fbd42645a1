-- Tables 1 and 2 and experiment 2b: every method's success rate and training sequences, ours beside the paper's.
-- part: group, row, band (rows of LSTM), rate, mean, alone (a mean without interval), none (no trial solved: its budget), count,
-- paper_rate, paper_mean and their quoted_: from the literature; paper_text; range.
WITH named(place, band, experiment, label) AS (VALUES
  (1, 'Table 1: embedded Reber grammar', '1-rtrl-3', 'RTRL, 3 hidden, rate 0.05'), (2, '', '1-rtrl-12', 'RTRL, 12 hidden, rate 0.1'),
  (3, '', '1-elman', 'Elman net, 15 hidden'), (4, '', '1-cc', 'Cascade-correlation, 7–9 hidden'),
  (5, '', '1-1', 'LSTM, 4×1 cells, rate 0.1'), (6, '', '1-2', 'LSTM, 3×2 cells, rate 0.1'), (7, '', '1-3', 'LSTM, 3×2 cells, rate 0.2'),
  (8, '', '1-4', 'LSTM, 4×1 cells, rate 0.5'), (9, '', '1-5', 'LSTM, 3×2 cells, rate 0.5'),
  (10, 'Table 2: noise-free, long lag p', '2a-rtrl-4-1', 'RTRL, p = 4, rate 1'), (11, '', '2a-rtrl-4-4', 'RTRL, p = 4, rate 4'),
  (12, '', '2a-rtrl-4-10', 'RTRL, p = 4, rate 10'), (13, '', '2a-rtrl-10-1', 'RTRL, p = 10, rate 1'),
  (14, '', '2a-rtrl-10-4', 'RTRL, p = 10, rate 4'), (15, '', '2a-rtrl-10-10', 'RTRL, p = 10, rate 10'),
  (16, '', '2a-rtrl-100-1', 'RTRL, p = 100, rate 1'), (17, '', '2a-rtrl-100-4', 'RTRL, p = 100, rate 4'),
  (18, '', '2a-rtrl-100-10', 'RTRL, p = 100, rate 10'), (19, '', '2a-bptt-100-1', 'BPTT, p = 100, rate 1'),
  (20, '', '2a-bptt-100-4', 'BPTT, p = 100, rate 4'), (21, '', '2a-bptt-100-10', 'BPTT, p = 100, rate 10'),
  (22, '', '2a-chunker', 'Chunker, p = 100'), (23, '', '2a', 'LSTM, p = 100'),
  (24, 'Experiment 2b: no local regularities', '2b-rtrl-1', 'RTRL, p = 100, rate 1'), (25, '', '2b-rtrl-4', 'RTRL, p = 100, rate 4'),
  (26, '', '2b-rtrl-10', 'RTRL, p = 100, rate 10'), (27, '', '2b-bptt-1', 'BPTT, p = 100, rate 1'),
  (28, '', '2b-bptt-4', 'BPTT, p = 100, rate 4'), (29, '', '2b-bptt-10', 'BPTT, p = 100, rate 10'),
  (30, '', '2b-chunker', 'Chunker, p = 100'), (31, '', '2b', 'LSTM, p = 100')
), known AS ( -- rows that the program has, from top to bottom, groups apart
  SELECT n.*, row_number() OVER (ORDER BY place) + 1.5 * sum(band <> '') OVER (ORDER BY place) AS y FROM named n
  WHERE experiment IN (SELECT experiment FROM entry)
), bare AS (
  SELECT experiment, reading, max(budget) AS budget FROM main.present WHERE conditions IN ('', 'reading=closest') GROUP BY experiment, reading
), ours AS ( -- the readings lie above and below the paper; what the ledger lacks, as the paper has no such number, comes from lag_ablation
  SELECT k.experiment, e.reading, k.y + CASE e.reading WHEN 'closest' THEN 0.24 ELSE -0.24 END AS y,
    coalesce(a.trials, 0) AS trials, a.solved, 100 * a.success_rate AS rate, 100 * a.ci_low AS rate_low, 100 * a.ci_high AS rate_high,
    a.mean_sequences, b.budget
  FROM known k JOIN (SELECT DISTINCT experiment, reading FROM entry) e USING (experiment)
  LEFT JOIN main.lag_ablation a ON a.experiment = e.experiment
    AND a.conditions = CASE e.reading WHEN 'closest' THEN 'reading=closest' ELSE '' END
  LEFT JOIN bare b ON b.experiment = e.experiment AND b.reading = e.reading
), line(part, reading, y, x, low, high, text) AS (
  SELECT 'group', '', y - 1.05, NULL, NULL, NULL, band FROM known WHERE band <> ''
  UNION ALL
  SELECT CASE WHEN label LIKE 'LSTM%' THEN 'band' ELSE 'row' END, '', y, NULL, y - 0.5, y + 0.5, label FROM known
  UNION ALL
  SELECT 'rate', o.reading, o.y, coalesce(e.ours, o.rate), coalesce(e.low, o.rate_low), coalesce(e.high, o.rate_high), ''
    FROM ours o LEFT JOIN entry e ON e.experiment = o.experiment AND e.reading = o.reading AND e.quantity = 'success %' WHERE o.trials > 0
  UNION ALL
  SELECT 'count', o.reading, o.y, NULL, NULL, NULL,
    CASE WHEN o.trials THEN o.solved || '/' || o.trials ELSE 'not run' END FROM ours o
  UNION ALL
  SELECT CASE WHEN o.solved = 0 THEN 'none' WHEN e.low IS NULL THEN 'alone' ELSE 'mean' END, o.reading, o.y,
    CASE WHEN o.solved = 0 THEN o.budget ELSE coalesce(e.ours, o.mean_sequences) END, e.low, e.high, ''
    FROM ours o LEFT JOIN entry e ON e.experiment = o.experiment AND e.reading = o.reading AND e.quantity = 'sequences' WHERE o.trials > 0
  UNION ALL
  SELECT DISTINCT CASE e.source WHEN 'quoted' THEN 'quoted_' ELSE 'paper_' END || CASE e.quantity WHEN 'success %' THEN 'rate' ELSE 'mean' END,
    '', k.y, e.paper, NULL, NULL, '' FROM known k JOIN entry e USING (experiment) WHERE e.quantity IN ('success %', 'sequences')
  UNION ALL
  SELECT 'paper_text', '', y, NULL, NULL, NULL,
    coalesce((SELECT printf('%g %%', paper) FROM entry e WHERE e.experiment = k.experiment AND quantity = 'success %'), 'some') FROM known k
  UNION ALL
  SELECT 'range', '', max(y) + 0.7, NULL, NULL, NULL, '' FROM known
)
SELECT part, reading, round(y, 3) AS y, round(x, 2) AS x, round(low, 2) AS low, round(high, 2) AS high, text
FROM line
UNION ALL -- of the axis of sequences
SELECT 'reach', '', NULL, NULL, min(coalesce(low, x)), max(coalesce(high, x)), '' FROM line
WHERE part IN ('mean', 'alone', 'none', 'paper_mean', 'quoted_mean')
ORDER BY part, y, reading, text;
