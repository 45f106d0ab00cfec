# Rows `START END KEY COUNT SUM LAST` of windows of -v size at every -v hop,
# with those of --fill=`how` and --ttl=`ttl` between them.
BEGIN { FS = OFS = "\t" }
{
	row[$1, $3] = $0
	keys[$3]
	low = NR == 1 || $1 < low ? $1 : low
	high = $1 > high ? $1 : high
}
END {
	for (s = low; s <= high; s += hop)
		for (k in keys) {
			if ((s, k) in row) {
				split(row[s, k], cell)
				seen[k] = s + size
				print row[s, k]
			} else if ((k in seen) && (!ttl || s < seen[k] + ttl))
				print s, s + size, k, rest(k)
			if ((s, k) in row)
				kept[k] = cell[4] OFS cell[5] OFS cell[6]
		}
}
function rest(k) {
	return how == "last" ? kept[k] : how == "zero" ? 0 OFS 0 OFS : OFS OFS
}
