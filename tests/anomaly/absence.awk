# What --model absence --end says of lines TIME KEY, and watermarks `W TIME`,
# or of the largest time less `delay`: rows LAST AT KEY COUNT, `lasts` and
# `ttl` in seconds.
function come(to,    k, n, row, i) {
	if (mark != "" && to <= mark)
		return
	mark = to
	for (k in last)
		if (!(k in gone) && to - last[k] >= lasts) {
			row[++n] = sprintf("%020d %s", last[k], k)
			gone[k]
		}
	if (n > 1)
		asort(row)
	for (i = 1; i <= n; i++) {
		k = substr(row[i], 22)
		print last[k], last[k] + lasts, k, count[k], "absent"
	}
	for (k in gone)
		if (ttl && to - last[k] >= lasts + ttl) {
			delete last[k]
			delete gone[k]
			delete count[k]
		}
}
BEGIN { OFS = "\t" }
$1 == "W" { come($2); next }
{
	if (max == "" || $1 > max) {
		max = $1
		if (!marked)
			come($1 - delay)
	}
	if (($2 in gone) && $1 > last[$2]) {
		print last[$2], $1, $2, count[$2], "back"
		delete gone[$2]
	}
	if (!($2 in last) || $1 > last[$2])
		last[$2] = $1
	count[$2]++
}
