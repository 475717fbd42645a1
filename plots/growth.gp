# Growth: sequences to success of LSTM (truncated gradient) against lag, every task that has been swept, with the law that
# fits better. Data: lstm97 growth --tsv.
title = "How sequences to success grow with the lag"
height = 846
load "plots/style.gp"
array names[9] = ["2a, noise-free (closest)", "2b, no regularities (closest)", "2c, distractors (closest)", "3a, two sequences", \
	"4, adding (closest of T = 500)", "6a, temporal order", "first bit of delayed XOR", "AND", "OR"]
# the sweeps of results.mk that are shown
array rows[9] = ["2a", "2b", "2c-9", "3a-1", "4-2", "6a", "xor", "xor", "xor"]
array sets[9] = ["reading=closest", "reading=closest", "reading=closest", "", "reading=closest", "", "function=first", "function=and", "function=or"]
left(panel) = 68 + 258 * ((panel - 1) % 3)
top(panel) = 116 + 236 * ((panel - 1) / 3)

# values of one panel's lines
in(panel, part, value) = strcol("experiment") eq rows[panel] && strcol("conditions") eq sets[panel] && strcol("part") eq part ? value : NaN
fitted(panel, value) = column("lags") == 1 ? in(panel, "lag", value) : NaN
out(panel, value) = column("lags") == 0 ? in(panel, "lag", value) : NaN
# what is said of a law, on the law's line
is_better(law) = strcol("verdict") eq (law eq "power" ? "power law" : law)
formula(law) = law eq "power" ? sprintf("lag^{%.2f} (%.2f to %.2f)", column("value"), column("low"), column("high")) : \
	sprintf("e^{%.3g lag} (%.3g to %.3g)", column("value"), column("low"), column("high"))
better(law) = is_better(law) ? sprintf("∝ %s", formula(law)) : strcol("verdict") eq "neither clearly" ? sprintf("∝ %s?", formula(law)) : ""
brief(law) = sprintf(law eq "power" ? "lag^{%.2f}" : "e^{%.3g lag}", column("value"))
worse(law) = strcol("verdict") eq "neither clearly" || is_better(law) || strcol("verdict") eq "too few lags" ? "" : \
	sprintf("worse: %s, ΔAIC %.0f", brief(law), abs(column("delta_aic")))
few(panel) = strcol("verdict") eq "too few lags" ? in(panel, "power", 1) : NaN

ky = 46
set label 1 "" at screen px(24),py(ky) point pt 7 ps 0.8 lc rgb lstm
set label 2 "geometric mean of the solved trials, 95 % interval" at screen px(34),py(ky) textcolor rgb lstm
set label 3 "" at screen px(400),py(ky) point pt 6 ps 0.9 lw 1.3 lc rgb grey
set label 4 "fewer than half solved: not in the fit" at screen px(410),py(ky) textcolor rgb grey
set label 7 "" at screen px(656),py(ky) point pt 8 ps 0.9 lw 1.3 lc rgb grey
set label 8 "none solved: the budget" at screen px(666),py(ky) textcolor rgb grey
set arrow 5 from screen px(16),py(ky + 22) to screen px(32),py(ky + 22) nohead lw 2 lc rgb ink
set label 5 "law that fits better" at screen px(40),py(ky + 22) textcolor rgb ink
set arrow 6 from screen px(180),py(ky + 22) to screen px(196),py(ky + 22) nohead lw 1 dt 2 lc rgb grey
set label 6 "the other; or either, where neither is clearly better" at screen px(204),py(ky + 22) textcolor rgb grey

low = 1000; high = 400000 # or more, where there are more
do for [panel = 1:9] {
	undefine ALL_*
	stats tsv using (in(panel, "lag", column("value"))) nooutput name "ALL"
	if (exists("ALL_max")) { high = ALL_max * 2.4 > high ? ALL_max * 2.4 : high }
}
curve(x, panel, law) = x < first || x > last ? NaN : law eq "power" ? exp(a + b * log(x)) : exp(a + b * x)
set samples 400

