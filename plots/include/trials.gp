# trials.gp: training sequences to success: every trial a dot, mean with interval, the paper's mean, per row, stop and reading.
# In: title, height, and what style.gp wants; the data is made by figure_line in prelude.sql.
load "plots/style.gp"

stats tsv using (of("range", column("low"))) nooutput name "L"
stats tsv using (of("range", column("high"))) nooutput name "H"
stats tsv using (of("range", column("x"))) nooutput name "X"
stats tsv using (of("range", column("y"))) nooutput name "CLOSEST"
stats tsv using (of("range", strlen(strcol("text")))) nooutput name "STOPS"
room = (H_max / L_min)**0.3 # above the marks, for counts
low = L_min / 1.6; high = H_max * (room > 3.5 ? room : 3.5)

set lmargin at screen px(82)
set rmargin at screen px(width - 12)
set tmargin at screen py(100)
set bmargin at screen py(height - (STOPS_max > 0 ? 52 : 40))
set xrange [0.3:X_max + 0.2]
set logscale y
set yrange [low:high]
set ytics ()
do for [d = 0:9] {
	do for [m in multiples(low, high)] {
		v = m * 10.0**d
		if (v >= low && v <= high) { set ytics add (number(v) v) }
	}
}
set grid ytics linetype 1 linecolor rgb faint linewidth 0.6
set ylabel "training sequences to success" offset 0.5,0 textcolor rgb ink
unset xtics # labels instead: gnuplot's tics from a file cannot skip lines
below = STOPS_max > 0 ? -1.2 : -0.9
set label 901 (STOPS_max > 0 ? "stop\npaper" : "paper") at screen px(14),first low offset 0,below font small textcolor rgb grey

# what the marks mean
ky = 46
set label 1 "" at screen px(24),py(ky) point pt 7 ps 0.7 lc rgb literal
set label 2 "literal reading" at screen px(33),py(ky) textcolor rgb literal
if (CLOSEST_max > 0) {
	set label 3 "" at screen px(150),py(ky) point pt 7 ps 0.7 lc rgb closest
	set label 4 "closest reading" at screen px(159),py(ky) textcolor rgb closest
}
set arrow 5 from screen px(286),py(ky - 8) to screen px(286),py(ky + 8) nohead lw 2.2 lc rgb ink
set arrow 6 from screen px(279),py(ky) to screen px(293),py(ky) nohead lw 2.2 lc rgb ink
set label 7 "mean, 95 % interval" at screen px(299),py(ky) textcolor rgb ink
set arrow 8 from screen px(446),py(ky) to screen px(468),py(ky) nohead lw 3 lc rgb paper
set label 9 "paper's mean" at screen px(474),py(ky) textcolor rgb paper
set label 10 "" at screen px(578),py(ky) point pt 6 ps 0.8 lc rgb ink
set label 11 "not solved within budget" at screen px(586),py(ky) textcolor rgb ink
set label 12 "" at screen px(758),py(ky) point pt 2 ps 0.6 lc rgb ink
set label 13 "diverged" at screen px(766),py(ky) textcolor rgb ink

# height in the plot, 0 below to 1 above
level(f) = low * (high / low)**f
readings = "literal closest"
narrow = X_max > 21 # so many places that titles and counts would touch (2c)
plot tsv using (of("row", column("x"))):(high):(strcol("text")."\n".strcol("text2")) with labels font (narrow ? tiny : small) offset 0,1.3 textcolor rgb ink, \
	tsv using (of("stop", column("x"))):(low):(STOPS_max > 0 ? strcol("text")."\n".strcol("text2") : strcol("text2")) with labels font small offset 0,below textcolor rgb ink, \
	tsv using (of("paper", column("low"))):(column("y")):(column("high") - column("low")):(0) with vectors nohead lw 3 lc rgb paper, \
	for [r in readings] tsv using (at("trial", r, column("x"))):(column("y")) with points pt 7 ps 0.65 lc rgb colour(r) | 0x70000000, \
	for [r in readings] tsv using (at("cut", r, column("x"))):(column("y")) with points pt 6 ps 0.75 lw (narrow ? 0.7 : 1.2) lc rgb colour(r), \
	for [r in readings] tsv using (at("diverged", r, column("x"))):(column("y")) with points pt 2 ps 0.6 lw 1.5 lc rgb colour(r), \
	for [r in readings] tsv using (at("mean", r, column("x") - 0.3)):(column("y")):(0.6):(0) with vectors nohead lw 2.2 lc rgb colour(r), \
	for [r in readings] tsv using (at("mean", r, column("x"))):(column("low")):(0):(column("high") - column("low")) with vectors nohead lw 2.2 lc rgb colour(r), \
	for [r in readings] tsv using (at("count", r, column("x"))):(level(0.95)):(strcol("text")) with labels font (narrow ? small : "") textcolor rgb colour(r), \
	for [r in readings] tsv using (at("empty", r, column("x"))):(level(0.91)):("no\ndata\nyet") with labels font small textcolor rgb colour(r)
