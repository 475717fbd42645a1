-- What each open choice of the paper does: success within twice the published mean, seeds 1-20, one choice changed at a time, from the
-- literal reading and from the closest one; in the reading itself as many of these trials as there are. A line per cell (part cell), per
-- choice (choice) and per column (row).
WITH mean(experiment, sequences) AS (
  SELECT experiment, paper FROM entry e WHERE quantity = 'sequences' AND paper IS NOT NULL
    AND id = (SELECT max(id) FROM entry l WHERE l.experiment = e.experiment AND l.reading = e.reading AND l.quantity = 'sequences')
  GROUP BY experiment
), choice(others, label) AS (VALUES
  ('', 'the reading itself'),
  ('g=h1 h=g2', 'g, h: ranges of the caption'),
  ('reset=0.5', 'activations start at 0.5'),
  ('bias_init=random+given', 'gate biases: random plus given'),
  ('init=0.02', 'initial interval 0.02'),
  ('init=0.5', 'initial interval 0.5'),
  ('connectivity=F', 'all units feed back, no shortcuts'),
  ('connectivity=C', 'gates feed nothing'),
  ('connectivity=F-recurrence', 'no recurrence'),
  ('connectivity=F+shortcuts', 'input-output shortcuts'),
  ('slope_offset=0', 'nothing added to f'''),
  ('slope_offset=0.05', '0.05 added to f'''),
  ('bias=all', 'biases: all units'),
  ('bias=hidden', 'biases: all hidden units'),
  ('update=sequence', 'weights change after the sequence'),
  ('update=late', 'weights change one step late'),
  ('order=epoch', 'strings in epochs'),
  ('judge=top', 'right: the most active output is legal'),
  ('judge=next-to-last', 'right: symbol before the last'),
  ('test_every=10', 'test every 10 sequences'),
  ('test_every=100', 'test every 100 sequences'),
  ('test_every=1000', 'test every 1000 sequences'),
  ('test_set=fixed', 'always the same test set'),
  ('grow=start', 'cell there from the start'),
  ('output_init=0', 'cell to outputs: weights 0'),
  ('output_init=1', 'cell to outputs: weights 1'),
  ('output_init=-1', 'cell to outputs: weights -1'),
  ('errors=every', 'learn from every step'),
  ('errors=last', 'learn from the last step'),
  ('cell_errors=every', 'cell learns from every step'),
  ('cell_errors=last', 'cell learns from the last step'),
  ('g=g1', 'g in [0, 1]'),
  ('g=h1', 'g in [-1, 1]'),
  ('gate_shift=0', 'gate weights not shifted'),
  ('gate_shift=-2', 'gate weights shifted by -2'),
  ('output=logistic', 'logistic output'),
  ('output=identity', 'linear output'),
  ('first_pair=marker', 'first pair keeps its marker'),
  ('igb=r', 'input gate biases random'),
  ('igb=-3:-6', 'input gate biases -3, -6'),
  ('init=1', 'initial interval 1'),
  ('init=2', 'initial interval 2'),
  ('init=4', 'initial interval 4'),
  ('init=0.1', 'initial interval 0.1'),
  ('bias=gates igb=-1', 'input gate with bias -1'),
  ('bias=gates igb=-3', 'input gate with bias -3'),
  ('data_seed=1', 'the same sequences in all trials'),
  ('weight_seed=1', 'the same initial weights in all trials')
), ranked AS (
  SELECT *, row_number() OVER () AS rank FROM choice
), named AS MATERIALIZED (
  SELECT v.experiment, v.conditions, c.rank FROM ranked c JOIN main.variation v USING (others)
  WHERE v.T IS NULL AND v.rule IS NULL AND v.experiment IN ('1-3', '2a', '2b', '2c-1', '2c-5', '3a-1', '3c-1', '4-1', '4-2', '4-3', '5',
    '6a', '6b', '2a-rtrl-4-1', '2a-rtrl-4-4', '2a-rtrl-4-10')
), cell AS (
  SELECT t.experiment, t.reading, c.rank, count(*) AS trials, sum(t.outcome = 'solved' AND t.sequences <= 2 * m.sequences) AS solved,
    min(t.budget) AS budget
  FROM named c
  JOIN main.present t USING (experiment, conditions)
  JOIN mean m USING (experiment)
  WHERE t.seed <= 20 AND (t.outcome = 'solved' OR t.budget >= 2 * m.sequences - 1)
  GROUP BY t.experiment, t.reading, c.rank
), varied AS ( -- rows and choices of which more than the reading itself was run
  SELECT experiment FROM cell WHERE rank > 1 GROUP BY experiment
), used AS (
  SELECT DISTINCT rank FROM cell JOIN varied USING (experiment)
), y AS (
  SELECT rank, row_number() OVER (ORDER BY rank) + (rank > 1) * 0.5 AS y FROM used
), x AS (
  SELECT experiment, row_number() OVER (ORDER BY experiment LIKE '%rtrl%', length(experiment) > 11, experiment) AS x FROM varied
), line(part, reading, x, y, value, text) AS (
  SELECT 'cell', reading, x, y, 1.0 * solved / trials, printf('%.0f', 100.0 * solved / trials)
    FROM cell JOIN x USING (experiment) JOIN y USING (rank)
  UNION ALL
  SELECT 'choice', '', 0, y, NULL, label FROM y JOIN ranked USING (rank)
  UNION ALL
  SELECT 'row', '', x, 0, NULL, replace(experiment, '2a-rtrl-4-', 'RTRL ') FROM x
)
SELECT part, reading, x, y, round(value, 4) AS value, text FROM line ORDER BY part, reading, y, x;
