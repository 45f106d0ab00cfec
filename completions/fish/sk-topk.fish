# Made by completions/generate from the options of sk-topk.

complete -c sk-topk -l bad -r -F \
	-d 'add bad events to FILE'
complete -c sk-topk -l counters -x \
	-d 'count N items: the size and the error (4096)'
complete -c sk-topk -l decay -x \
	-d 'after each DUR an event counts half: what is hot now'
complete -c sk-topk -s d -l delimiter -x \
	-d 'columns are separated by the byte C, not by blanks'
complete -c sk-topk -l every -x \
	-d 'also a result every N events or every DUR'
complete -c sk-topk -s e -l exit-status \
	-d 'status 1 when nothing was written'
complete -c sk-topk -s F -l format -x -a 'raw ndjson csv tsv logfmt' \
	-d 'the format of the input'
complete -c sk-topk -l framed \
	-d 'a framed stream, in and out: with watermarks'
complete -c sk-topk -l header \
	-d 'TSV gets a header line; --no-header: none in or out'
complete -c sk-topk -s h -l help \
	-d 'show this help'
complete -c sk-topk -l info \
	-d 'the inputs are saved sketches: say what they are'
complete -c sk-topk -s k -l key -x \
	-d 'keep state per value of these fields'
complete -c sk-topk -l lenient \
	-d 'bad events do not change the status'
complete -c sk-topk -l load -r -F \
	-d 'begin with the saved state of FILE'
complete -c sk-topk -l max-item -x \
	-d 'a longer item is a bad event (1K)'
complete -c sk-topk -l max-keys -x \
	-d 'the most keys that are kept'
complete -c sk-topk -l max-line -x \
	-d 'a longer line is a bad event (1M)'
complete -c sk-topk -l merge \
	-d 'the inputs are saved sketches: merge them'
complete -c sk-topk -l method -x -a 'space-saving lossy-counting count-min' \
	-d 'how to count (space-saving)'
complete -c sk-topk -s z -l null \
	-d 'records end in NUL, in and out'
complete -c sk-topk -s n -l number -x \
	-d 'how many, at most'
complete -c sk-topk -s o -l output -r -F \
	-d 'write to FILE, which is replaced at the end'
complete -c sk-topk -l progress \
	-d 'rate and position on stderr once a second'
complete -c sk-topk -l query -r -F \
	-d 'the operands are items: their counts in a saved FILE'
complete -c sk-topk -s q -l quiet \
	-d 'fewer messages'
complete -c sk-topk -l raw \
	-d 'the input is not framed, whatever it begins with'
complete -c sk-topk -l rows -x \
	-d 'rows of count-min: how likely its errors hold (5)'
complete -c sk-topk -l save -r -F \
	-d 'save the state in FILE at the end'
complete -c sk-topk -l state -r -F \
	-d '--load and --save; empty without a FILE'
complete -c sk-topk -l strict \
	-d 'stop at the first bad event'
complete -c sk-topk -l threshold -x \
	-d 'all items above this share of the total (1%, 0.01)'
complete -c sk-topk -s t -l time -x \
	-d 'the event time'
complete -c sk-topk -l to -x -a 'tsv csv ndjson' \
	-d 'the format of the output'
complete -c sk-topk -l tz -x \
	-d 'the zone of times without offset (UTC)'
complete -c sk-topk -l value -x \
	-d 'what is taken of each event (the whole line)'
complete -c sk-topk -l verbose \
	-d 'more messages'
complete -c sk-topk -s V -l version \
	-d 'show the version'
complete -c sk-topk -l weight -x \
	-d 'an event counts so many times, not once'
complete -c sk-topk -l year -x \
	-d 'the year of the first time that does not say it'
