# Made by completions/generate from the options of sk-merge.

complete -c sk-merge -l bad -r -F \
	-d 'add bad events to FILE'
complete -c sk-merge -l delay -x \
	-d 'an input is out of order by at most DUR (0s)'
complete -c sk-merge -s d -l delimiter -x \
	-d 'columns are separated by the byte C, not by blanks'
complete -c sk-merge -s e -l exit-status \
	-d 'status 1 when nothing was written'
complete -c sk-merge -s F -l format -x -a 'raw ndjson csv tsv logfmt' \
	-d 'the format of the input'
complete -c sk-merge -l framed \
	-d 'a framed stream, in and out: with watermarks'
complete -c sk-merge -l header \
	-d 'TSV gets a header line; --no-header: none in or out'
complete -c sk-merge -s h -l help \
	-d 'show this help'
complete -c sk-merge -l idle -x \
	-d 'do not wait for an input that is silent for DUR'
complete -c sk-merge -l late -r -F \
	-d 'add late events to FILE'
complete -c sk-merge -l lenient \
	-d 'bad events do not change the status'
complete -c sk-merge -l max-buffer -x \
	-d 'hold back at most SIZE of events (64M)'
complete -c sk-merge -l max-line -x \
	-d 'a longer line is a bad event (1M)'
complete -c sk-merge -s z -l null \
	-d 'records end in NUL, in and out'
complete -c sk-merge -s o -l output -r -F \
	-d 'write to FILE, which is replaced at the end'
complete -c sk-merge -l progress \
	-d 'rate and position on stderr once a second'
complete -c sk-merge -s q -l quiet \
	-d 'fewer messages'
complete -c sk-merge -l raw \
	-d 'the input is not framed, whatever it begins with'
complete -c sk-merge -l strict \
	-d 'stop at the first bad event'
complete -c sk-merge -s t -l time -x \
	-d 'the event time'
complete -c sk-merge -l tz -x \
	-d 'the zone of times without offset (UTC)'
complete -c sk-merge -l verbose \
	-d 'more messages'
complete -c sk-merge -s V -l version \
	-d 'show the version'
complete -c sk-merge -l year -x \
	-d 'the year of the first time that does not say it'
