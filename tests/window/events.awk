# Events of seed `seed`: `n` lines TIME KEY NUMBER WORD DECIMAL, whose times
# step on by up to `step` seconds and come up to `back` seconds late; now and
# then there is a gap, or no number.  With `distinct` no two have one time.
BEGIN {
	srand(seed)
	now = 1000000
	for (i = 0; i < n; i++) {
		now += int(rand() * (step + 1)) + (distinct ? 1 : 0)
		if (rand() < 0.02)
			now += int(rand() * 40 * step)
		t[i] = now
		place[i] = now + rand() * back
		order[i] = i
	}
	for (i = 1; i < n; i++) { # nearly sorted: insertion
		o = order[i]
		for (j = i; j > 0 && place[order[j - 1]] > place[o]; j--)
			order[j] = order[j - 1]
		order[j] = o
	}
	for (i = 0; i < n; i++) {
		v = rand() < 0.1 ? "-" : int(rand() * 21) - 10
		print t[order[i]], substr("abcab", int(rand() * 5) + 1, 1), v,
		    substr("uvwxyz", int(rand() * 6) + 1, 1) \
		    (rand() < 0.1 ? "-" int(rand() * 9) : ""),
		    sprintf("%.2f", rand() * 200 - 100)
	}
}
