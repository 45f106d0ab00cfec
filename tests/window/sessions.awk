# The session of each event `TIME KEY NUMBER`, as `NUMBER SESSION`; none: it is
# late.  -v gap, delay, late (--lateness) and length_of (--max-length, of events
# in order).  Each key has a list of sessions, which is gone through an event.
function mend(s) { return last[s] + gap }
{
	t = $1
	k = $2
	max = NR == 1 || t > max ? t : max
	mark = max - delay
	own = 0
	for (i = 0; i < n[k]; i++) { # the first that it joins
		s = list[k, i]
		if (own == 0 && mend(s) + late >= mark && t <= mend(s) &&
		    t + gap >= start[s] &&
		    (length_of == 0 || t < start[s] + length_of) &&
		    (t >= start[s] || t + gap + late >= mark))
			own = s
	}
	if (own == 0 && t + gap + late < mark)
		next
	if (own == 0) {
		own = ++made
		start[own] = last[own] = t
		for (i = n[k]++; i > 0 && start[list[k, i - 1]] >= t; i--)
			list[k, i] = list[k, i - 1]
		list[k, i] = own
	}
	start[own] = t < start[own] ? t : start[own]
	last[own] = t > last[own] ? t : last[own]
	number[NR] = $3
	of[NR] = own
	for (i = 0; i < n[k]; i++) { # it has grown to the next one
		s = list[k, i]
		if (s != own || i + 1 == n[k] || length_of > 0)
			continue
		b = list[k, i + 1]
		if (mend(b) + late < mark || start[b] > mend(own))
			continue
		last[own] = last[b] > last[own] ? last[b] : last[own]
		into[b] = own
		n[k]--
		for (j = i + 1; j < n[k]; j++)
			list[k, j] = list[k, j + 1]
	}
}
END {
	for (e = 1; e <= NR; e++) {
		s = of[e]
		while (s in into)
			s = into[s]
		if (s)
			print number[e], s
	}
}
