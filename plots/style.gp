# style.gp: the one look of all figures.
# In: format (svg or png), out, tsv (its exported data), height (pixels; the width is 830, a README's), title.
width = 830.0
background = "#ffffff"
if (format eq "png") {
	set terminal pngcairo size 2*width,2*height font "sans-serif,9" fontscale 2 linewidth 2 pointscale 2 background background
} else {
	set terminal svg size width,height font "sans-serif,12" background background
}
set output out

# Okabe and Ito's colours, told apart by colour-blind readers too; one meaning each
literal = 0x0072B2; closest = 0xD55E00; paper = 0x000000
lstm = 0x009E73; rtrl = 0xCC79A7; bptt = 0xE69F00; guess = 0x56B4E9 # where methods are compared, readings are not
background_colour = 0xFFFFFF; ink = 0x222222; grey = 0x777777; faint = 0xDDDDDD
colour(reading) = reading eq "closest" ? closest : literal
method_colour(method) = method eq "rtrl" ? rtrl : method eq "bptt" ? bptt : method eq "guess" ? guess : lstm
method_point(method) = method eq "rtrl" ? 9 : method eq "bptt" ? 5 : 7
method_size(method) = method eq "bptt" ? 0.65 : 0.8

set datafile separator tab
set datafile columnheaders
set datafile missing ""
set encoding utf8
set border 3 linecolor rgb ink linewidth 1
set tics nomirror out scale 0.6 textcolor rgb ink
unset key
set bars 0

diamond = format eq "png" ? 0.9 : 0.65 # svg draws them larger than circles

# Values of one part of a file: those of the other lines are undefined.
of(name, value) = strcol("part") eq name ? value : NaN
at(name, reading, value) = strcol("part") eq name && strcol("reading") eq reading ? value : NaN

# A position in pixels from the upper left corner.
px(x) = 1.0 * x / width
py(y) = 1 - 1.0 * y / height

tiny = format eq "png" ? "sans-serif,6.5" : "sans-serif,9" # three digits fit into a cell of a heat map
small = format eq "png" ? "sans-serif,8" : "sans-serif,10.5"
bold = format eq "png" ? "sans-serif:Bold,9" : "sans-serif:Bold,12"
large = format eq "png" ? "sans-serif,11" : "sans-serif,15"
set label 900 title at screen px(14),py(20) font large textcolor rgb ink

# Logarithmic axes: the labelled multiples of powers of ten, as many as the decades between low and high leave room for
decades(low, high) = log10(high) - log10(low)
multiples(low, high) = decades(low, high) < 0.9 ? "1 1.5 2 3 5 7" : decades(low, high) < 3.2 ? "1 2 5" : "1"
number(v) = v >= 1e6 ? sprintf("%g M", v / 1e6) : v >= 1000 ? sprintf("%d,%03d", int(v / 1000), int(v) % 1000) : sprintf("%g", v)
short_number(v) = v >= 1e6 ? sprintf("%g M", v / 1e6) : v >= 1000 ? sprintf("%gk", v / 1e3) : sprintf("%g", v)

# Four shades, light to dark with larger weights: i = 1 to 4, of logistic (k = 1) and of tanh units (k = 2)
shade(i, k) = k == 1 ? (i == 1 ? 0x9ecae1 : i == 2 ? 0x6baed6 : i == 3 ? 0x2171b5 : 0x08306b) : (i == 1 ? 0xfdd0a2 : i == 2 ? 0xfdae6b : i == 3 ? 0xe6550d : 0x8c2d04)
dark(i, k) = i > 1 ? shade(i, k) : k == 1 ? 0x6baed6 : 0xfdae6b # of text
