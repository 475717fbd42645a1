# Cost: time of a training step against the number of hidden units, for RTRL, BPTT and LSTM; from bench/results.tsv.
title = "Cost of a training step against the size of the net"
height = 440
load "plots/style.gp"
methods = "rtrl lstm bptt"
named(method) = method eq "rtrl" ? "RTRL, conventional net" : method eq "bptt" ? "BPTT, conventional net" : "LSTM, truncated rule"
stats tsv using (of("low", column("x"))) nooutput name "XL"
stats tsv using (of("high", column("x"))) nooutput name "XH"
stats tsv using (of("low", column("y"))) nooutput name "YL"
stats tsv using (of("high", column("y"))) nooutput name "YH"
low = YL_min; high = YH_max
set lmargin at screen px(82)
set rmargin at screen px(width - 196)
set tmargin at screen py(64)
set bmargin at screen py(height - 66)
set logscale xy
set xrange [XL_min:XH_max]
set yrange [low:high]
set ytics ()
do for [d = 0:9] { do for [m in multiples(low, high)] {
	v = m * 10.0**d
	if (v >= low && v <= high) { set ytics add (number(v) v) }
} }
set xtics ("2" 2, "4" 4, "8" 8, "16" 16, "32" 32, "64" 64, "128" 128)
set grid ytics linetype 1 linecolor rgb faint linewidth 0.6
set ylabel "ns per step of a trial" offset 0.5,0 textcolor rgb ink
set label 1 "hidden units" at screen px(width - 186),py(height - 52) left textcolor rgb ink
set label 2 "weights" at screen px(width - 186),py(height - 32) left textcolor rgb grey
plot for [g in "guide2 guide4"] tsv using (of(g, column("x"))):(column("y")) with lines lw 1 dashtype 2 lc rgb grey, \
	tsv using (of("guide4", column("x"))):(column("y")):(column("x") < XH_max / 2 ? "∝ n⁴" : "") with labels right offset -0.6,0 textcolor rgb grey, \
	tsv using (of("guide2", column("x"))):(column("y")):(column("x") < XH_max / 2 ? "∝ n²" : "") with labels right offset -0.6,0 textcolor rgb grey, \
	for [m in methods] tsv using (of(m, column("x"))):(column("y")) with lines lw 1.6 lc rgb method_colour(m), \
	for [m in methods] tsv using (of(m, column("x"))):(column("y")) with points pt method_point(m) ps 1.3 * method_size(m) lc rgb method_colour(m), \
	for [m in methods] tsv using (of("label", strcol("text") eq m ? column("x") : NaN)):(column("y")):(named(m)) with labels left offset 1.4,0 textcolor rgb method_colour(m), \
	tsv using (of("weights", column("x"))):(low):(strcol("text")) with labels offset 0,-2.4 font small textcolor rgb grey, \
	tsv using (of("empty", column("x"))):(column("y")):(strcol("text")) with labels textcolor rgb grey
