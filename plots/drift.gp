# Drift: how far the states of cells have gone by the end of a sequence, and what that does to errors. Data: lstm97 errorflow drift, 8 seeds.
title = "How far do the states drift, and what gets into them then?"
height = 620
load "plots/style.gp"
set label 901 "Median of 8 seeds, pale: their range; thin: untrained, thick: trained, in sequences of other lags than that of their training" at screen px(14),py(42) font small textcolor rgb grey
array names[3] = ["2c-1, literal", "2c-1, closest", "5, literal and closest"]
array rows[3] = ["2c literal", "2c closest", "5"]
array lag[3] = [51, 51, 50] # of training
array sequences[3] = ["100,000", "60,000", "20,000"] # of training, at most
kinds = "none negative"
tint(kind) = kind eq "none" ? 0xD55E00 : lstm
in(panel, kind, when, part, value) = strcol("net") eq rows[panel] && strcol("bias") eq kind && strcol("when") eq when && strcol("part") eq part ? value : NaN
bounded(value) = value > 1e-13 ? value : 1e-13

ky = 66
set arrow 1 from screen px(16),py(ky) to screen px(32),py(ky) nohead lw 2.4 lc rgb tint("none")
set label 1 "input gates as in the row: no biases, 5: in ±0.1" at screen px(38),py(ky) textcolor rgb tint("none")
set arrow 2 from screen px(388),py(ky) to screen px(404),py(ky) nohead lw 2.4 lc rgb tint("negative")
set label 2 "initial input gate biases -3 and -6" at screen px(410),py(ky) textcolor rgb tint("negative")

set logscale xy
set xrange [4:1300]
set xtics ("5" 5, "20" 20, "100" 100, "500" 500)
set grid ytics linetype 1 linecolor rgb faint linewidth 0.6
left(k) = 76 + 254 * (k - 1)
set multiplot
do for [k = 1:3] { do for [line = 1:2] {
	part = line == 1 ? "state" : "entry"
	set lmargin at screen px(left(k)); set rmargin at screen px(left(k) + 228)
	top = line == 1 ? 114 : 348
	set tmargin at screen py(top); set bmargin at screen py(top + 210)
	if (line == 1) {
		low = 1e-3; high = 1e3
		set yrange [low:high]
		set ytics (k == 1 ? "0.001" : "" 1e-3, k == 1 ? "0.01" : "" 1e-2, k == 1 ? "0.1" : "" 0.1, k == 1 ? "1" : "" 1, k == 1 ? "10" : "" 10, k == 1 ? "100" : "" 100)
		set label 20 names[k] at graph 0.5,1.06 center textcolor rgb ink
		unset xlabel
		set xtics format ""
	} else {
		low = 1e-12; high = 3
		set yrange [low:high]
		set ytics (k == 1 ? "10^{-12}" : "" 1e-12, k == 1 ? "10^{-9}" : "" 1e-9, k == 1 ? "10^{-6}" : "" 1e-6, k == 1 ? "0.001" : "" 1e-3, k == 1 ? "1" : "" 1)
		set xlabel "lag, steps" offset 0,0.3 textcolor rgb ink
		set xtics format "%h"
	}
	if (k == 1) { set ylabel (line == 1 ? "|s_c| at the end" : "y_{out} h′(s_c) there") offset 1,0 textcolor rgb ink } else { unset ylabel }
	set arrow 20 from lag[k],low to lag[k],(line == 1 ? 60 : high) nohead lw 1 dt 2 lc rgb grey
	if (line == 2) { set label 21 "lag in training" at lag[k] * 0.93,5e-12 right font small textcolor rgb grey }
	plot for [kind in kinds] tsv using (column("lag")):(in(k, kind, "after", part, bounded(column("low")))):(bounded(column("high"))) with filledcurves fillstyle transparent solid 0.15 noborder lc rgb tint(kind), \
		for [kind in kinds] tsv using (column("lag")):(in(k, kind, "before", part, column("median"))) with lines lw 1 lc rgb tint(kind), \
		for [kind in kinds] tsv using (column("lag")):(in(k, kind, "after", part, column("median"))) with lines lw 2.4 lc rgb tint(kind), \
		for [i = 1:2] tsv using (line == 1 && column("lag") < 12 && column("lag") > 9 ? in(k, word(kinds, i), "after", part, 4.6) : NaN):(500 / 3.2**(i - 1)):(sprintf("%d of %d solved it in %s", column("solved"), column("seeds"), sequences[k])) with labels left font small textcolor rgb tint(word(kinds, i))
	unset label; unset arrow
} }
unset multiplot
