# Share: how much of the gradient comes from errors that have gone back more than q steps. Data: lstm97 errorflow share, 8 seeds.
title = "How much of the gradient comes from far back?"
height = 470
load "plots/style.gp"
set label 901 "Norm of the part of dE/dw from errors that have gone back more than q steps, over that of the whole; median of 8 seeds, pale: their range" at screen px(14),py(42) font small textcolor rgb grey
array names[3] = ["3a, T = 11", "4, T = 100", "2c, q = 50"]
array rows[3] = ["3a", "4", "2c"]
array lag[3] = [10, 50, 51]
logistic = 0x0072B2
tint(kind) = kind eq "lstm" ? lstm : kind eq "rnn" ? bptt : logistic
in(panel, kind, when, gradient, value) = strcol("net") eq rows[panel]."-".kind && strcol("when") eq when && strcol("gradient") eq gradient && value > 1e-300 ? value : NaN
at_least(value) = value > 1e-16 ? value : 1e-16
kinds = "logistic rnn lstm"

array shown[3] = ["LSTM", "conventional net, tanh units, BPTT", "same, logistic units"]
array at_x[3] = [16, 88, 334]
ky = 66
do for [k = 1:3] {
	kind = word("lstm rnn logistic", k)
	set arrow k from screen px(at_x[k]),py(ky) to screen px(at_x[k] + 16),py(ky) nohead lw 2.4 lc rgb tint(kind)
	set label k shown[k] at screen px(at_x[k] + 22),py(ky) textcolor rgb tint(kind)
}
set label 4 "thin: untrained; dotted: truncated gradient" at screen px(width - 14),py(ky) right font small textcolor rgb ink

set logscale xy
set xrange [1:120]
set yrange [1e-12:3]
set xtics ("1" 1, "2" 2, "5" 5, "10" 10, "20" 20, "50" 50, "100" 100)
set grid ytics linetype 1 linecolor rgb faint linewidth 0.6
set tmargin at screen py(112)
set bmargin at screen py(height - 56)
set xlabel "steps back q" offset 0,0.3 textcolor rgb ink
left(k) = 70 + 256 * (k - 1)
set multiplot
do for [k = 1:3] {
	set lmargin at screen px(left(k)); set rmargin at screen px(left(k) + 232)
	if (k == 1) {
		set ylabel "share" offset 1.5,0 textcolor rgb ink
		set ytics ("10^{-12}" 1e-12, "10^{-9}" 1e-9, "10^{-6}" 1e-6, "0.001" 1e-3, "1" 1)
	} else { unset ylabel; set ytics ("" 1e-12, "" 1e-9, "" 1e-6, "" 1e-3, "" 1) }
	set label 20 names[k] at graph 0.5,1.05 center textcolor rgb ink
	set arrow 20 from lag[k],1e-12 to lag[k],3 nohead lw 1 dt 2 lc rgb grey
	set label 21 "lag" at lag[k] * 1.06,4e-12 left font small textcolor rgb grey
	plot for [kind in kinds] tsv using (column("q")):(in(k, kind, "after", "full", at_least(column("low")))):(at_least(column("high"))) with filledcurves fillstyle transparent solid 0.15 noborder lc rgb tint(kind), \
		for [kind in kinds] tsv using (column("q")):(in(k, kind, "before", "full", column("median"))) with lines lw 1 lc rgb tint(kind), \
		for [kind in kinds] tsv using (column("q")):(in(k, kind, "after", "full", column("median"))) with lines lw 2.4 lc rgb tint(kind), \
		tsv using (column("q")):(in(k, "lstm", "after", "truncated", column("median"))) with lines lw 2 dt 3 lc rgb ink, \
		for [i = 1:3] tsv using (column("q") == 0 ? in(k, word(kinds, i), "after", "full", 1.1) : NaN):(3e-12 * 8**(i - 1)):(sprintf("%d of %d solved it", column("solved"), column("seeds"))) with labels left font small textcolor rgb tint(word(kinds, i))
	unset label; unset arrow
}
unset multiplot
