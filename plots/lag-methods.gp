# Lag and methods: success against lag for LSTM, and for conventional nets by RTRL and BPTT.
title = "Where each method stops learning: success against lag"
height = 634
load "plots/style.gp"
methods = "rtrl bptt lstm"
array names[5] = ["2c, distractors", "3a, two sequences", "4, adding", "5, multiplication", "6a, temporal order"]
in(panel, part, value) = column("panel") == panel && strcol("part") eq part ? value : NaN
for_method(panel, part, method, value) = strcol("method") eq method ? in(panel, part, value) : NaN
left(panel) = 62 + 260 * ((panel - 1) % 3)
top(panel) = 108 + 282 * ((panel - 1) / 3)

ky = 46
array shown[3] = ["LSTM", "RTRL, conventional net", "BPTT, conventional net"]
array place[3] = [24, 100, 296]
do for [k = 1:3] {
	m = word("lstm rtrl bptt", k)
	set label 2 * k "" at screen px(place[k]),py(ky) point pt method_point(m) ps method_size(m) lc rgb method_colour(m)
	set label 2 * k + 1 shown[k] at screen px(place[k] + 10),py(ky) textcolor rgb method_colour(m)
}
set label 8 "bars: 95 % intervals" at screen px(496),py(ky) textcolor rgb ink

x = left(6) - 10; y = top(6)
set label 10 "Solved: within the budget that all\ntrials of a panel were allowed.\n\nThe nets of a task have about as\nmany weights.\n\nRTRL and BPTT follow the same,\nexact gradient and differ only\nby rounding." at screen px(x),py(y + 14) textcolor rgb grey

set multiplot
set logscale x
do for [panel = 1:5] {
	set lmargin at screen px(left(panel))
	set rmargin at screen px(left(panel) + 226)
	set tmargin at screen py(top(panel))
	set bmargin at screen py(top(panel) + 176)
	set xrange [1.6:125]
	set yrange [-5:105]
	set xtics ("2" 2, "5" 5, "10" 10, "20" 20, "50" 50, "100" 100)
	set ytics 0,25,100 format (panel % 3 == 1 ? "%h" : "")
	set grid ytics linetype 1 linecolor rgb faint linewidth 0.6
	if (panel % 3 == 1) { set ylabel "success, %" offset 0.5,0 textcolor rgb ink } else { unset ylabel }
	set xlabel "shortest lag, steps" offset 0,0.3 textcolor rgb ink
	set label 20 names[panel] at graph 0,1.17 left textcolor rgb ink
	plot for [m in methods] tsv using (for_method(panel, "rate", m, column("x"))):(column("y")) with lines lw 1.1 lc rgb method_colour(m) | 0x80000000, \
		for [m in methods] tsv using (for_method(panel, "rate", m, column("x"))):(column("low")):(0):(column("high") - column("low")) with vectors nohead lw 1.8 lc rgb method_colour(m), \
		for [m in methods] tsv using (for_method(panel, "rate", m, column("x"))):(column("y")) with points pt method_point(m) ps method_size(m) lc rgb method_colour(m), \
		tsv using (in(panel, "budget", 1.6)):(105):("budget ".strcol("text")." sequences") with labels left offset 0,0.6 font small textcolor rgb grey, \
		tsv using (in(panel, "empty", 14)):(62):(strcol("text")) with labels textcolor rgb grey
	unset label
}
unset multiplot
