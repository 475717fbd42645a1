# Full gradient: LSTM by the full and by the truncated gradient, success and every trial's sequences, with the tests of lstm97 compare.
title = "LSTM by the truncated and by the full gradient"
height = 960
load "plots/style.gp"
methods = "lstm full"
full = 0xD55E00
tint(m) = m eq "full" ? full : method_colour(m)
at_method(name, m, value) = strcol("method") eq m ? of(name, value) : NaN
stats tsv using (of("range", column("y"))) nooutput name "Y"
stats tsv using (of("range", column("low"))) nooutput name "L"
stats tsv using (of("range", column("high"))) nooutput name "H"
top = 100; bottom = height - 50
set tmargin at screen py(top)
set bmargin at screen py(bottom)
set yrange [Y_max:0.3]
unset ytics
p_of(name) = strcol("part") eq "p" ? sprintf("%.2g", column(name)) : ""

ky = 46
array shown[2] = ["truncated gradient", "full gradient"]
array at_x[2] = [24, 176]
do for [k = 1:2] {
	set label k "" at screen px(at_x[k]),py(ky) point pt 7 ps 0.7 lc rgb tint(word(methods, k))
	set label 2 + k shown[k] at screen px(at_x[k] + 9),py(ky) textcolor rgb tint(word(methods, k))
}
set label 5 "" at screen px(292),py(ky) point pt 6 ps 0.75 lw 1.2 lc rgb ink
set label 6 "not solved within this budget" at screen px(301),py(ky) textcolor rgb ink
set arrow 7 from screen px(512),py(ky - 8) to screen px(512),py(ky + 8) nohead lw 2.6 lc rgb ink
set label 8 "median, Kaplan-Meier (none: fewer than half solved)" at screen px(520),py(ky) font small textcolor rgb ink
set label 20 "success, %, 95 % interval" at screen px(262),py(top - 16) center textcolor rgb ink
set label 21 "training sequences of every trial" at screen px(540),py(top - 16) center textcolor rgb ink
set label 22 "p, Fisher" at screen px(754),py(top - 16) right textcolor rgb ink
set label 23 "log-rank" at screen px(width - 10),py(top - 16) right textcolor rgb ink

set multiplot
# names and p values
set border 0
unset xtics
set lmargin at screen px(10)
set rmargin at screen px(width - 10)
set xrange [10:width - 10]
plot tsv using (of("row", 14)):(column("y")):(strcol("text")) with labels left font bold textcolor rgb ink, \
	tsv using (of("row", 54)):(column("y")):(strcol("text2")) with labels left font small textcolor rgb ink, \
	tsv using (of("row", 10)):(column("y") + 0.5):(width - 20):(0) with vectors nohead lw 0.6 lc rgb faint, \
	tsv using (of("absent", 540)):(column("y")):(strcol("text")) with labels textcolor rgb grey, \
	tsv using (of("note", 690)):(column("y")):(strcol("text")) with labels right font small textcolor rgb grey, \
	for [m in methods] tsv using (at_method("count", m, 376)):(column("y")):(strcol("text")) with labels right font small textcolor rgb tint(m), \
	tsv using (of("p", 754)):(column("y")):(p_of("text")) with labels right font small textcolor rgb ink, \
	tsv using (of("p", width - 10)):(column("y")):(p_of("text2")) with labels right font small textcolor rgb ink
unset label; unset arrow

# success
set border 1
set lmargin at screen px(210)
set rmargin at screen px(330)
set xrange [-4:104]
set xtics nomirror 0,50,100 font small
set grid xtics linetype 1 linecolor rgb faint linewidth 0.6
plot for [m in methods] tsv using (at_method("rate", m, column("low"))):(column("y")):(column("high") - column("low")):(0) with vectors nohead lw 1.8 lc rgb tint(m), \
	for [m in methods] tsv using (at_method("rate", m, column("x"))):(column("y")) with points pt 7 ps 0.65 lc rgb tint(m)

# sequences
low = L_min / 1.5; high = H_max * 1.5
set lmargin at screen px(390)
set rmargin at screen px(690)
set logscale x
set xrange [low:high]
set xtics ()
do for [d = 0:9] { do for [m in multiples(low, high)] {
	v = m * 10.0**d
	if (v >= low && v <= high) { set xtics add (short_number(v) v) }
} }
plot for [m in methods] tsv using (at_method("trial", m, column("x"))):(column("y")) with points pt 7 ps 0.5 lc rgb tint(m) | 0x70000000, \
	for [m in methods] tsv using (at_method("cut", m, column("x"))):(column("y")) with points pt 6 ps 0.6 lw 1.1 lc rgb tint(m), \
	for [m in methods] tsv using (at_method("diverged", m, column("x"))):(column("y")) with points pt 2 ps 0.6 lw 1.3 lc rgb tint(m), \
	for [m in methods] tsv using (at_method("median", m, column("x"))):(column("y") - 0.19):(0):(0.38) with vectors nohead lw 2.6 lc rgb tint(m)
unset multiplot
