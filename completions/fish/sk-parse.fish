# Made by completions/generate from the options of sk-parse.

complete -c sk-parse -l add -x \
	-d 'a further member, in each record'
complete -c sk-parse -l bad -r -F \
	-d 'add bad events to FILE'
complete -c sk-parse -s d -l delimiter -x \
	-d 'columns are separated by the byte C, not by blanks'
complete -c sk-parse -s e -l exit-status \
	-d 'status 1 when nothing was written'
complete -c sk-parse -l framed \
	-d 'a framed stream, in and out: with watermarks'
complete -c sk-parse -l header \
	-d 'TSV gets a header line; --no-header: none in or out'
complete -c sk-parse -s h -l help \
	-d 'show this help'
complete -c sk-parse -l keep-raw \
	-d 'the line itself as the member raw'
complete -c sk-parse -l lenient \
	-d 'bad events do not change the status'
complete -c sk-parse -l list \
	-d 'show the formats and the names for patterns'
complete -c sk-parse -l max-line -x \
	-d 'a longer line is a bad event (1M)'
complete -c sk-parse -l multiline -x \
	-d 'join lines up to the next one that matches'
complete -c sk-parse -l multiline-lines -x \
	-d 'join at most N lines (500)'
complete -c sk-parse -l multiline-wait -x \
	-d 'wait so long for a further line (1s)'
complete -c sk-parse -s z -l null \
	-d 'records end in NUL, in and out'
complete -c sk-parse -l or -x \
	-d 'try this format next'
complete -c sk-parse -s o -l output -r -F \
	-d 'write to FILE, which is replaced at the end'
complete -c sk-parse -l patterns -r -F \
	-d 'more names, as --list shows them'
complete -c sk-parse -l progress \
	-d 'rate and position on stderr once a second'
complete -c sk-parse -s q -l quiet \
	-d 'fewer messages'
complete -c sk-parse -l raw \
	-d 'the input is not framed, whatever it begins with'
complete -c sk-parse -l stats \
	-d 'tell at the end how many lines each format took'
complete -c sk-parse -l strict \
	-d 'stop at the first bad event'
complete -c sk-parse -l to -x -a 'tsv csv ndjson' \
	-d 'the format of the output'
complete -c sk-parse -l tz -x \
	-d 'the zone of times without offset (UTC)'
complete -c sk-parse -l utf \
	-d 'patterns match UTF-8 characters, not bytes'
complete -c sk-parse -l verbose \
	-d 'more messages'
complete -c sk-parse -s V -l version \
	-d 'show the version'
complete -c sk-parse -l year -x \
	-d 'the year of the first time that does not say it'
