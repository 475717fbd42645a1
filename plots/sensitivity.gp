# What each open choice does to the success rates: two heat maps side by side.
title = "One choice at a time: % of 20 trials that succeed within twice the paper's mean"
height = 900
load "plots/style.gp"

stats tsv using (of("choice", column("y"))) nooutput name "Y"
stats tsv using (of("row", column("x"))) nooutput name "X"
if (!exists("Y_max")) { Y_max = 1; X_max = 1; set label 2 "nothing has been varied yet: make reproduce-full does" at screen 0.5,0.5 center textcolor rgb grey }
left = 222; top = 140; gap = 14
span = (width - left - gap - 26) / 2.0
set palette defined (0 "#FFFFFF", 1 "#0072B2")
set cbrange [0:1.25]
unset colorbox
unset border
unset tics
set yrange [Y_max + 0.6:0.4]
set xrange [0.4:X_max + 0.6]
set tmargin at screen py(top)
set bmargin at screen py(height - 14)
set style fill solid noborder
set multiplot
do for [i = 0:1] {
	reading = word("literal closest", i + 1)
	set lmargin at screen px(left + i * (span + gap))
	set rmargin at screen px(left + i * (span + gap) + span)
	set label 1 reading." reading" at screen px(left + i * (span + gap) + span / 2),py(52) center font bold textcolor rgb colour(reading)
	plot tsv using (at("cell", reading, column("x"))):(column("y")):(0.48):(0.46):(column("value")) with boxxyerror fc palette z, \
		tsv using (at("cell", reading, column("x"))):(column("y")):(strcol("text")):(column("value") > 0.6 ? background_colour : ink) with labels font tiny textcolor rgb variable, \
		tsv using (of("row", column("x"))):(0.4):(strcol("text")) with labels rotate by 50 left offset 0,0.4 font small textcolor rgb ink, \
		tsv using (i ? NaN : of("choice", 0.4)):(column("y")):(strcol("text")) with labels right offset -0.6,0 font small textcolor rgb ink
	unset label 900
}
unset multiplot
