# trace.gp: what a trained net does: input, gates, states and outputs, step by step, in panels above each other.
# In: title; and what style.gp wants but height.
#   panels           how many after the first, which shows the input; and for each of them:
#   name[], columns[], labels[], units[] (of each column: its block, or output), high[] (pixels)
#   input            how it is shown: symbols, marked (x1, with marker x2) or line (x1)
#   input_name, input_high
#   marked(t)        whether a line of the data is a moment that matters
#   twin             what the second sequence of the data is, drawn pale; "" if there is none
# The data is made by lstm97 trace: a block for each sequence, and in a comment before it what was trained.
first_y = twin eq "" ? 88 : 108
array top[panels]
bottom = first_y + input_high
do for [p = 1:panels] {
	top[p] = bottom + 32
	bottom = top[p] + high[p]
}
height = bottom + 52
load "plots/style.gp"

left = 62; right = 734 # pixels, of all panels
array colours[6] = [literal, closest, lstm, rtrl, bptt, guess]
main_colour(u) = colours[int(u)]
pale(rgb) = rgb | 0xA0000000
# the second cell of a block is dashed
set dashtype 11 (5,3)
dash(p, k) = k > 1 && word(units[p], k) eq word(units[p], k - 1) ? 11 : 1
ring = format eq "png" ? 0.85 : 0.7 # of a target; that of the second sequence is around it
last = twin eq "" ? 0 : 1 # index of the last block

set label 901 system("sed -n 's/^# //p' '".tsv."' | head -n 1") at screen px(14),py(42) textcolor rgb grey noenhanced
if (last) {
	set label 902 "pale: ".twin at screen px(14),py(62) textcolor rgb grey
}

# the range of each panel, and the ends of its lines
stats tsv index 0 using (column("t")) nooutput name "T"
stats tsv index 0:last using (column("t")) nooutput name "ALL"
if (input ne "symbols") {
	stats tsv index 0:last using (column("x1")) nooutput name "X"
}
array low[panels]
array up[panels]
array ends[10 * panels]
array shown[10 * panels]
array ink_of[10 * panels]
array n[panels]
do for [p = 1:panels] {
	n[p] = words(columns[p])
	low[p] = 0; up[p] = columns[p][1:1] eq "s" ? 0 : 1
	do for [k = 1:n[p]] {
		c = word(columns[p], k)
		stats tsv index 0:last using (column(c)) nooutput name "C"
		low[p] = C_min < low[p] ? C_min : low[p]
		up[p] = C_max > up[p] ? C_max : up[p]
		stats tsv index 0 using (column("t") == T_max ? column(c) : NaN) nooutput name "C"
		ends[10 * p - 10 + k] = C_min
		shown[10 * p - 10 + k] = word(labels[p], k).(columns[p] eq "y1" ? sprintf(" %.2f", C_min) : "")
		ink_of[10 * p - 10 + k] = main_colour(word(units[p], k))
	}
	if (columns[p] eq "y1") {
		stats tsv index 0 using (column("t") == T_max ? column("target") : NaN) nooutput name "C"
		ends[10 * p - 8] = C_min
		shown[10 * p - 8] = sprintf("target %.2f", C_min)
		ink_of[10 * p - 8] = ink
		n[p] = 2
	}
	range = up[p] - low[p]
	low[p] = low[p] - (low[p] < 0 ? 0.06 : 0.04) * range
	up[p] = up[p] + (up[p] == 1 ? 0.04 : 0.06) * range
}

# Names beside the ends of lines, in order and 12 pixels apart: their places in pixels
y_of(p, value) = top[p] + high[p] * (up[p] - value) / (up[p] - low[p])
array place[10 * panels]
do for [p = 1:panels] {
	do for [k = 1:n[p]] { place[10 * p - 10 + k] = y_of(p, ends[10 * p - 10 + k]) }
	do for [round = 1:200] {
		do for [a = 1:n[p] - 1] {
			do for [b = a + 1:n[p]] {
				i = 10 * p - 10 + a; j = 10 * p - 10 + b
				near = 12.5 - abs(place[i] - place[j])
				above = place[i] == place[j] ? ends[i] >= ends[j] : place[i] < place[j]
				if (near > 0.01) {
					place[i] = place[i] + (above ? -near / 2 : near / 2)
					place[j] = place[j] + (above ? near / 2 : -near / 2)
				}
			}
		}
	}
}

set style textbox opaque noborder margins 0.6,0.3
set multiplot
set lmargin at screen px(left)
set rmargin at screen px(right)
set xrange [0.2:ALL_max + 0.8]
unset xtics
moment(value) = marked(0) ? value : NaN

