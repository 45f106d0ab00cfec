# Made by completions/generate from the options of sk-window.

complete -c sk-window -s a -l aggregate -x \
	-d 'what is said of each window, as sum:bytes (count)'
complete -c sk-window -l bad -r -F \
	-d 'add bad events to FILE'
complete -c sk-window -l count -x \
	-d 'the last N events, at every Nth one'
complete -c sk-window -l cumulate -x \
	-d 'windows of the second, so far, at every first'
complete -c sk-window -l delay -x \
	-d 'events come at most so much out of order (0s)'
complete -c sk-window -s d -l delimiter -x \
	-d 'columns are separated by the byte C, not by blanks'
complete -c sk-window -l early -x \
	-d 'also rows of open windows, every N events or DUR'
complete -c sk-window -l emit -x -a 'final upsert changelog' \
	-d 'how windows that change go out'
complete -c sk-window -l every -x \
	-d 'also a result every N events or every DUR'
complete -c sk-window -s e -l exit-status \
	-d 'status 1 when nothing was written'
complete -c sk-window -l fill -x -a 'none zero null last' \
	-d 'rows of keys in windows without an event of theirs'
complete -c sk-window -l final \
	-d 'with --save: the end of input closes all windows'
complete -c sk-window -s F -l format -x -a 'raw ndjson csv tsv logfmt' \
	-d 'the format of the input'
complete -c sk-window -l framed \
	-d 'a framed stream, in and out: with watermarks'
complete -c sk-window -l global \
	-d 'one window for all time'
complete -c sk-window -l header \
	-d 'TSV gets a header line; --no-header: none in or out'
complete -c sk-window -s h -l help \
	-d 'show this help'
complete -c sk-window -l hop -x \
	-d 'windows of the first, one every second'
complete -c sk-window -l idle -x \
	-d 'time goes on when nothing has come for DUR'
complete -c sk-window -s k -l key -x \
	-d 'keep state per value of these fields'
complete -c sk-window -l late -r -F \
	-d 'add late events to FILE'
complete -c sk-window -l lateness -x \
	-d 'late events change windows for so long (0s)'
complete -c sk-window -l lenient \
	-d 'bad events do not change the status'
complete -c sk-window -l load -r -F \
	-d 'begin with the saved state of FILE'
complete -c sk-window -l max-keys -x \
	-d 'the most keys that are kept'
complete -c sk-window -l max-length -x \
	-d 'a longer session is cut'
complete -c sk-window -l max-line -x \
	-d 'a longer line is a bad event (1M)'
complete -c sk-window -s z -l null \
	-d 'records end in NUL, in and out'
complete -c sk-window -l offset -x \
	-d 'windows begin so much later, or earlier (-DUR)'
complete -c sk-window -s o -l output -r -F \
	-d 'write to FILE, which is replaced at the end'
complete -c sk-window -l progress \
	-d 'rate and position on stderr once a second'
complete -c sk-window -s q -l quiet \
	-d 'fewer messages'
complete -c sk-window -l raw \
	-d 'the input is not framed, whatever it begins with'
complete -c sk-window -l save -r -F \
	-d 'save the state in FILE at the end'
complete -c sk-window -l session -x \
	-d 'events of a key with gaps of at most DUR'
complete -c sk-window -l slide -x \
	-d 'for each event, the DUR up to it'
complete -c sk-window -l state -r -F \
	-d '--load and --save; empty without a FILE'
complete -c sk-window -l strict \
	-d 'stop at the first bad event'
complete -c sk-window -s t -l time -x \
	-d 'the event time'
complete -c sk-window -l to -x -a 'tsv csv ndjson' \
	-d 'the format of the output'
complete -c sk-window -l ttl -x \
	-d 'keys are filled for so long (for ever)'
complete -c sk-window -l tumble -x \
	-d 'windows of DUR, one after another'
complete -c sk-window -l tz -x \
	-d 'the zone of times without offset (UTC)'
complete -c sk-window -l verbose \
	-d 'more messages'
complete -c sk-window -s V -l version \
	-d 'show the version'
complete -c sk-window -l year -x \
	-d 'the year of the first time that does not say it'
