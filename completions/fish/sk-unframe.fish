# Made by completions/generate from the options of sk-unframe.

complete -c sk-unframe -s h -l help \
	-d 'show this help'
complete -c sk-unframe -s o -l output -r -F \
	-d 'write to FILE, which is replaced at the end'
complete -c sk-unframe -s q -l quiet \
	-d 'fewer messages'
complete -c sk-unframe -l verbose \
	-d 'more messages'
complete -c sk-unframe -s V -l version \
	-d 'show the version'
