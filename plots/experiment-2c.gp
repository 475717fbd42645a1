# Experiment 2c: training sequences to success, every trial.
title = "Experiment 2c: very long time lags, many distractors (Table 3)"
height = 480
load "plots/include/trials.gp"
