# compare WANT GOT: the same lines, numbers to 9 digits.
function near(a, b, gap, most) {
	if (a == b)
		return 1
	if (a !~ number || b !~ number)
		return 0
	gap = a - b
	most = a < 0 ? -a : +a
	return (gap < 0 ? -gap : gap) <= 1e-9 * (most > 1 ? most : 1)
}
BEGIN {
	FS = "\t"
	number = "^-?[0-9.]+(e[-+]?[0-9]+)?$"
}
NR == FNR { want[++n] = $0; next }
{
	same = split(want[FNR], cell) == NF
	for (i = 1; i <= NF && same; i++)
		same = near(cell[i], $i)
	if (!same && !bad++)
		print "line " FNR "\nwant " want[FNR] "\ngot  " $0
}
END {
	if (FNR != n)
		print FNR + 0 " lines, not " n + 0
	exit bad || FNR != n
}