set multiplot
do for [panel = 1:9] {
	# the laws: solid, if better
	array as[2]; array bs[2]; array firsts[2]; array lasts[2]; array solid[2]
	laws = "power exponential"
	unset logscale; set xrange [*:*]; set yrange [*:*] # stats looks only within them
	do for [k = 1:2] {
		law = word(laws, k)
		undefine F_* A_* L_* H_* V_*
		stats tsv using (in(panel, law, column("value"))) nooutput name "F"
		firsts[k] = 1; lasts[k] = 0; as[k] = 0; bs[k] = 0; solid[k] = 0
		if (exists("F_max")) {
			bs[k] = F_max
			stats tsv using (in(panel, law, column("a"))) nooutput name "A"
			stats tsv using (in(panel, law, column("lag_first"))) nooutput name "L"
			stats tsv using (in(panel, law, column("lag_last"))) nooutput name "H"
			stats tsv using (in(panel, law, is_better(law))) nooutput name "V"
			as[k] = A_max; firsts[k] = L_max; lasts[k] = H_max; solid[k] = V_max
		}
	}
	undefine N_*
	stats tsv using (in(panel, "lag", column("trials"))) nooutput name "N"

	set logscale xy
	set xrange [1.6:2600]
	set yrange [low:high]
	set lmargin at screen px(left(panel)); set rmargin at screen px(left(panel) + 226)
	set tmargin at screen py(top(panel)); set bmargin at screen py(top(panel) + 178)
	set xtics ("2" 2, "5" 5, "10" 10, "20" 20, "50" 50, "100" 100, "500" 500, "2000" 2000) font small
	set ytics ()
	do for [d = 0:9] { do for [m in "1 2 5"] {
		v = m * 10.0**d
		if (v >= low && v <= high) { if (panel % 3 == 1) { set ytics add (short_number(v) v) } else { set ytics add ("" v) } }
	} }
	set grid ytics linetype 1 linecolor rgb faint linewidth 0.6
	if (panel % 3 == 1) { set ylabel "sequences to success" offset 0.5,0 textcolor rgb ink } else { unset ylabel }
	if (panel > 6) { set xlabel "shortest lag, steps" offset 0,0.3 textcolor rgb ink } else { unset xlabel }
	set label 20 names[panel] at graph 0,1.06 left textcolor rgb ink
	if (!exists("N_max")) { set label 21 "no data yet" at graph 0.5,0.5 center textcolor rgb grey }
	array part_of[2] = ["power", "exponential"]
	plot for [k = 1:2] (first = firsts[k], last = lasts[k], a = as[k], b = bs[k], solid[k] > 0 ? NaN : curve(x, panel, part_of[k])) with lines lw 1 dt 2 lc rgb grey, \
		for [k = 1:2] (first = firsts[k], last = lasts[k], a = as[k], b = bs[k], solid[k] > 0 ? curve(x, panel, part_of[k]) : NaN) with lines lw 2 lc rgb ink, \
		tsv using (fitted(panel, column("lag_first"))):(column("low")):(0):(column("high") - column("low")) with vectors nohead lw 1.8 lc rgb lstm, \
		tsv using (fitted(panel, column("lag_first"))):(column("value")) with points pt 7 ps 0.8 lc rgb lstm, \
		tsv using (out(panel, column("lag_first"))):(column("value")) with points pt 6 ps 0.9 lw 1.3 lc rgb grey, \
		tsv using (out(panel, column("lag_first"))):(column("solved") > 0 ? column("value") : NaN):(sprintf("%d/%d", column("solved"), column("trials"))) with labels left offset 0.8,0 font small textcolor rgb grey, \
		tsv using (out(panel, column("lag_first"))):(column("solved") > 0 ? NaN : column("budget")) with points pt 8 ps 0.9 lw 1.3 lc rgb grey, \
		for [k = 1:2] tsv using (in(panel, part_of[k], 1500)):(low * (high / low)**(strcol("verdict") eq "neither clearly" ? 0.24 - 0.08 * k : 0.15)):(better(part_of[k])) with labels right font small textcolor rgb ink, \
		for [k = 1:2] tsv using (in(panel, part_of[k], 1500)):(low * (high / low)**0.065):(worse(part_of[k])) with labels right font small textcolor rgb grey, \
		tsv using (few(panel) * 1500):(low * (high / low)**0.065):("too few lags with half solved: no fit") with labels right font small textcolor rgb grey
	unset label; unset arrow
}
unset multiplot
