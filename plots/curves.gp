# Learning curves: training error against training sequences, one row of each family.
title = "Training error against training sequences, every trial"
height = 900
load "plots/style.gp"
readings = "literal closest"
columns = 3
in(panel, part, value) = column("panel") == panel && strcol("part") eq part ? value : NaN
for_reading(panel, part, reading, value) = strcol("reading") eq reading ? in(panel, part, value) : NaN
left(panel) = 62 + 260 * ((panel - 1) % columns)
top(panel) = 92 + 207 * ((panel - 1) / columns)

ky = 46
set label 1 "literal reading" at screen px(33),py(ky) textcolor rgb literal
set label 2 "closest reading" at screen px(171),py(ky) textcolor rgb closest
set arrow 1 from screen px(14),py(ky) to screen px(30),py(ky) nohead lw 1.5 lc rgb literal
set arrow 2 from screen px(152),py(ky) to screen px(168),py(ky) nohead lw 1.5 lc rgb closest
set label 3 "" at screen px(296),py(ky) point pt 7 ps 0.7 lc rgb ink
set label 4 "solved, at this number of sequences" at screen px(305),py(ky) textcolor rgb ink
set label 5 "up: mean absolute error" at screen px(width - 14),py(ky) right textcolor rgb grey

set multiplot
do for [panel = 1:12] {
	unset logscale; set xrange [*:*]; set yrange [*:*] # stats looks only within them
	stats tsv using (in(panel, "range", column("x"))) nooutput name "X"
	stats tsv using (in(panel, "range", column("y"))) nooutput name "L"
	stats tsv using (in(panel, "top", column("y"))) nooutput name "H"
	low = L_min / 2; high = H_max * 1.6
	set logscale xy
	set lmargin at screen px(left(panel))
	set rmargin at screen px(left(panel) + 214)
	set tmargin at screen py(top(panel))
	set bmargin at screen py(top(panel) + 146)
	set xrange [100:X_max * 1.4]
	set yrange [low:high]
	set grid xtics ytics linetype 1 linecolor rgb faint linewidth 0.5
	set xtics (); set ytics ()
	do for [d = 2:7] { if (10.0**d <= X_max * 1.4) { set xtics add (short_number(10.0**d) 10.0**d) } }
	do for [d = -4:1] { do for [m in (decades(low, high) < 2.2 ? "1 2 5" : "1")] {
		v = m * 10.0**d
		if (v >= low && v <= high) { set ytics add (sprintf("%g", v) v) }
	} }
	plot for [r in readings] tsv using (for_reading(panel, "line", r, column("x"))):(column("y")) with lines lw 0.7 lc rgb colour(r) | 0x80000000, \
		for [r in readings] tsv using (for_reading(panel, "solved", r, column("x"))):(low * 1.25) with points pt 7 ps 0.55 lc rgb colour(r), \
		tsv using (in(panel, "title", 101)):(high * 0.999):(strcol("text")) with labels left offset 0,0.8 textcolor rgb ink, \
		tsv using (in(panel, "empty", sqrt(100 * X_max))):(sqrt(low * high)):(strcol("text")) with labels textcolor rgb grey
	unset label; unset arrow
}
unset multiplot
