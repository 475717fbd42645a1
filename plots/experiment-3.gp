# Experiment 3: training sequences to success, every trial.
title = "Experiment 3: two-sequence problem (Tables 4, 5 and 6)"
height = 500
load "plots/include/trials.gp"
