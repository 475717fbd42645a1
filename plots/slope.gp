# Slope: |f'(net) w|, the factor of one step back through one weight, against |w| (section 3.1). Data: lstm97 errorflow slope.
title = "Neither small nor large weights keep error: |f′(net) w| against |w|"
height = 430
load "plots/style.gp"
set label 901 "The factor by which an error is scaled on its way back over one step. Other inputs of the unit: one source of constant activation y, or only itself" at screen px(14),py(42) font small textcolor rgb grey

array kinds[2] = ["logistic", "tanh"]
array tops[2] = [20, 5] # |w|
array limit[2] = [4, 1] # 1 / max f'
array peak_x[2] = [1.5434, 0.7717] # of the curve of y = 1; 1 / y times as far right and high for another y
array peak_y[2] = [0.2239, 0.4477]
constants = "1 0.5 0.25 0.125"
array written[4] = ["y = 1", "y = 1/2", "y = 1/4", "y = 1/8"]
of_kind(k, value) = strcol("activation") eq kinds[k] ? value : NaN

set yrange [0:2]
set ytics 0,0.5,2
set grid ytics linetype 1 linecolor rgb faint linewidth 0.6
set tmargin at screen py(92)
set bmargin at screen py(height - 56)
set xlabel "|w|" offset 0,0.3 textcolor rgb ink
left(k) = 70 + 384 * (k - 1)

set multiplot
do for [k = 1:2] {
	set lmargin at screen px(left(k)); set rmargin at screen px(left(k) + 350)
	set xrange [0:tops[k]]
	set xtics 0,tops[k] / 5,tops[k]
	if (k == 1) { set ylabel "|f′(net) w|" offset 0.5,0 textcolor rgb ink } else { unset ylabel }
	set object 1 rectangle from 0,0 to limit[k],2 behind fillcolor rgb 0xEEEEEE fillstyle solid noborder
	set arrow 1 from 0,1 to tops[k],1 nohead lw 1 lc rgb grey
	set label 20 kinds[k]." unit" at graph 0.5,1.06 center textcolor rgb ink
	set label 21 "1: error stays as it is" at tops[k] * 0.99,1.05 right font small textcolor rgb grey
	set label 22 sprintf("|w| < %g: below 1\nfor any net input", limit[k]) at limit[k] * 0.05,1.85 left font small textcolor rgb grey
	set label 23 "sees only itself,\nat its fixed point" at limit[k] * 2.1,0.36 left font small textcolor rgb ink
	set label 24 sprintf("largest over all net inputs: |w|%s", k == 1 ? "/4" : "") at limit[k] * 2.2,1.94 left font small textcolor rgb grey
	do for [i = 1:4] {
		y = word(constants, i) + 0
		if (peak_y[k] / y < 1.9) {
			set label 30 + i written[i] at peak_x[k] / y,peak_y[k] / y - 0.08 center font small textcolor rgb dark(i, k)
		} else { # its peak is beyond the axis
			set label 30 + i written[i] at limit[k] * 2.0,1.8 left font small textcolor rgb dark(i, k)
		}
	}
	plot tsv using (of_kind(k, column("w"))):(column("largest")) with lines lw 1.4 dt 2 lc rgb grey, \
		for [i = 1:4] tsv using (of_kind(k, column("w"))):(column("constant_".word(constants, i))) with lines lw 2 lc rgb shade(i, k), \
		tsv using (of_kind(k, column("w"))):(column("fixed")) with lines lw 2.4 lc rgb ink
	unset label
}
unset multiplot
