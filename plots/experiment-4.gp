# Experiment 4: training sequences to success, every trial.
title = "Experiment 4: adding problem (Table 7)"
height = 440
load "plots/include/trials.gp"
