# Survival: how many trials have solved delayed XOR and its controls after so many sequences, by Kaplan and Meier.
title = "Delayed XOR and its controls: how many have solved it after so many sequences"
height = 660
load "plots/style.gp"
methods = "bptt full lstm"
full = 0xD55E00
tint(m) = m eq "full" ? full : method_colour(m)
array names[5] = ["first bit", "AND", "OR", "XOR, weights ±2", "XOR"]
array lags[3] = ["lag 10", "lag 50", "lag 200"]
in(k, place, part, value) = column("column") == k && column("row") == place && strcol("part") eq part ? value : NaN
for_method(k, place, part, m, value) = strcol("method") eq m ? in(k, place, part, value) : NaN
left(k) = 92 + 148 * (k - 1)
top(place) = 116 + 172 * (place - 1)

ky = 46
array shown[3] = ["LSTM, truncated gradient", "LSTM, full gradient", "conventional net, BPTT"]
array at_x[3] = [16, 216, 384]
do for [k = 1:3] {
	m = word("lstm full bptt", k)
	set arrow k from screen px(at_x[k]),py(ky) to screen px(at_x[k] + 16),py(ky) nohead lw 2 lc rgb tint(m)
	set label 2 * k shown[k] at screen px(at_x[k] + 22),py(ky) textcolor rgb tint(m)
}
set label 8 "" at screen px(590),py(ky) point pt 1 ps 0.9 lw 1.4 lc rgb ink
set label 9 "unsolved trials end (censored)" at screen px(600),py(ky) textcolor rgb ink
set label 10 "Kaplan-Meier estimates; in the panels: solved of all trials" at screen px(14),py(ky + 22) font small textcolor rgb grey

high = 330000 # or more, where budgets are larger
undefine ALL_*
stats tsv using (strcol("part") eq "step" ? column("x") : NaN) nooutput name "ALL"
if (exists("ALL_max")) { high = 1.3 * ALL_max > high ? 1.3 * ALL_max : high }

set multiplot
set logscale x
do for [place = 1:3] { do for [k = 1:5] {
	set lmargin at screen px(left(k)); set rmargin at screen px(left(k) + 134)
	set tmargin at screen py(top(place)); set bmargin at screen py(top(place) + 132)
	set xrange [1500:high]
	set yrange [-5:108]
	set xtics (place == 3 ? "3k" : "" 3000, place == 3 ? "10k" : "" 10000, place == 3 ? "30k" : "" 30000, place == 3 ? "100k" : "" 100000) font small
	set ytics 0,25,100 format (k == 1 ? "%h" : "") font small
	set grid ytics linetype 1 linecolor rgb faint linewidth 0.6
	if (k == 1) {
		set ylabel "solved, %" offset 1.5,0 textcolor rgb ink
		set label 21 lags[place] at screen px(14),py(top(place) - 10) left font bold textcolor rgb ink
	} else { unset ylabel }
	if (place == 3 && k == 3) { set xlabel "training sequences" offset 0,0.3 textcolor rgb ink } else { unset xlabel }
	if (place == 1) { set label 20 names[k] at graph 0.5,1.1 center textcolor rgb ink }
	plot for [m in methods] tsv using (for_method(k, place, "step", m, column("x") < 1500 ? 1500 : column("x"))):(column("y")) with steps lw (m eq "bptt" ? 1.2 : 2) lc rgb tint(m), \
		for [m in methods] tsv using (for_method(k, place, "censored", m, column("x"))):(column("y")) with points pt 1 ps 0.9 lw 1.4 lc rgb tint(m), \
		for [i = 1:3] tsv using (for_method(k, place, "count", word("lstm full bptt", i), 1800)):(113 - 15 * i):(strcol("text")) with labels left font small textcolor rgb tint(word("lstm full bptt", i)), \
		tsv using (in(k, place, "empty", 22000)):(50):(strcol("text")) with labels textcolor rgb grey
	unset label; unset arrow
} }
unset multiplot
