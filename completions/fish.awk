# The completion of one tool for fish, from its --sk-options.
BEGIN {
	FS = "\t"
	print "# Made by completions/generate from the options of " tool "."
	print ""
}

{
	help = $5
	gsub(/\\/, "\\\\", help)
	gsub(/'/, "\\'", help)
	line = "complete -c " tool
	if ($1 != "")
		line = line " -s " $1
	line = line " -l " $2
	if ($3 != "" && $4 != "") {
		gsub(/\|/, " ", $4)
		line = line " -x -a '" $4 "'"
	} else if ($3 ~ /FILE|DIR|TOPIC/)
		line = line " -r -F"
	else if ($3 != "")
		line = line " -x"
	print line " \\"
	print "\t-d '" help "'"
}

END {
	if (verbs != "")
		print "complete -c " tool " -f -n __fish_use_subcommand -a '" \
		    verbs "'"
}
