# The architectures that came later, on equal terms: a heat map of success rates with medians.
title = "Architectures on equal terms: trials of 20 that succeed, median sequences to success"
height = 440
load "plots/style.gp"

stats tsv using (of("column", column("x"))) nooutput name "X"
left = 178; top = 84
set palette defined (0 "#FFFFFF", 1 "#009E73")
set cbrange [0:1.25]
unset colorbox
unset border
unset tics
set yrange [9.6:0.4]
set xrange [0.4:(exists("X_max") ? X_max : 1) + 0.6]
set lmargin at screen px(left)
set rmargin at screen px(width - 12)
set tmargin at screen py(top)
set bmargin at screen py(height - 12)
set style fill solid noborder
plot tsv using (of("cell", column("x"))):(column("y")):(0.47):(0.46):(column("value")) with boxxyerror fc palette z, \
	tsv using (of("cell", column("x"))):(column("y") - 0.16):(strcol("text")):(column("value") > 0.6 ? background_colour : ink) with labels textcolor rgb variable, \
	tsv using (of("cell", column("x"))):(column("y") + 0.24):(strcol("text2")):(column("value") > 0.6 ? background_colour : ink) with labels font small textcolor rgb variable, \
	tsv using (of("column", column("x"))):(0.4):(strcol("text")) with labels offset 0,0.5 font small textcolor rgb grey, \
	tsv using (of("task", column("x"))):(0.4):(strcol("text")) with labels offset 0,1.6 textcolor rgb ink, \
	tsv using (of("net", 0.4)):(column("y")):(strcol("text")) with labels right offset -0.6,0 textcolor rgb ink