# input
set tmargin at screen py(first_y)
set bmargin at screen py(first_y + input_high)
set label 20 input_name at screen px(left),py(first_y - 13) left textcolor rgb ink
if (input eq "symbols") {
	unset border
	unset ytics
	raised = last ? 0 : 0.9 # marked symbols, where the others are close to each other
	set yrange [-last - 0.5:0.5 + raised]
	letter(value) = strlen(strcol("symbol")) == 1 && !(last && marked(0)) ? value : NaN
	dot(value) = strlen(strcol("symbol")) > 1 ? value : NaN
	plot tsv index 0 using (moment(column("t"))):(-last - 0.5):(0):(last + 1 + raised) with vectors nohead lw 1 lc rgb faint, \
		for [i = 0:last] tsv index i using (moment(column("t"))):(raised - i):(strcol("symbol")) with labels font bold textcolor rgb (i ? grey : ink), \
		for [i = 0:last] tsv index i using (letter(column("t"))):(-i):(strcol("symbol")) with labels font small textcolor rgb grey, \
		for [i = 0:last] tsv index i using (dot(column("t"))):(-i) with points pt 7 ps 0.25 lc rgb grey
	set border
} else {
	least = X_min < -1 ? X_min : X_min < 0 ? -1 : 0
	most = X_max > 1 ? X_max : 1
	set yrange [least - 0.15:most + 0.15]
	step = least < 0 ? 1 : 0.5
	set ytics step
	set xzeroaxis linetype 1 linecolor rgb faint linewidth 0.6
	if (input eq "marked") {
		plot tsv index 0 using (column("t")):(column("x1")) with impulses lw 1.2 lc rgb 0xBBBBBB, \
			tsv index 0 using (moment(column("t"))):(column("x1")) with impulses lw 3 lc rgb ink, \
			tsv index 0 using (moment(column("t"))):(column("x1")) with points pt 7 ps 0.7 lc rgb ink, \
			tsv index 0 using (moment(column("t"))):(column("x1")):(sprintf("%.2f", column("x1"))) with labels boxed left offset 0.7,0 font bold textcolor rgb ink
	} else {
		plot for [i = 0:last] tsv index last - i using (column("t")):(column("x1")) with lines lw 1 lc rgb (i == last ? ink : 0xBBBBBB), \
			for [i = 0:last] tsv index i using (moment(column("t"))):(column("x1")) with points pt 7 ps 0.7 lc rgb (i ? grey : ink)
	}
	unset xzeroaxis
}
unset label

do for [p = 1:panels] {
	set tmargin at screen py(top[p])
	set bmargin at screen py(top[p] + high[p])
	set border 3 linecolor rgb ink linewidth 1
	set yrange [low[p]:up[p]]
	range = up[p] - low[p]
	step = range < 0.9 ? 0.2 : range < 2.5 ? 0.5 : range < 5 ? 1 : range < 9 ? 2 : 4
	set ytics nomirror out step
	set grid ytics linetype 1 linecolor rgb faint linewidth 0.6
	if (p == panels) {
		set xtics nomirror out autofreq
		set label 19 "step" at screen px((left + right) / 2),py(bottom + 38) center textcolor rgb ink
	}
	set label 20 name[p] at screen px(left),py(top[p] - 13) left textcolor rgb ink
	do for [k = 10 * p - 9:10 * p - 10 + n[p]] { set label 20 + k shown[k] at screen px(right + 8),py(place[k]) left textcolor rgb (ink_of[k]) }
	is_output = columns[p][1:1] eq "y"
	hit(k) = is_output && "y".strcol("target_line") eq word(columns[p], k) ? column("target") : NaN
	plot tsv index 0 using (moment(column("t"))):(low[p]):(0):(up[p] - low[p]) with vectors nohead lw 1 lc rgb faint, \
		for [k = 1:words(columns[p])] for [i = 1:last] tsv index i using (column("t")):(column(word(columns[p], k))) with lines lw 1.3 dt dash(p, k) lc rgb pale(main_colour(word(units[p], k))), \
		for [k = 1:words(columns[p])] for [i = 1:last] tsv index i using (column("t")):(hit(k)) with points pt 6 ps 1.8 * ring lw 1.3 lc rgb pale(main_colour(word(units[p], k))), \
		for [k = 1:words(columns[p])] tsv index 0 using (column("t")):(column(word(columns[p], k))) with lines lw 1.5 dt dash(p, k) lc rgb main_colour(word(units[p], k)), \
		for [k = 1:words(columns[p])] tsv index 0 using (column("t")):(hit(k)) with points pt 6 ps ring lw 1.5 lc rgb main_colour(word(units[p], k))
	unset label
}
unset multiplot
