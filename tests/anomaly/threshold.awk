# What --model threshold says of lines TIME KEY VALUE: `high` and `low`, or
# `range` of `min` and `max`; `lasts` and `gap` in seconds.  Of each event: the
# run that it is of is over, or it alarms.
{
	cut = gap && ($2 in now) && $1 - last[$2] > gap
	before = cut ? 0 : now[$2]
	if (range)
		side = $3 > max ? 1 : $3 < min ? -1 : 0
	else if ($3 >= high)
		side = 1
	else
		side = before && $3 > low && low < high
	if (now[$2] && (cut || side != before)) {
		if ($2 in told)
			print $0 "\tover after " n[$2] \
			    (n[$2] == 1 ? " event" : " events") ", peak " \
			    far[$2]
		delete told[$2]
		before = 0
	}
	if (side && !before) {
		since[$2] = $1
		n[$2] = 0
		far[$2] = $3
	}
	now[$2] = side
	last[$2] = $1
	if (!side)
		next
	n[$2]++
	if (side * $3 > side * far[$2])
		far[$2] = $3
	if (!($2 in told) && $1 - since[$2] >= lasts) {
		told[$2]
		print $0 "\t" (!range ? "at or above " high : side > 0 ? \
		    "above " max : "below " min) \
		    (lasts ? " for " lasts "s" : "")
	}
}
