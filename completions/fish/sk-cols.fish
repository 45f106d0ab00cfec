# Made by completions/generate from the options of sk-cols.

complete -c sk-cols -l bad -r -F \
	-d 'add bad events to FILE'
complete -c sk-cols -l default -x \
	-d 'written where there is no value (null, or nothing)'
complete -c sk-cols -s d -l delimiter -x \
	-d 'columns are separated by the byte C, not by blanks'
complete -c sk-cols -s e -l exit-status \
	-d 'status 1 when nothing was written'
complete -c sk-cols -s F -l format -x -a 'raw ndjson csv tsv logfmt' \
	-d 'the format of the input'
complete -c sk-cols -l framed \
	-d 'a framed stream, in and out: with watermarks'
complete -c sk-cols -l header \
	-d 'TSV gets a header line; --no-header: none in or out'
complete -c sk-cols -s h -l help \
	-d 'show this help'
complete -c sk-cols -l lenient \
	-d 'bad events do not change the status'
complete -c sk-cols -l max-line -x \
	-d 'a longer line is a bad event (1M)'
complete -c sk-cols -s z -l null \
	-d 'records end in NUL, in and out'
complete -c sk-cols -s o -l output -r -F \
	-d 'write to FILE, which is replaced at the end'
complete -c sk-cols -l progress \
	-d 'rate and position on stderr once a second'
complete -c sk-cols -s q -l quiet \
	-d 'fewer messages'
complete -c sk-cols -l raw \
	-d 'the input is not framed, whatever it begins with'
complete -c sk-cols -l strict \
	-d 'stop at the first bad event'
complete -c sk-cols -l to -x -a 'tsv csv ndjson' \
	-d 'the format of the output'
complete -c sk-cols -l tz -x \
	-d 'the zone of times without offset (UTC)'
complete -c sk-cols -l verbose \
	-d 'more messages'
complete -c sk-cols -s V -l version \
	-d 'show the version'
complete -c sk-cols -l year -x \
	-d 'the year of the first time that does not say it'
