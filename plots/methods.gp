# Methods: success rate and training sequences of every method of Tables 1 and 2, ours beside the paper's.
title = "LSTM and the other methods: Tables 1 and 2, experiment 2b"
height = 1010
load "plots/style.gp"

stats tsv using (of("range", column("y"))) nooutput name "Y"
stats tsv using (of("reach", column("low"))) nooutput name "L"
stats tsv using (of("reach", column("high"))) nooutput name "H"
readings = "literal closest"
top = 96; bottom = height - 46
set tmargin at screen py(top)
set bmargin at screen py(bottom)
set yrange [Y_max:0.9]
unset ytics

ky = 46
set label 1 "" at screen px(24),py(ky) point pt 7 ps 0.7 lc rgb literal
set label 2 "literal reading" at screen px(33),py(ky) textcolor rgb literal
set label 3 "" at screen px(143),py(ky) point pt 7 ps 0.7 lc rgb closest
set label 4 "closest reading" at screen px(152),py(ky) textcolor rgb closest
set label 5 "" at screen px(271),py(ky) point pt 13 ps diamond lc rgb paper
set label 6 "paper" at screen px(280),py(ky) textcolor rgb paper
set label 7 "" at screen px(342),py(ky) point pt 12 ps diamond lw 1.3 lc rgb paper
set label 8 "paper, quoting others" at screen px(351),py(ky) textcolor rgb paper
set label 9 "" at screen px(513),py(ky) point pt 6 ps 0.7 lw 1.3 lc rgb ink
set arrow 9 from screen px(517),py(ky) to screen px(533),py(ky) head size screen 0.008,25 filled lw 1.3 lc rgb ink
set label 10 "no trial solved within this budget" at screen px(539),py(ky) textcolor rgb ink
set label 20 "paper" at screen px(262),py(top - 14) right textcolor rgb grey
set label 21 "success, %, 95 % interval" at screen px(364),py(top - 14) center textcolor rgb ink
set label 22 "training sequences, mean, 95 % interval" at screen px(668),py(top - 14) center textcolor rgb ink

set multiplot
# names, behind both panels the rows of LSTM
set border 0
unset xtics
set lmargin at screen px(10)
set rmargin at screen px(width - 8)
set xrange [10:width - 8]
plot tsv using (of("band", 10)):(column("y")):(10):(width - 8):(column("low")):(column("high")) with boxxyerror fillstyle solid noborder fillcolor rgb 0xEDEDED, \
	tsv using (of("group", 14)):(column("y")):(strcol("text")) with labels left font bold textcolor rgb ink, \
	for [p in "row band"] tsv using (of(p, 22)):(column("y")):(strcol("text")) with labels left textcolor rgb ink, \
	tsv using (of("paper_text", 262)):(column("y")):(strcol("text")) with labels right textcolor rgb grey, \
	for [r in readings] tsv using (at("count", r, r eq "closest" ? 496 : 459)):(column("y")):(strcol("text")) with labels right font small textcolor rgb colour(r)
unset label; unset arrow

# success
set border 1
set lmargin at screen px(284)
set rmargin at screen px(420)
set xrange [-4:104]
set xtics nomirror 0,50,100 font small
set grid xtics linetype 1 linecolor rgb faint linewidth 0.6
plot for [r in readings] tsv using (at("rate", r, column("low"))):(column("y")):(column("high") - column("low")):(0) with vectors nohead lw 1.8 lc rgb colour(r), \
	for [r in readings] tsv using (at("rate", r, column("x"))):(column("y")) with points pt 7 ps 0.65 lc rgb colour(r), \
	tsv using (of("paper_rate", column("x"))):(column("y")) with points pt 13 ps diamond lc rgb paper, \
	tsv using (of("quoted_rate", column("x"))):(column("y")) with points pt 12 ps diamond lw 1.3 lc rgb paper

# training sequences
low = L_min / 1.6; high = H_max * 2.2
set lmargin at screen px(512)
set rmargin at screen px(width - 14)
set logscale x
set xrange [low:high]
set xtics ()
do for [d = 0:9] { do for [m in multiples(low, high)] {
	v = m * 10.0**d
	if (v >= low && v <= high) { set xtics add (short_number(v) v) }
} }
plot for [r in readings] tsv using (at("mean", r, column("low"))):(column("y")):(column("high") - column("low")):(0) with vectors nohead lw 1.8 lc rgb colour(r), \
	for [p in "mean alone"] for [r in readings] tsv using (at(p, r, column("x"))):(column("y")) with points pt 7 ps 0.65 lc rgb colour(r), \
	for [r in readings] tsv using (at("none", r, column("x"))):(column("y")):(column("x") * ((high / low)**0.055 - 1)):(0) with vectors head size screen 0.008,25 filled lw 1.3 lc rgb colour(r), \
	for [r in readings] tsv using (at("none", r, column("x"))):(column("y")) with points pt 7 ps 0.65 lc rgb background_colour, \
	for [r in readings] tsv using (at("none", r, column("x"))):(column("y")) with points pt 6 ps 0.7 lw 1.3 lc rgb colour(r), \
	tsv using (of("paper_mean", column("x"))):(column("y")) with points pt 13 ps diamond lc rgb paper, \
	tsv using (of("quoted_mean", column("x"))):(column("y")) with points pt 12 ps diamond lw 1.3 lc rgb paper
unset multiplot
