# Experiment 1: training sequences to success, every trial.
title = "Experiment 1: embedded Reber grammar (Table 1)"
height = 460
load "plots/include/trials.gp"
