# Series of seed `seed`: `n` lines TIME VALUE, 5 minutes apart, a daily curve
# with noise; now and then a spike, a change of level or of spread, a pause, a
# value that stays.
BEGIN {
	srand(seed)
	t = 1400000000 + int(rand() * 86400)
	base = 50 + rand() * 1000
	swing = base * rand() * 0.3
	noise = base * (0.001 + rand() * 0.05)
	for (i = 0; i < n; i++) {
		t += 300
		if (rand() < 0.001)
			t += int(rand() * 86400)
		if (rand() < 0.001)
			base *= 0.7 + rand() * 0.7
		if (rand() < 0.001)
			noise *= 0.5 + rand() * 2
		v = base + swing * sin(t * 7.2722e-5) + noise * (rand() - 0.5)
		if (rand() < 0.003)
			v += base * (rand() - 0.3) * 3
		if (rand() < 0.01)
			v = last
		last = v
		printf "%d %.4f\n", t, v
	}
}
