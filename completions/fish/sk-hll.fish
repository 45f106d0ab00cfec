# Made by completions/generate from the options of sk-hll.

complete -c sk-hll -l bad -r -F \
	-d 'add bad events to FILE'
complete -c sk-hll -l bounds \
	-d 'estimate, lower and upper bound, not rounded'
complete -c sk-hll -s d -l delimiter -x \
	-d 'columns are separated by the byte C, not by blanks'
complete -c sk-hll -l every -x \
	-d 'also a result every N events or every DUR'
complete -c sk-hll -s e -l exit-status \
	-d 'status 1 when nothing was written'
complete -c sk-hll -s F -l format -x -a 'raw ndjson csv tsv logfmt' \
	-d 'the format of the input'
complete -c sk-hll -l framed \
	-d 'a framed stream, in and out: with watermarks'
complete -c sk-hll -l header \
	-d 'TSV gets a header line; --no-header: none in or out'
complete -c sk-hll -s h -l help \
	-d 'show this help'
complete -c sk-hll -l info \
	-d 'the inputs are saved sketches: say what they are'
complete -c sk-hll -l intersect \
	-d 'two saved sketches: how many values are in both'
complete -c sk-hll -l jaccard \
	-d 'two saved sketches: the share of values in both'
complete -c sk-hll -s k -l key -x \
	-d 'keep state per value of these fields'
complete -c sk-hll -l lenient \
	-d 'bad events do not change the status'
complete -c sk-hll -l lgk -x \
	-d '2^N registers: the size and the error (12)'
complete -c sk-hll -l load -r -F \
	-d 'begin with the saved state of FILE'
complete -c sk-hll -l max-keys -x \
	-d 'the most keys that are kept'
complete -c sk-hll -l max-line -x \
	-d 'a longer line is a bad event (1M)'
complete -c sk-hll -l merge \
	-d 'the inputs are saved sketches: merge them'
complete -c sk-hll -s z -l null \
	-d 'records end in NUL, in and out'
complete -c sk-hll -s o -l output -r -F \
	-d 'write to FILE, which is replaced at the end'
complete -c sk-hll -l progress \
	-d 'rate and position on stderr once a second'
complete -c sk-hll -s q -l quiet \
	-d 'fewer messages'
complete -c sk-hll -l raw \
	-d 'the input is not framed, whatever it begins with'
complete -c sk-hll -l save -r -F \
	-d 'save the state in FILE at the end'
complete -c sk-hll -l sd -x \
	-d '--bounds at N standard deviations (2)'
complete -c sk-hll -l state -r -F \
	-d '--load and --save; empty without a FILE'
complete -c sk-hll -l strict \
	-d 'stop at the first bad event'
complete -c sk-hll -l to -x -a 'tsv csv ndjson' \
	-d 'the format of the output'
complete -c sk-hll -l type -x -a 'hll4 hll6 hll8' \
	-d 'bits of a register in saved sketches (hll8)'
complete -c sk-hll -l updatable \
	-d 'save the form that Spark writes'
complete -c sk-hll -l value -x \
	-d 'what is taken of each event (the whole line)'
complete -c sk-hll -l verbose \
	-d 'more messages'
complete -c sk-hll -s V -l version \
	-d 'show the version'
