# Experiment 3a: what a solved net does in two sequences, one of each class.
title = "Inside a solved net: the two-sequence problem (3a)"
input = "line"; input_name = "input: the first value, 1 or -1, tells the class; the others are noise"; input_high = 80
marked(t) = column("t") == 1
twin = "a sequence of the other class"
panels = 4
array name[panels] = ["input gates", "output gates", "cell states", "output; ○ target"]
array columns[panels] = ["in1 in2 in3", "out1 out2 out3", "s1 s2 s3", "y1"]
array labels[panels] = ["in_1 in_2 in_3", "out_1 out_2 out_3", "s_1 s_2 s_3", "y"]
array units[panels] = ["1 2 3", "1 2 3", "1 2 3", "4"]
array high[panels] = [80, 80, 120, 80]
load "plots/include/trace.gp"
