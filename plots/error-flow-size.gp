# Error flow and size: the factor of one step back in conventional nets against their number of units (sections 3.1, A.2).
# Data: lstm97 errorflow, medians and ranges over seeds.
title = "More units or larger weights: from vanishing to exploding error"
height = 430
load "plots/style.gp"
set label 901 "Factor by which an error is scaled per step back (from 10 to 93 steps): median and range of 8 random nets; dashed: the paper's bound" at screen px(14),py(42) font small textcolor rgb grey

inits = "0.5 1 2 4"
aside(i) = 2 ** (0.07 * (i - 2.5)) # bars of the four ranges side by side
lifted(i, k) = word(k == 1 ? "0.85 0.9 1.03 1.26" : "0.65 0.78 0.95 1.2", i) + 0 # labels apart
pick(part, kind, init, value) = strcol("part") eq part && strcol("activation") eq kind && strcol("init") eq init ? value : NaN

set logscale x 2
set logscale y
set xrange [1.6:120]
set yrange [0.005:400]
set xtics (2, 4, 8, 16, 32, 64)
set grid ytics linetype 1 linecolor rgb faint linewidth 0.6
set tmargin at screen py(84)
set bmargin at screen py(height - 52)
set xlabel "hidden units" offset 0,0.3 textcolor rgb ink
left(k) = 70 + 384 * (k - 1)

set multiplot
do for [k = 1:2] {
	kind = k == 1 ? "logistic" : "tanh"
	set lmargin at screen px(left(k)); set rmargin at screen px(left(k) + 350)
	if (k == 1) { set ylabel "factor per step" offset 0.5,0 textcolor rgb ink; set ytics ("0.01" 0.01, "0.1" 0.1, "1" 1, "10" 10, "100" 100) }
	if (k == 2) { unset ylabel; set ytics ("" 0.01, "" 0.1, "" 1, "" 10, "" 100) }
	set arrow 1 from 1.6,1 to 120,1 nohead lw 1 lc rgb grey
	set label 20 kind." units" at graph 0.5,1.05 center textcolor rgb ink
	plot for [i = 1:4] tsv using (pick("bound", kind, word(inits, i), column("units"))):(column("median")) with lines lw 1.2 dt 2 lc rgb shade(i, k), \
		for [i = 1:4] tsv using (pick("factor", kind, word(inits, i), column("units") * aside(i))):(column("median")):(column("low")):(column("high")) with yerrorbars pt 7 ps 0.6 lw 1.4 lc rgb shade(i, k), \
		for [i = 1:4] tsv using (pick("factor", kind, word(inits, i), column("units") * aside(i))):(column("median")) with lines lw 2 lc rgb shade(i, k), \
		for [i = 1:4] tsv using (pick("factor", kind, word(inits, i), column("units") == 64 ? 74 : NaN)):(column("median") * lifted(i, k)):(sprintf("± %s", word(inits, i))) with labels left font small textcolor rgb dark(i, k)
}
unset multiplot
