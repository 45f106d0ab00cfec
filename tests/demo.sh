#!/usr/bin/env bash
# demo.sh BUILD: a whole pipeline on real lines, in less than a minute.  Each
# command is shown before its output and is just what a user would type.
# What it leaves in BUILD/demo is there to play with.
set -eu -o pipefail

build=$1
root=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
export PATH=$build/bin:$PATH LC_ALL=C
rm -rf "$build/demo"
mkdir -p "$build/demo"
cd "$build/demo"

writer=
feeder=
end() {
	local pid
	for pid in $writer $feeder; do
		kill "$pid" 2> /dev/null || :
	done
}
trap end EXIT

say() {
	echo
	printf '# %s\n' "$@"
}

show() {
	printf '$ %s\n' "$1"
	eval "$1"
}

# Until the log holds so many lines; ten seconds at most.
holds() {
	local tries=0
	until [ -e events/topic.conf ] &&
	    [ "$(sk-replay -q events | wc -l)" -ge "$1" ]; do
		sleep 0.05
		((tries += 1))
		((tries < 200))
	done
}

# The lines: the machine's own, else the generator's.  An answer per source:
# which lines, which column is counted, and what it is called.
few=400
pick='cat'
live=
kind='real lines'
if [ "$(wc -l 2> /dev/null < /var/log/dpkg.log || echo 0)" -ge $few ]; then
	source=/var/log/dpkg.log
	pick="grep ' status '"
	live="grep --line-buffered ' status ' |
    "
	field=5
	what='packages, by how often their state changed'
elif journalctl -q --no-pager -o short-iso > journal.log 2> /dev/null &&
    [ "$(wc -l < journal.log)" -ge $few ]; then
	source=journal.log
	field=3
	what='units, by how much they said'
else
	make -s -C "$root" BUILD="$build" "$build/tests/bench/gen"
	"$build/tests/bench/gen" access 6000 > access.log
	source=access.log
	kind='made-up lines'
	field=1
	what='clients, by how much they asked'
fi
[ "$source" = journal.log ] || rm -f journal.log
tail -n 12000 "$source" > lines
half=$(($(wc -l < lines) / 2))
size=$(wc -l < lines)

say "$size $kind of $source.  Half of them are in app.log already," \
    'the others will come while we look.  Keep every line, from now on:'
show "head -n $half lines > app.log"
show 'sk-append --tail app.log events & writer=$!'
(
	tail -n "+$((half + 1))" lines | awk -v step=$((size / 200 + 1)) '
	{ print }
	NR % step == 0 { fflush(); system("sleep 0.07") }' >> app.log
) &
feeder=$!

say 'A log is a directory.  Follow it, as tail -f follows a file:'
holds "$half"
show 'sk-replay --last 0 -f -n 4 events'

say "Live, once a second for three seconds, over old and new lines: the" \
    "busiest $what.  Columns: at, count, error, item."
show "timeout 3 sk-replay -f events |
    ${live}sk-topk --value $field -n 3 --every 1s" || [ $? -eq 124 ]

say 'Now the worst: kill -9 in the middle, and start it again.'
show 'kill -9 $writer'
wait "$writer" 2> /dev/null || :
show 'sk-append --tail app.log events & writer=$!'

wait "$feeder"
feeder=
holds "$size"
show 'kill $writer'
wait "$writer" 2> /dev/null || :
writer=

say 'Is every line there, once, in order?  A replay of everything:'
show 'sk-replay events | cmp - app.log && echo the same bytes'
say 'No tool of ours is needed to read it:'
show 'zstd -dc events/*.zst | cmp - app.log && echo the same bytes'
show 'sk-log check events'
show 'sk-log ls events'

say "The busiest $what, at last, and" \
    'below it the way that has to sort everything:'
show "sk-replay events | ${live:+$pick | }sk-topk --value $field -n 3"
show "$pick app.log | awk '{ print \$$field }' | sort | uniq -c |
    sort -rn | sed -n 1,3p"
say 'How many different ones?  An estimate in 4 KiB, and the truth:'
show "$pick app.log | sk-hll --value $field"
show "$pick app.log | awk '{ print \$$field }' | sort -u | wc -l"
known=$(eval "$pick app.log" | wc -l)
say 'Which of them came for the first time in the last tenth?  Behind each' \
    'line stand an alarm id, the model, the reason and a score.'
show "$pick app.log | sk-anomaly --value $field --model novelty \\
    --warmup $((known * 9 / 10)) | tail -n 3"
say 'Any line has its number:'
show "sk-replay --from $half -n 2 --with-offset events"

printf '\n# It worked.  To go on from here:\n'
cat <<END
  cd $build/demo
  export PATH=$build/bin:\$PATH
  sk-replay --last 3 events               # the last lines
  sk-replay --from 1m events | wc -l      # what came in the last minute
  sk-replay --speed 10 events             # as it came, ten times as fast
  sk-replay --cursor c events | wc -l     # what is new since last time
  man -l $root/man/sk.7
END
