# Made by completions/generate from the options of sk-replay.

complete -c sk-replay -l bad -r -F \
	-d 'add bad events to FILE'
complete -c sk-replay -l cursor -r -F \
	-d 'go on where FILE says, and keep it'
complete -c sk-replay -s d -l delimiter -x \
	-d 'columns are separated by the byte C, not by blanks'
complete -c sk-replay -s e -l exit-status \
	-d 'status 1 when nothing was written'
complete -c sk-replay -s f -l follow \
	-d 'wait for more at the end of the log'
complete -c sk-replay -s F -l format -x -a 'raw ndjson csv tsv logfmt' \
	-d 'the format of the input'
complete -c sk-replay -l framed \
	-d 'a framed stream, in and out: with watermarks'
complete -c sk-replay -l from -x \
	-d 'begin at an offset, a time or an age'
complete -c sk-replay -l header \
	-d 'TSV gets a header line; --no-header: none in or out'
complete -c sk-replay -s h -l help \
	-d 'show this help'
complete -c sk-replay -l last -x \
	-d 'begin at the last N lines'
complete -c sk-replay -l lenient \
	-d 'bad events do not change the status'
complete -c sk-replay -l max-gap -x \
	-d 'with --speed: no pause is longer'
complete -c sk-replay -s n -l number -x \
	-d 'how many, at most'
complete -c sk-replay -l on-gap -x -a 'stop skip' \
	-d 'where retention has removed lines (stop)'
complete -c sk-replay -l once \
	-d 'end at the end of the log: undoes -f'
complete -c sk-replay -s o -l output -r -F \
	-d 'write to FILE, which is replaced at the end'
complete -c sk-replay -l partition -x \
	-d 'only this partition: 0'
complete -c sk-replay -l progress \
	-d 'rate and position on stderr once a second'
complete -c sk-replay -s q -l quiet \
	-d 'fewer messages'
complete -c sk-replay -l skip-damaged \
	-d 'name what is damaged and go on; status 4'
complete -c sk-replay -l speed -x \
	-d '1, 10, max: times the speed it once had (max)'
complete -c sk-replay -l strict \
	-d 'stop at the first bad event'
complete -c sk-replay -s t -l time -x \
	-d 'the event time'
complete -c sk-replay -l tz -x \
	-d 'the zone of times without offset (UTC)'
complete -c sk-replay -l until -x \
	-d 'end before an offset, a time or an age'
complete -c sk-replay -l verbose \
	-d 'more messages'
complete -c sk-replay -s V -l version \
	-d 'show the version'
complete -c sk-replay -l with-offset \
	-d 'partition and offset in front of each line'
complete -c sk-replay -l year -x \
	-d 'the year of the first time that does not say it'
