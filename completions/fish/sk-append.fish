# Made by completions/generate from the options of sk-append.

complete -c sk-append -l ack -x \
	-d 'tell descriptor FD what is durable: `A 0 OFFSET`'
complete -c sk-append -l batch-bytes -x \
	-d 'bytes of lines that make a block (256K)'
complete -c sk-append -l cleanup -x -a 'none delete' \
	-d 'whether old segments may be removed (none)'
complete -c sk-append -s d -l delimiter -x \
	-d 'columns are separated by the byte C, not by blanks'
complete -c sk-append -s F -l format -x -a 'raw ndjson csv tsv logfmt' \
	-d 'the format of the input'
complete -c sk-append -l framed \
	-d 'a framed stream, in and out: with watermarks'
complete -c sk-append -l from-end \
	-d 'with --tail: of files not known yet only what is new'
complete -c sk-append -l header \
	-d 'TSV gets a header line; --no-header: none in or out'
complete -c sk-append -s h -l help \
	-d 'show this help'
complete -c sk-append -l level -x \
	-d 'level of compression, 1 to 19 (1)'
complete -c sk-append -l linger -x \
	-d 'how long a line waits for its block to fill (200ms)'
complete -c sk-append -l max-line -x \
	-d 'bytes of the longest line, with its newline (1M)'
complete -c sk-append -l on-full -x -a 'fail wait' \
	-d 'when the disk is full: end, or hold the input (fail)'
complete -c sk-append -l once \
	-d 'with --tail: take what is there now and end'
complete -c sk-append -l overlong -x -a 'split fail divert=' \
	-d 'what becomes of a line over --max-line (split)'
complete -c sk-append -l progress \
	-d 'rate and position on stderr once a second'
complete -c sk-append -s q -l quiet \
	-d 'fewer messages'
complete -c sk-append -l raw \
	-d 'the input is not framed, whatever it begins with'
complete -c sk-append -l retention-age -x \
	-d 'with --cleanup=delete: remove what is older'
complete -c sk-append -l retention-bytes -x \
	-d 'with --cleanup=delete: remove the oldest beyond SIZE'
complete -c sk-append -l rotate-wait -x \
	-d 'with --tail: a rotated file so quiet is over (5s)'
complete -c sk-append -l segment-age -x \
	-d 'begin a new segment after DUR (24h)'
complete -c sk-append -l segment-bytes -x \
	-d 'begin a new segment after SIZE bytes (256M)'
complete -c sk-append -l source-age -x \
	-d 'forget a file that gave nothing for DUR (30d)'
complete -c sk-append -l sync -x -a 'block interval none interval:' \
	-d 'when lines become durable (interval:1s)'
complete -c sk-append -l tail \
	-d 'follow the files in front of TOPIC'
complete -c sk-append -s t -l time -x \
	-d 'the event time'
complete -c sk-append -l torn-keep -x \
	-d 'how long a cut-off tail is kept (7d)'
complete -c sk-append -l tz -x \
	-d 'the zone of times without offset (UTC)'
complete -c sk-append -l verbose \
	-d 'more messages'
complete -c sk-append -s V -l version \
	-d 'show the version'
complete -c sk-append -l wait -x \
	-d 'wait so long for another writer of TOPIC to end (0)'
complete -c sk-append -l with-source \
	-d 'with --tail: put the file\'s name and a TAB in front'
complete -c sk-append -l year -x \
	-d 'the year of the first time that does not say it'
