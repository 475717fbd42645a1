# cost.awk: bench/results.tsv -> what plots/cost.gp draws: ns per step against hidden units, those of the fastest build.
# part: rtrl, bptt, lstm; weights (text: of the nets of x units); label (text: of which method; y moved apart); guide2, guide4; empty;
# low and high of both axes.
BEGIN { FS = OFS = "\t" }
/^#/ { next }
!("row" in at) { for (i = 1; i <= NF; i++) { at[$i] = i; if ($i ~ /^(ns|lanes8)_/) build[i] }; next } # lanes8: as recorded before ns
function field(name) { return name in at ? $(at[name]) : "" }
function option(row, name, otherwise) {
	return match(row, " " name "=[0-9]+") ? substr(row, RSTART + length(name) + 2, RLENGTH - length(name) - 2) + 0 : otherwise
}
{
	row = field("row"); rule = field("rule"); net = field("net"); part = ""
	if (net == "rnn" && row ~ /^lag-4( |$)/ && (rule == "rtrl" || rule == "bptt")) { part = rule; n = option(row, "units", 8) }
	if (net == "lstm97" && rule == "truncated" && (row == "4-1" || row ~ /^4-1 (.* )?blocks=/)) { part = "lstm"; n = 4 * option(row, "blocks", 2) } # 2 gates, 2 cells
	y = 0
	for (b in build) if ($b + 0 > 0 && (y == 0 || $b + 0 < y)) y = $b + 0
	if (part == "" || y <= 0) next
	ns[part, n] = y
	if (n > most) most = n
	w = field("weights") + 0
	if (w && (!(n in fewest) || w < fewest[n])) fewest[n] = w
	if (w > weights[n]) weights[n] = w
}
END {
	print "part", "x", "y", "text"
	count = split("lstm bptt rtrl", parts, " ")
	for (i = 1; i <= count; i++) for (n = 1; n <= most; n++) if ((parts[i], n) in ns) {
		p = parts[i]; y = ns[p, n]
		print p, n, y, ""
		end[p] = n; last[p] = place[p] = y
		if (!low || y < low) low = y
		if (y > high) high = y
		if (!left || n < left) left = n
	}
	for (n = 1; n <= most; n++) if (n in fewest) print "weights", n, "", fewest[n] == weights[n] ? weights[n] : fewest[n] "–" weights[n]
	a = last["lstm"]; b = last["bptt"] # labels side by side: at least a factor 2
	if (a && b && end["lstm"] == end["bptt"] && a < 2 * b && b < 2 * a) {
		m = sqrt(a * b)
		place["lstm"] = a < b ? m / sqrt(2) : m * sqrt(2)
		place["bptt"] = a < b ? m * sqrt(2) : m / sqrt(2)
	}
	for (i = 1; i <= count; i++) if (parts[i] in end) print "label", end[parts[i]], place[parts[i]], parts[i]
	if (last["rtrl"]) for (f = 0.25; f <= 1; f *= 4) print "guide4", end["rtrl"] * f, 2.2 * last["rtrl"] * f ^ 4, ""
	if (b) for (f = 0.25; f <= 1; f *= 4) print "guide2", end["bptt"] * f, b / 2.5 * f ^ 2, ""
	low /= 3
	if (b && b / 52 < low) low = b / 52 # below guide2
	if (!most) { print "empty", 11, 1700, "no data yet: make bench"; left = 4; most = 32; low = 7; high = 50000 }
	print "low", left / 1.2, low, ""
	print "high", most * 1.2, high * 3, ""
}
