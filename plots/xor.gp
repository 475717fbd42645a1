# Delayed XOR (section 6): success against lag, with the controls on the same sequences.
title = "Delayed XOR and its controls: success against lag"
height = 610
load "plots/style.gp"
methods = "bptt full lstm"
array names[6] = ["AND", "OR", "first bit", "XOR", "XOR, initial weights ±1", "XOR, initial weights ±2"]
full = 0xD55E00
tint(m) = m eq "full" ? full : method_colour(m)
shape(m) = m eq "full" ? 9 : method_point(m)
in(panel, part, value) = column("panel") == panel && strcol("part") eq part ? value : NaN
for_method(panel, m, value) = strcol("method") eq m ? in(panel, "rate", value) : NaN
left(panel) = 62 + 260 * ((panel - 1) % 3)
top(panel) = 108 + 270 * ((panel - 1) / 3)

ky = 46
array shown[3] = ["LSTM, truncated gradient", "LSTM, full gradient", "conventional net, BPTT"]
array place[3] = [24, 224, 392]
do for [k = 1:3] {
	m = word("lstm full bptt", k)
	set label 2 * k "" at screen px(place[k]),py(ky) point pt shape(m) ps 0.8 lc rgb tint(m)
	set label 2 * k + 1 shown[k] at screen px(place[k] + 10),py(ky) textcolor rgb tint(m)
}
set label 8 "bars: 95 % intervals" at screen px(590),py(ky) textcolor rgb ink

set multiplot
set logscale x
do for [panel = 1:6] {
	set lmargin at screen px(left(panel))
	set rmargin at screen px(left(panel) + 226)
	set tmargin at screen py(top(panel))
	set bmargin at screen py(top(panel) + 170)
	set xrange [4:250]
	set yrange [-5:105]
	set xtics ("5" 5, "10" 10, "20" 20, "50" 50, "100" 100, "200" 200)
	set ytics 0,25,100 format (panel % 3 == 1 ? "%h" : "")
	set grid ytics linetype 1 linecolor rgb faint linewidth 0.6
	if (panel % 3 == 1) { set ylabel "success, %" offset 0.5,0 textcolor rgb ink } else { unset ylabel }
	if (panel > 3) { set xlabel "shortest lag, steps" offset 0,0.3 textcolor rgb ink } else { unset xlabel }
	set label 20 names[panel] at graph 0,1.17 left textcolor rgb ink
	plot for [m in methods] tsv using (for_method(panel, m, column("x"))):(column("y")) with lines lw 1.1 lc rgb tint(m) | 0x80000000, \
		for [m in methods] tsv using (for_method(panel, m, column("x"))):(column("low")):(0):(column("high") - column("low")) with vectors nohead lw 1.8 lc rgb tint(m), \
		for [m in methods] tsv using (for_method(panel, m, column("x"))):(column("y")) with points pt shape(m) ps 0.8 lc rgb tint(m), \
		tsv using (in(panel, "budget", 4)):(105):("budget ".strcol("text")." sequences") with labels left offset 0,0.6 font small textcolor rgb grey, \
		tsv using (in(panel, "empty", 30)):(62):(strcol("text")) with labels textcolor rgb grey
	unset label
}
unset multiplot
