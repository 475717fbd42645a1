# Experiment 2: training sequences to success, every trial.
title = "Experiment 2a, 2b: long time lags without noise (Table 2 and text)"
height = 440
load "plots/include/trials.gp"
