# seeds.awk: lines of lstm97 errorflow, several seeds -> median, lowest and highest over the seeds.
# -v keys=N: the first N columns say what was measured; -v values="4 6" -v names="state entry": the columns with numbers and what they
# become as column part; the last two columns are seed and outcome. solved: seeds whose training succeeded.
BEGIN { FS = OFS = "\t"; n_values = split(values, value, " "); split(names, name, " ") }
NR == 1 { for (i = 1; i <= keys; i++) header = header $i OFS; print header "part", "median", "low", "high", "seeds", "solved"; next }
{
	key = $1
	for (i = 2; i <= keys; i++) key = key OFS $i
	if (!(key in seeds)) order[++n] = key
	seeds[key]++
	solved[key] += $NF == "solved"
	for (v = 1; v <= n_values; v++) if ($value[v] != "") { # kept in order
		x = $value[v] + 0
		for (i = ++count[key, v]; i > 1 && number[key, v, i - 1] > x; i--) number[key, v, i] = number[key, v, i - 1]
		number[key, v, i] = x
	}
}
END {
	for (v = 1; v <= n_values; v++) for (o = 1; o <= n; o++) {
		key = order[o]; k = count[key, v]
		if (k) print key, name[v], (number[key, v, int((k + 1) / 2)] + number[key, v, int((k + 2) / 2)]) / 2, number[key, v, 1], number[key, v, k], seeds[key], solved[key]
	}
}
