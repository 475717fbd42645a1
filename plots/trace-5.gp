# Experiment 5: what a solved net does in one sequence.
title = "Inside a solved net: the multiplication problem (5)"
input = "marked"; input_name = "input: values, two of them marked"; input_high = 90
marked(t) = column("x2") == 1
twin = ""
panels = 4
array name[panels] = ["input gates", "output gates", "cell states", "output; ○ target"]
array columns[panels] = ["in1 in2", "out1 out2", "s1 s2 s3 s4", "y1"]
array labels[panels] = ["in_1 in_2", "out_1 out_2", "s_1 s_2 s_3 s_4", "y"]
array units[panels] = ["1 2", "1 2", "1 1 2 2", "3"]
array high[panels] = [80, 80, 120, 80]
load "plots/include/trace.gp"
