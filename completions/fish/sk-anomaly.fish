# Made by completions/generate from the options of sk-anomaly.

complete -c sk-anomaly -l all \
	-d 'pass every event, with its score'
complete -c sk-anomaly -l bad -r -F \
	-d 'add bad events to FILE'
complete -c sk-anomaly -l delay -x \
	-d 'events come at most so much out of order'
complete -c sk-anomaly -s d -l delimiter -x \
	-d 'columns are separated by the byte C, not by blanks'
complete -c sk-anomaly -l delta \
	-d 'judge differences: of a counter that only rises'
complete -c sk-anomaly -l end \
	-d 'also say when an incident is over'
complete -c sk-anomaly -s e -l exit-status \
	-d 'status 1 when nothing was written'
complete -c sk-anomaly -l explain \
	-d 'say which part spoke loudest, and how much'
complete -c sk-anomaly -l for -x \
	-d 'only when it has lasted so long'
complete -c sk-anomaly -s F -l format -x -a 'raw ndjson csv tsv logfmt' \
	-d 'the format of the input'
complete -c sk-anomaly -l framed \
	-d 'a framed stream, in and out: with watermarks'
complete -c sk-anomaly -l gap -x \
	-d 'a longer pause ends what lasts'
complete -c sk-anomaly -l half-life -x \
	-d 'novelty: what was seen counts half after so long'
complete -c sk-anomaly -l header \
	-d 'TSV gets a header line; --no-header: none in or out'
complete -c sk-anomaly -s h -l help \
	-d 'show this help'
complete -c sk-anomaly -l high -x \
	-d 'alarm at X and above, until --low'
complete -c sk-anomaly -l idle -x \
	-d 'time goes on when nothing has come for DUR'
complete -c sk-anomaly -s k -l key -x \
	-d 'keep state per value of these fields'
complete -c sk-anomaly -l late -r -F \
	-d 'add late events to FILE'
complete -c sk-anomaly -l lenient \
	-d 'bad events do not change the status'
complete -c sk-anomaly -l load -r -F \
	-d 'begin with the saved state of FILE'
complete -c sk-anomaly -l low -x \
	-d 'the alarm is over at Y and below (--high)'
complete -c sk-anomaly -l max -x \
	-d 'alarm above X'
complete -c sk-anomaly -l max-keys -x \
	-d 'the most keys that are kept'
complete -c sk-anomaly -l max-line -x \
	-d 'a longer line is a bad event (1M)'
complete -c sk-anomaly -l min -x \
	-d 'alarm below X'
complete -c sk-anomaly -l model -x -a 'shape light ewma mad seasonal poisson changepoint threshold novelty absence' \
	-d 'what finds odd events (shape)'
complete -c sk-anomaly -s z -l null \
	-d 'records end in NUL, in and out'
complete -c sk-anomaly -s o -l output -r -F \
	-d 'write to FILE, which is replaced at the end'
complete -c sk-anomaly -l per -x \
	-d 'judge the number of events in each DUR'
complete -c sk-anomaly -l period -x \
	-d 'seasonal: the season (a day; found, without -t)'
complete -c sk-anomaly -l progress \
	-d 'rate and position on stderr once a second'
complete -c sk-anomaly -s q -l quiet \
	-d 'fewer messages'
complete -c sk-anomaly -l rare -x \
	-d 'novelty: also what is rarer than this'
complete -c sk-anomaly -l raw \
	-d 'the input is not framed, whatever it begins with'
complete -c sk-anomaly -l refractory -x \
	-d 'quiet after an alarm (30 and 1 % of all events)'
complete -c sk-anomaly -l remember -x \
	-d 'novelty: so many values of a key (1000)'
complete -c sk-anomaly -l save -r -F \
	-d 'save the state in FILE at the end'
complete -c sk-anomaly -l state -r -F \
	-d '--load and --save; empty without a FILE'
complete -c sk-anomaly -l strict \
	-d 'stop at the first bad event'
complete -c sk-anomaly -l threshold -x \
	-d 'alarm at this score (0.5)'
complete -c sk-anomaly -s t -l time -x \
	-d 'the event time'
complete -c sk-anomaly -l to -x -a 'tsv csv ndjson' \
	-d 'the format of the output'
complete -c sk-anomaly -l ttl -x \
	-d 'absence: keys are forgotten so long after (never)'
complete -c sk-anomaly -l tz -x \
	-d 'the zone of times without offset (UTC)'
complete -c sk-anomaly -l value -x \
	-d 'what is taken of each event (the whole line)'
complete -c sk-anomaly -l verbose \
	-d 'more messages'
complete -c sk-anomaly -s V -l version \
	-d 'show the version'
complete -c sk-anomaly -l warmup -x \
	-d 'no alarm for the first N events of a key (200)'
complete -c sk-anomaly -l year -x \
	-d 'the year of the first time that does not say it'
