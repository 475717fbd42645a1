# Experiment 5: training sequences to success, every trial.
title = "Experiment 5: multiplication problem (Table 8)"
height = 440
load "plots/include/trials.gp"
