# Experiment 2c: what a solved net does in two sequences, one of each class.
title = "Inside a solved net: very long time lags, many distractors (2c)"
input = "symbols"; input_name = "input: b, x or y, distractors (dots), e"; input_high = 36
marked(t) = strstrt("xye", strcol("symbol")) > 0
twin = "a sequence with x in the place of y, and other distractors"
panels = 5
array name[panels] = ["input gates", "output gates", "cell states", "cell outputs", "outputs; ○ target"]
array columns[panels] = ["in1 in2", "out1 out2", "s1 s2", "c1 c2", "y1 y2"]
array labels[panels] = ["in_1 in_2", "out_1 out_2", "s_1 s_2", "y_{c1} y_{c2}", "x y"]
array units[panels] = ["1 2", "1 2", "1 2", "1 2", "4 5"]
array high[panels] = [80, 80, 100, 80, 80]
load "plots/include/trace.gp"
