# What --model novelty says of lines TIME KEY VALUE: `new`, `rare` or `usual`,
# and the score, by all that came: -v most, warmup, rare, half (events) or
# half_s (seconds).  The weight of a value is that of all its events.
function weight(key, value, t,    i, w) {
	if (!half && !half_s)
		return count[key, value]
	for (i = 1; i <= count[key, value]; i++)
		w += half ? 2 ^ ((at[key, value, i] - n[key]) / half) : \
		    2 ^ ((when[key, value, i] - t) / half_s)
	return w + 0
}
function forget(key, t,    v, least, which) {
	for (v in seen)
		if (seen[v] == key && (which == "" ||
		    weight(key, name[v], t) < least ||
		    (weight(key, name[v], t) == least &&
		    latest[v] < latest[which]))) {
			which = v
			least = weight(key, name[v], t)
		}
	delete count[which]
	delete seen[which]
	values[key]--
}
{
	k = $2
	w = weight(k, $3, $1)
	all = 0
	for (v in seen)
		if (seen[v] == k)
			all += weight(k, name[v], $1)
	what = "usual"
	if (n[k] + 0 >= warmup && !((k, $3) in seen))
		what = "new"
	else if (n[k] + 0 >= warmup && all > 0 && w / all < rare)
		what = "rare"
	p = (w + 1) / (all + values[k] + 2)
	printf "%s\t%s\t%.6f\n", $0, what,
	    what == "usual" ? 0.499 * (1 - p) : 1 - p / 2
	if (!((k, $3) in seen)) {
		if (values[k] == most)
			forget(k, $1)
		seen[k, $3] = k
		name[k, $3] = $3
		values[k]++
	}
	count[k, $3]++
	latest[k, $3] = n[k]
	at[k, $3, count[k, $3]] = n[k]
	when[k, $3, count[k, $3]] = $1
	n[k]++
}
