# The completion of one tool for zsh, from its --sk-options.
BEGIN {
	FS = "\t"
	print "#compdef " tool
	print "# Made by completions/generate from the options of " tool "."
	print ""
	print "_arguments -s -S \\"
}

{
	help = $5
	gsub(/\\/, "\\\\", help)
	gsub(/\[/, "\\[", help)
	gsub(/\]/, "\\]", help)
	gsub(/:/, "\\:", help)
	gsub(/'/, "'\\''", help)
	argument = ""
	if ($3 != "") {
		action = $3 ~ /FILE|DIR|TOPIC/ ? "_files" : " "
		if ($4 != "") {
			gsub(/\|/, " ", $4)
			action = "(" $4 ")"
		}
		word = $3
		gsub(/:/, "\\:", word)
		gsub(/\[/, "\\[", word)
		gsub(/\]/, "\\]", word)
		argument = ":" word ":" action
	}
	equals = $3 != "" ? "=" : ""
	if ($1 == "")
		line = "'*--" $2 equals
	else
		line = "'*'{-" $1 ($3 != "" ? "+" : "") ",--" $2 equals "}'"
	print "\t" line "[" help "]" argument "' \\"
}

END {
	if (verbs != "")
		print "\t'1:verb:(" verbs ")' \\"
	print "\t'*:file:_files'"
}
