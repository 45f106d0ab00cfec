# Made by completions/generate from the options of sk-dedup.

complete -c sk-dedup -l approximate \
	-d 'a filter of fixed size: some events are lost'
complete -c sk-dedup -l bad -r -F \
	-d 'add bad events to FILE'
complete -c sk-dedup -l capacity -x \
	-d 'with --approximate: so many keys (10000000)'
complete -c sk-dedup -l delay -x \
	-d 'events come at most so much out of order'
complete -c sk-dedup -s d -l delimiter -x \
	-d 'columns are separated by the byte C, not by blanks'
complete -c sk-dedup -l error -x \
	-d 'with --approximate: so many are lost at most (0.1%)'
complete -c sk-dedup -s e -l exit-status \
	-d 'status 1 when nothing was written'
complete -c sk-dedup -l final \
	-d 'with --save: what is held goes out at the end'
complete -c sk-dedup -s F -l format -x -a 'raw ndjson csv tsv logfmt' \
	-d 'the format of the input'
complete -c sk-dedup -l framed \
	-d 'a framed stream, in and out: with watermarks'
complete -c sk-dedup -l header \
	-d 'TSV gets a header line; --no-header: none in or out'
complete -c sk-dedup -s h -l help \
	-d 'show this help'
complete -c sk-dedup -l keep -x -a 'first last' \
	-d 'which event of a key passes (first)'
complete -c sk-dedup -s k -l key -x \
	-d 'keep state per value of these fields'
complete -c sk-dedup -l last -x \
	-d 'only the last N keys are remembered'
complete -c sk-dedup -l late -r -F \
	-d 'add late events to FILE'
complete -c sk-dedup -l lenient \
	-d 'bad events do not change the status'
complete -c sk-dedup -l load -r -F \
	-d 'begin with the saved state of FILE'
complete -c sk-dedup -l max-keys -x \
	-d 'the most keys that are kept'
complete -c sk-dedup -l max-line -x \
	-d 'a longer line is a bad event (1M)'
complete -c sk-dedup -s z -l null \
	-d 'records end in NUL, in and out'
complete -c sk-dedup -s o -l output -r -F \
	-d 'write to FILE, which is replaced at the end'
complete -c sk-dedup -l progress \
	-d 'rate and position on stderr once a second'
complete -c sk-dedup -s q -l quiet \
	-d 'fewer messages'
complete -c sk-dedup -l raw \
	-d 'the input is not framed, whatever it begins with'
complete -c sk-dedup -l save -r -F \
	-d 'save the state in FILE at the end'
complete -c sk-dedup -l state -r -F \
	-d '--load and --save; empty without a FILE'
complete -c sk-dedup -l strict \
	-d 'stop at the first bad event'
complete -c sk-dedup -s t -l time -x \
	-d 'the event time'
complete -c sk-dedup -l tz -x \
	-d 'the zone of times without offset (UTC)'
complete -c sk-dedup -l verbose \
	-d 'more messages'
complete -c sk-dedup -s V -l version \
	-d 'show the version'
complete -c sk-dedup -l within -x \
	-d 'a key is remembered for DUR, by the time of -t'
complete -c sk-dedup -l year -x \
	-d 'the year of the first time that does not say it'
