# Made by completions/generate from the options of sk-log.

complete -c sk-log -l all \
	-d 'repack: also segments whose blocks are large'
complete -c sk-log -l deep \
	-d 'recover: also decompress the newest segment'
complete -c sk-log -l header \
	-d 'TSV gets a header line; --no-header: none in or out'
complete -c sk-log -s h -l help \
	-d 'show this help'
complete -c sk-log -l ignore-jobs \
	-d 'trim: also what registered jobs still need'
complete -c sk-log -s q -l quiet \
	-d 'fewer messages'
complete -c sk-log -l to -x -a 'tsv csv ndjson' \
	-d 'the format of the output'
complete -c sk-log -l verbose \
	-d 'more messages'
complete -c sk-log -s V -l version \
	-d 'show the version'
complete -c sk-log -l wait -x \
	-d 'repack, trim: so long for a running writer (1m)'
complete -c sk-log -f -n __fish_use_subcommand -a 'ls check recover repack trim salvage'
