# Experiment 2a: what a solved net does in the two sequences there are.
title = "Inside a solved net: noise-free sequences with long time lags (2a)"
input = "symbols"; input_name = "input: x or y, then a_1 to a_{99}; it comes back after them"; input_high = 36
marked(t) = column("t") == 1
twin = "the other sequence, with y in the place of x"
panels = 3
array name[panels] = ["input gate", "cell state", "outputs for x and y; ○ the next symbol"]
array columns[panels] = ["in1", "s1", "y100 y101"]
array labels[panels] = ["in_1", "s_1", "x y"]
array units[panels] = ["1", "1", "4 5"]
array high[panels] = [80, 120, 100]
load "plots/include/trace.gp"
