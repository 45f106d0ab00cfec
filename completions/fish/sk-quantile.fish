# Made by completions/generate from the options of sk-quantile.

complete -c sk-quantile -l bad -r -F \
	-d 'add bad events to FILE'
complete -c sk-quantile -l bins -x \
	-d 'so many lines of --histogram and --cdf (10)'
complete -c sk-quantile -l bounds \
	-d 'a lower and an upper bound beside each result'
complete -c sk-quantile -l cdf \
	-d 'values, and the share that is at or below each'
complete -c sk-quantile -s d -l delimiter -x \
	-d 'columns are separated by the byte C, not by blanks'
complete -c sk-quantile -l every -x \
	-d 'also a result every N events or every DUR'
complete -c sk-quantile -s e -l exit-status \
	-d 'status 1 when nothing was written'
complete -c sk-quantile -s F -l format -x -a 'raw ndjson csv tsv logfmt' \
	-d 'the format of the input'
complete -c sk-quantile -l framed \
	-d 'a framed stream, in and out: with watermarks'
complete -c sk-quantile -l header \
	-d 'TSV gets a header line; --no-header: none in or out'
complete -c sk-quantile -s h -l help \
	-d 'show this help'
complete -c sk-quantile -l histogram \
	-d 'how many values there are in each of --bins ranges'
complete -c sk-quantile -l info \
	-d 'the inputs are saved sketches: say what they are'
complete -c sk-quantile -s k -l key -x \
	-d 'keep state per value of these fields'
complete -c sk-quantile -l lenient \
	-d 'bad events do not change the status'
complete -c sk-quantile -l load -r -F \
	-d 'begin with the saved state of FILE'
complete -c sk-quantile -l max-keys -x \
	-d 'the most keys that are kept'
complete -c sk-quantile -l max-line -x \
	-d 'a longer line is a bad event (1M)'
complete -c sk-quantile -l merge \
	-d 'the inputs are saved sketches: merge them'
complete -c sk-quantile -l method -x -a 'kll tdigest' \
	-d 'the kind of sketch (kll)'
complete -c sk-quantile -s z -l null \
	-d 'records end in NUL, in and out'
complete -c sk-quantile -s o -l output -r -F \
	-d 'write to FILE, which is replaced at the end'
complete -c sk-quantile -l percentiles -x \
	-d 'which, 0 to 100 (50,90,99,99.9)'
complete -c sk-quantile -l progress \
	-d 'rate and position on stderr once a second'
complete -c sk-quantile -s q -l quiet \
	-d 'fewer messages'
complete -c sk-quantile -l rank -x \
	-d 'the share of values at or below each X'
complete -c sk-quantile -l raw \
	-d 'the input is not framed, whatever it begins with'
complete -c sk-quantile -l save -r -F \
	-d 'save the state in FILE at the end'
complete -c sk-quantile -s s -l seed -x \
	-d 'of the coins that a KLL sketch tosses (1)'
complete -c sk-quantile -l size -x \
	-d 'the k of the sketch: its size and error (200)'
complete -c sk-quantile -l state -r -F \
	-d '--load and --save; empty without a FILE'
complete -c sk-quantile -l strict \
	-d 'stop at the first bad event'
complete -c sk-quantile -l summary \
	-d 'count, min and max, exact, before the results'
complete -c sk-quantile -l to -x -a 'tsv csv ndjson' \
	-d 'the format of the output'
complete -c sk-quantile -l value -x \
	-d 'what is taken of each event (the whole line)'
complete -c sk-quantile -l verbose \
	-d 'more messages'
complete -c sk-quantile -s V -l version \
	-d 'show the version'
complete -c sk-quantile -l weight -x \
	-d 'a value counts so many times, not once'
