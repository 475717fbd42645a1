# Experiment 6a: what a solved net does in one sequence.
title = "Inside a solved net: temporal order of two symbols (6a)"
input = "symbols"; input_name = "input: distractors a, b, c, d, and twice X or Y; their order is the class"; input_high = 34
marked(t) = strstrt("XY", strcol("symbol")) > 0
twin = ""
panels = 4
array name[panels] = ["input gates", "output gates", "cell states", "outputs; ○ target"]
array columns[panels] = ["in1 in2", "out1 out2", "s1 s2 s3 s4", "y1 y2 y3 y4"]
array labels[panels] = ["in_1 in_2", "out_1 out_2", "s_1 s_2 s_3 s_4", "XX XY YX YY"]
array units[panels] = ["1 2", "1 2", "1 1 2 2", "3 4 5 6"]
array high[panels] = [80, 80, 140, 80]
load "plots/include/trace.gp"
