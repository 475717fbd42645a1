-- Experiment 6: see figure_line in include/prelude.sql.
SELECT part, reading, round(x, 4) AS x, round(y, 2) AS y, round(low, 4) AS low, round(high, 4) AS high, text, text2
FROM figure_line WHERE figure = '6' ORDER BY part, x, y, text;
