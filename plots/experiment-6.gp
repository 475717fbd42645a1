# Experiment 6: training sequences to success, every trial.
title = "Experiment 6: temporal order (Table 9)"
height = 440
load "plots/include/trials.gp"
