# Experiment 1: what a solved net does in two strings that differ only in the letter to be remembered.
title = "Inside a solved net: the embedded Reber grammar (1)"
input = "symbols"; input_name = "input: the second letter, T or P, is asked for at the last E"; input_high = 44
marked(t) = column("t") == 2 || column("t") == T_max - 1
twin = "the same string with P in the place of T"
panels = 6
array name[panels] = ["input gates", "output gates", "cell states, block 1", "cell states, block 2", "cell states, block 3", "outputs for T and P; ○ the next letter"]
array columns[panels] = ["in1 in2 in3", "out1 out2 out3", "s1 s2", "s3 s4", "s5 s6", "y2 y3"]
array labels[panels] = ["in_1 in_2 in_3", "out_1 out_2 out_3", "s_1 s_2", "s_3 s_4", "s_5 s_6", "T P"]
array units[panels] = ["1 2 3", "1 2 3", "1 1", "2 2", "3 3", "4 5"]
array high[panels] = [80, 80, 80, 80, 80, 80]
load "plots/include/trace.gp"
