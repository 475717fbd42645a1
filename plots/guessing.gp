# Guessing: experiment 3 by LSTM and by random weight guessing, every trial.
title = "Experiment 3 by LSTM and by random weight guessing"
height = 720
load "plots/style.gp"
methods = "lstm guess"
at_method(name, method, value) = strcol("part") eq name && strcol("method") eq method ? value : NaN
stats tsv using (of("low", column("x"))) nooutput name "L"
stats tsv using (of("high", column("x"))) nooutput name "H"
low = L_min / 1.8; high = H_max * 1.8
left = 226; right = width - 66
set lmargin at screen px(left)
set rmargin at screen px(right)
set tmargin at screen py(72)
set bmargin at screen py(height - 62)
set logscale x
set xrange [low:high]
set yrange [28.9:0.1]
set border 1
unset ytics
set xtics nomirror ()
do for [d = 0:9] { do for [m in multiples(low, high)] {
	v = m * 10.0**d
	if (v >= low && v <= high) { set xtics add (short_number(v) v) }
} }
set grid xtics linetype 1 linecolor rgb faint linewidth 0.6
set xlabel "training sequences to the last stop" textcolor rgb ink

ky = 46
set label 1 "" at screen px(24),py(ky) point pt 7 ps 0.7 lc rgb lstm
set label 2 "" at screen px(36),py(ky) point pt 7 ps 0.7 lc rgb guess
set label 3 "a solved trial" at screen px(45),py(ky) textcolor rgb ink
set label 4 "" at screen px(160),py(ky) point pt 6 ps 0.75 lw 1.2 lc rgb ink
set label 5 "not solved within this budget" at screen px(169),py(ky) textcolor rgb ink
set label 6 "" at screen px(382),py(ky) point pt 2 ps 0.6 lw 1.5 lc rgb ink
set label 7 "diverged" at screen px(391),py(ky) textcolor rgb ink
set arrow 8 from screen px(474),py(ky - 8) to screen px(474),py(ky + 8) nohead lw 2.6 lc rgb ink
set label 9 "mean of the solved" at screen px(482),py(ky) textcolor rgb ink
set label 10 "" at screen px(634),py(ky) point pt 13 ps diamond lc rgb paper
set label 11 "paper's mean" at screen px(643),py(ky) textcolor rgb paper

plot tsv using (of("row", low)):(column("y")):(strcol("text")) with labels left offset screen (14 - left) / width,0 font bold textcolor rgb ink, \
	tsv using (of("row", low)):(column("y") + 1):(strcol("text2")) with labels left offset screen (14 - left) / width,0 font small textcolor rgb grey, \
	for [m in methods] tsv using (at_method("method", m, low)):(column("y")):(strcol("text")) with labels right offset screen -8.0 / width,0 textcolor rgb method_colour(m), \
	for [m in methods] tsv using (at_method("trial", m, column("x"))):(column("y")) with points pt 7 ps 0.65 lc rgb method_colour(m) | 0x60000000, \
	for [m in methods] tsv using (at_method("cut", m, column("x"))):(column("y")) with points pt 6 ps 0.75 lw 1.2 lc rgb method_colour(m), \
	for [m in methods] tsv using (at_method("diverged", m, column("x"))):(column("y")) with points pt 2 ps 0.6 lw 1.5 lc rgb method_colour(m), \
	for [m in methods] tsv using (at_method("mean", m, column("x"))):(column("y") - 0.42):(0):(0.84) with vectors nohead lw 2.6 lc rgb method_colour(m), \
	tsv using (of("paper", column("x"))):(column("y")) with points pt 13 ps diamond lc rgb paper, \
	for [m in methods] tsv using (at_method("count", m, high)):(column("y")):(strcol("text")) with labels left offset screen 8.0 / width,0 textcolor rgb method_colour(m)
