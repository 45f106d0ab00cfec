# Made by completions/generate from the options of sk-sample.

complete -c sk-sample -l bad -r -F \
	-d 'add bad events to FILE'
complete -c sk-sample -l by -x \
	-d '--rate of the values of FIELD, with all their lines'
complete -c sk-sample -s d -l delimiter -x \
	-d 'columns are separated by the byte C, not by blanks'
complete -c sk-sample -l every -x \
	-d 'also a result every N events or every DUR'
complete -c sk-sample -s e -l exit-status \
	-d 'status 1 when nothing was written'
complete -c sk-sample -s F -l format -x -a 'raw ndjson csv tsv logfmt' \
	-d 'the format of the input'
complete -c sk-sample -l framed \
	-d 'a framed stream, in and out: with watermarks'
complete -c sk-sample -l header \
	-d 'TSV gets a header line; --no-header: none in or out'
complete -c sk-sample -s h -l help \
	-d 'show this help'
complete -c sk-sample -l info \
	-d 'the inputs are saved sketches: say what they are'
complete -c sk-sample -s k -l key -x \
	-d 'keep state per value of these fields'
complete -c sk-sample -l lenient \
	-d 'bad events do not change the status'
complete -c sk-sample -l load -r -F \
	-d 'begin with the saved state of FILE'
complete -c sk-sample -l max-keys -x \
	-d 'the most keys that are kept'
complete -c sk-sample -l max-line -x \
	-d 'a longer line is a bad event (1M)'
complete -c sk-sample -l merge \
	-d 'the inputs are saved sketches: merge them'
complete -c sk-sample -s z -l null \
	-d 'records end in NUL, in and out'
complete -c sk-sample -s n -l number -x \
	-d 'how many, at most'
complete -c sk-sample -s o -l output -r -F \
	-d 'write to FILE, which is replaced at the end'
complete -c sk-sample -l progress \
	-d 'rate and position on stderr once a second'
complete -c sk-sample -s q -l quiet \
	-d 'fewer messages'
complete -c sk-sample -l rate -x \
	-d 'pass each line with this probability (1%, 0.01)'
complete -c sk-sample -l raw \
	-d 'the input is not framed, whatever it begins with'
complete -c sk-sample -l save -r -F \
	-d 'save the state in FILE at the end'
complete -c sk-sample -s s -l seed -x \
	-d 'the same seed and input: the same sample (drawn)'
complete -c sk-sample -l shuffle \
	-d 'in random order, not as they came'
complete -c sk-sample -l state -r -F \
	-d '--load and --save; empty without a FILE'
complete -c sk-sample -l strict \
	-d 'stop at the first bad event'
complete -c sk-sample -s t -l time -x \
	-d 'the event time'
complete -c sk-sample -l tz -x \
	-d 'the zone of times without offset (UTC)'
complete -c sk-sample -l value -x \
	-d 'what is taken of each event (the whole line)'
complete -c sk-sample -l verbose \
	-d 'more messages'
complete -c sk-sample -s V -l version \
	-d 'show the version'
complete -c sk-sample -l weight -x \
	-d 'lines are as likely as FIELD is large'
complete -c sk-sample -l within -x \
	-d 'a sample of the last DUR, by the time of -t'
complete -c sk-sample -l year -x \
	-d 'the year of the first time that does not say it'
