# Overview: ours / paper for every published number, and the success rates.
title = "Every published number: ours beside the paper's"
height = 1230
load "plots/style.gp"

stats tsv using (of("range", column("high"))) nooutput name "Y"
readings = "literal closest"
top = 92; bottom = height - 52
set tmargin at screen py(top)
set bmargin at screen py(bottom)
set yrange [Y_max:0]
unset ytics
set border 1

ky = 46
set label 1 "" at screen px(24),py(ky) point pt 7 ps 0.7 lc rgb literal
set label 2 "literal reading" at screen px(33),py(ky) textcolor rgb literal
set label 3 "" at screen px(150),py(ky) point pt 7 ps 0.7 lc rgb closest
set label 4 "closest reading" at screen px(159),py(ky) textcolor rgb closest
set label 5 "" at screen px(284),py(ky) point pt 6 ps 0.7 lc rgb ink
set label 6 "success rates differ" at screen px(293),py(ky) textcolor rgb ink
set label 7 "" at screen px(440),py(ky) point pt 2 ps 0.6 lc rgb ink
set label 8 "solved by no trial" at screen px(449),py(ky) textcolor rgb ink
set label 9 "" at screen px(578),py(ky) point pt 13 ps diamond lc rgb paper
set label 10 "paper's success rate" at screen px(587),py(ky) textcolor rgb paper
set label 20 "paper" at screen px(258),py(top - 14) right textcolor rgb grey
set label 21 "ours / paper, 95 % interval" at screen px(430),py(top - 14) center textcolor rgb ink
set label 22 "success, %, 95 % interval" at screen px(700),py(top - 14) center textcolor rgb ink

set multiplot
# ratios
set lmargin at screen px(270)
set rmargin at screen px(600)
set logscale x
set xrange [1.0 / 32:32]
set xtics ("1/20" 0.05, "1/10" 0.1, "1/5" 0.2, "1/2" 0.5, "1" 1, "2" 2, "5" 5, "10" 10, "20" 20) font small
set object 1 rectangle from 0.5, graph 0 to 2, graph 1 behind fillcolor rgb 0xE6E6E6 fillstyle solid noborder
set arrow 1 from 1, graph 0 to 1, graph 1 nohead lc rgb grey lw 1 back
set label 30 "within a factor 2" at first 1, screen py(height - 10) center font small textcolor rgb grey
plot tsv using (of("row", 1.0 / 32)):(column("low")):(31.9):(0) with vectors nohead lw 0.6 lc rgb faint, \
	tsv using (of("row", 1.0 / 32)):(column("y")):(strcol("text")) with labels right offset screen -0.27,0 font bold textcolor rgb ink, \
	tsv using (of("number", 1.0 / 32)):(column("y")):(strcol("text")) with labels left offset screen -0.255,0 textcolor rgb ink, \
	tsv using (of("number", 1.0 / 32)):(column("y")):(strcol("text2")) with labels right offset screen -0.014,0 textcolor rgb grey, \
	for [p in "ratio open edge"] for [r in readings] tsv using (at(p, r, column("low"))):(column("y")):(column("high") - column("low")):(0) with vectors nohead lw 1.6 lc rgb colour(r), \
	for [r in readings] tsv using (at("ratio", r, column("x"))):(column("y")) with points pt 7 ps 0.65 lc rgb colour(r), \
	for [r in readings] tsv using (at("open", r, column("x"))):(column("y")) with points pt 7 ps 0.65 lc rgb background_colour, \
	for [r in readings] tsv using (at("open", r, column("x"))):(column("y")) with points pt 6 ps 0.7 lw 1.4 lc rgb colour(r), \
	for [r in readings] tsv using (at("edge", r, column("x") < 1 ? 1 / 31.0 : NaN)):(column("y")):(strcol("text")) with labels left font small textcolor rgb colour(r), \
	for [r in readings] tsv using (at("edge", r, column("x") > 1 ? 31 : NaN)):(column("y")):(strcol("text")) with labels right font small textcolor rgb colour(r), \
	for [r in readings] tsv using (at("none", r, 28)):(column("y")) with points pt 2 ps 0.6 lw 1.4 lc rgb colour(r), \
	for [r in readings] tsv using (at("text", r, r eq "closest" ? 4 : 0.25)):(column("y")):(strcol("text")." against 0") with labels font small textcolor rgb colour(r), \
	for [r in readings] tsv using (at("absent", r, r eq "closest" ? 19 : 8)):(column("y")):("not run") with labels font small textcolor rgb colour(r)

# success rates
unset logscale x
unset object 1; unset arrow 1; unset label
set lmargin at screen px(622)
set rmargin at screen px(width - 10)
set xrange [-3:178]
set xtics ("0" 0, "50" 50, "100" 100) font small
plot tsv using (of("row", -3)):(column("low")):(181):(0) with vectors nohead lw 0.6 lc rgb faint, \
	tsv using (of("paper_rate", column("x"))):(column("y")) with points pt 13 ps diamond lc rgb paper, \
	for [p in "rate rate_open"] for [r in readings] tsv using (at(p, r, column("low"))):(column("y")):(column("high") - column("low")):(0) with vectors nohead lw 1.6 lc rgb colour(r), \
	for [r in readings] tsv using (at("rate", r, column("x"))):(column("y")) with points pt 7 ps 0.65 lc rgb colour(r), \
	for [r in readings] tsv using (at("rate_open", r, column("x"))):(column("y")) with points pt 7 ps 0.65 lc rgb background_colour, \
	for [r in readings] tsv using (at("rate_open", r, column("x"))):(column("y")) with points pt 6 ps 0.7 lw 1.4 lc rgb colour(r), \
	for [p in "rate rate_open rate_absent"] for [r in readings] tsv using (at(p, r, r eq "closest" ? 160 : 126)):(column("y")):(strcol("text")) with labels font small textcolor rgb colour(r)
unset multiplot
