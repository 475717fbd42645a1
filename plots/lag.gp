# Lag: success and training sequences against lag, ours beside the paper's.
title = "Success and training sequences against lag"
height = 560
load "plots/style.gp"
readings = "literal closest"
# values of one part and panel
in(panel, part, value) = column("panel") == panel && strcol("part") eq part ? value : NaN
for_reading(panel, part, reading, value) = strcol("reading") eq reading ? in(panel, part, value) : NaN

array names[3] = ["2c, q = p (Table 3)", "2c, q = 1000 (Table 3)", "4, adding (Table 7)"]
array axes_[3] = ["lag q = number of distractors p", "number of distractors p", "length T (shortest lag T/2)"]
left(panel) = 76 + 257 * (panel - 1)
right(panel) = left(panel) + 224

ky = 46
set label 1 "" at screen px(24),py(ky) point pt 7 ps 0.7 lc rgb literal
set label 2 "literal reading" at screen px(33),py(ky) textcolor rgb literal
set label 3 "" at screen px(150),py(ky) point pt 7 ps 0.7 lc rgb closest
set label 4 "closest reading" at screen px(159),py(ky) textcolor rgb closest
set label 5 "" at screen px(284),py(ky) point pt 13 ps 1.1 * diamond lc rgb paper
set label 6 "paper" at screen px(293),py(ky) textcolor rgb paper
set label 7 "" at screen px(360),py(ky) point pt 8 ps 0.9 lc rgb ink
set label 8 "no trial solved: at least this budget" at screen px(369),py(ky) textcolor rgb ink
set label 9 "bars: 95 % intervals" at screen px(620),py(ky) textcolor rgb ink

set multiplot
do for [panel = 1:3] {
	unset logscale; set xrange [*:*]; set yrange [*:*] # stats looks only within them
	stats tsv using (in(panel, "range", column("low"))) nooutput name "L"
	stats tsv using (in(panel, "range", column("high"))) nooutput name "H"
	set logscale x
	set lmargin at screen px(left(panel))
	set rmargin at screen px(right(panel))
	set grid ytics linetype 1 linecolor rgb faint linewidth 0.6
	set xrange [panel == 3 ? 75 : 38 : 1330]
	unset xlabel
	if (panel == 3) { set xtics ("100" 100, "500" 500, "1000" 1000) } else { set xtics ("50" 50, "100" 100, "200" 200, "500" 500, "1000" 1000) }

	# success
	unset logscale y
	set tmargin at screen py(96)
	set bmargin at screen py(236)
	set yrange [-6:106]
	if (panel == 1) { set ytics 0,25,100 format "%h"; set ylabel "success, %" } else { set ytics 0,25,100 format ""; unset ylabel }
	set label 20 names[panel] at graph 0.5,1.1 center textcolor rgb ink
	plot tsv using (in(panel, "rate_paper", column("x"))):(column("y")) with points pt 13 ps 1.2 * diamond lc rgb paper, \
		for [r in readings] tsv using (for_reading(panel, "rate", r, column("x"))):(column("low")):(0):(column("high") - column("low")) with vectors nohead lw 1.8 lc rgb colour(r), \
		for [r in readings] tsv using (for_reading(panel, "rate", r, column("x"))):(column("y")) with points pt 7 ps 0.75 lc rgb colour(r), \
		tsv using (in(panel, "empty", 300)):(50):(strcol("text")) with labels textcolor rgb grey
	unset label

	# sequences
	low = L_min / 1.5; high = H_max * 1.5
	set logscale y
	set tmargin at screen py(262)
	set bmargin at screen py(height - 64)
	set yrange [low:high]
	set ytics () format "%h"
	do for [d = 0:9] { do for [m in multiples(low, high)] {
		v = m * 10.0**d
		if (v >= low && v <= high) { set ytics add (short_number(v) v) }
	} }
	if (panel == 1) { set ylabel "training sequences" } else { unset ylabel }
	set xlabel axes_[panel] offset 0,0.2 textcolor rgb ink
	plot tsv using (in(panel, "paper", column("x"))):(column("y")) with points pt 13 ps 1.2 * diamond lc rgb paper, \
		for [r in readings] tsv using (for_reading(panel, "ours", r, column("x"))):(column("low")):(0):(column("high") - column("low")) with vectors nohead lw 1.8 lc rgb colour(r), \
		for [r in readings] tsv using (for_reading(panel, "ours", r, column("x"))):(column("y")) with points pt 7 ps 0.75 lc rgb colour(r), \
		for [r in readings] tsv using (for_reading(panel, "cut", r, column("x"))):(column("y")) with points pt 8 ps 0.9 lw 1.3 lc rgb colour(r)
}
unset multiplot
