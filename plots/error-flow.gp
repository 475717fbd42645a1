# Error flow: the factor by which an error is scaled on its way back over q steps (sections 3.1, 3.2, A.2). Data: lstm97 errorflow.
title = "How far back does error flow?"
height = 430
load "plots/style.gp"
set label 901 "Mean factor over units, end points and 8 sequences, against the steps q that the error has gone back" at screen px(14),py(42) font small textcolor rgb grey

flow(net, when, gradient, value) = strcol("net") eq net && strcol("when") eq when && strcol("gradient") eq gradient && value > 0 ? value : NaN
inits = "0.5 1 2 4"

set logscale xy
set xrange [1:1400]
set yrange [1e-12:1e6]
set xtics ("1" 1, "10" 10, "100" 100, "1000" 1000)
set ytics ("10^{-12}" 1e-12, "10^{-9}" 1e-9, "10^{-6}" 1e-6, "0.001" 1e-3, "1" 1, "1000" 1e3, "10^{6}" 1e6)
set grid ytics linetype 1 linecolor rgb faint linewidth 0.6
set tmargin at screen py(84)
set bmargin at screen py(height - 52)
set xlabel "steps back q" offset 0,0.3 textcolor rgb ink
left(k) = 70 + 254 * (k - 1)

set multiplot
do for [k = 1:2] {
	kind = k == 1 ? "logistic" : "tanh"
	set lmargin at screen px(left(k)); set rmargin at screen px(left(k) + 226)
	if (k == 1) { set ylabel "factor" offset 0.5,0 textcolor rgb ink } else { unset ylabel; set ytics ("" 1e-12, "" 1e-9, "" 1e-6, "" 1e-3, "" 1, "" 1e3, "" 1e6) }
	set label 20 "8 ".kind." units".(k == 2 ? ", and others" : "") at graph 0.5,1.05 center textcolor rgb ink
	set label 21 "weights ± a" at graph 0.03,0.05 font small textcolor rgb grey
	do for [i = 1:4] { set label 30+i "a = ".word(inits, i) at graph 0.03,0.05 + 0.06 * (5 - i) font small textcolor rgb shade(i, k) }
	if (k == 1) { set label 35 "bound, a = 0.5" at 5,30 font small textcolor rgb grey }
	if (k == 2) { set label 36 "ReLU, from the identity" at 1.3,2e5 font small textcolor rgb rtrl; set label 37 "linear, self-connection 1" at 1.3,1.5e4 font small textcolor rgb lstm }
	plot for [i = 1:4] tsv using (column("q")):(flow(kind." ".word(inits, i), "before", "full", column("unit_mean"))) with lines lw 2 lc rgb shade(i, k), \
		tsv using (column("q")):(k == 1 ? flow(kind." 0.5", "before", "full", column("bound")) : NaN) with lines lw 1.2 dt 2 lc rgb grey, \
		tsv using (column("q")):(k == 2 ? flow("irnn", "before", "full", column("unit_mean")) : NaN) with lines lw 2 lc rgb rtrl, \
		tsv using (column("q")):(k == 2 ? flow("cec", "before", "full", column("state_mean")) : NaN) with lines lw 2 lc rgb lstm
	unset label 36; unset label 37
	do for [i = 1:5] { unset label 30+i }
	unset label 20; unset label 21
}
set lmargin at screen px(left(3)); set rmargin at screen px(left(3) + 226)
set label 20 "LSTM of experiment 4" at graph 0.5,1.05 center textcolor rgb ink
set label 21 "state to state: the carrousel" at graph 0.04,0.72 font small textcolor rgb lstm
set label 22 "gate to gate, full gradient," at graph 0.06,0.35 font small textcolor rgb bptt
set label 23 "untrained (thin) and trained" at graph 0.06,0.30 font small textcolor rgb bptt
set label 24 "(the truncated one is 0 there," at graph 0.06,0.21 font small textcolor rgb grey
set label 25 "and exactly 1 in the states)" at graph 0.06,0.16 font small textcolor rgb grey
plot tsv using (column("q")):(flow("lstm", "after", "truncated", column("state_mean"))) with lines lw 4 lc rgb lstm, \
	tsv using (column("q")):(flow("lstm", "after", "full", column("state_mean"))) with lines lw 1.4 lc rgb bptt, \
	tsv using (column("q")):(flow("lstm", "before", "full", column("unit_mean"))) with lines lw 1 lc rgb bptt, \
	tsv using (column("q")):(flow("lstm", "after", "full", column("unit_mean"))) with lines lw 2.4 lc rgb bptt
unset multiplot
