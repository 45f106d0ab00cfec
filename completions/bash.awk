# The completion of one tool for bash, from its --sk-options.
BEGIN {
	FS = "\t"
}

{
	name = "--" $2
	if ($1 != "")
		name = "-" $1 "|" name
	all = all " --" $2 ($3 != "" ? "=" : "")
	if ($3 == "")
		next
	if ($4 != "") {
		gsub(/\|/, " ", $4)
		cases = cases "\t" name ")\n\t\tmapfile -t COMPREPLY < <(" \
		    "compgen -W \\\n\t\t    '" $4 "' -- \"$word\")\n" \
		    "\t\treturn ;;\n"
	} else if ($3 ~ /FILE|DIR|TOPIC/)
		files = files (files != "" ? "|" : "") name
	else
		others = others (others != "" ? "|" : "") name
}

# Break a pattern list or a list of words behind `sep`, under 80 columns.
function fold(text, sep, lead,    n, i, part, line, result) {
	n = split(text, part, sep == "|" ? "[|]" : " ")
	line = lead
	for (i = 1; i <= n; i++) {
		if (length(line) + length(part[i]) > 60) {
			sub(/ $/, "", line)
			result = result line (sep == "|" ? "\\\n" : "\n")
			line = lead
		}
		line = line part[i] (i < n ? sep : "")
	}
	return result line
}

END {
	fn = tool
	gsub(/-/, "_", fn)
	print "# Made by completions/generate from the options of " tool "."
	print "# shellcheck shell=bash"
	print ""
	print "_" fn "()"
	print "{"
	print "\tlocal word=${COMP_WORDS[COMP_CWORD]}"
	print "\tlocal option=${COMP_WORDS[COMP_CWORD - 1]}"
	print ""
	print "\tCOMPREPLY=()"
	print "\tif [[ $word == = ]]; then"
	print "\t\tword="
	print "\telif [[ $option == = ]]; then"
	print "\t\toption=${COMP_WORDS[COMP_CWORD - 2]}"
	print "\tfi"
	print "\tcase $option in"
	printf "%s", cases
	if (files != "") {
		print fold(files, "|", "\t") ")"
		print "\t\tcompopt -o filenames"
		print "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")"
		print "\t\treturn ;;"
	}
	if (others != "") {
		print fold(others, "|", "\t") ")"
		print "\t\treturn ;;"
	}
	print "\tesac"
	print "\tif [[ $word == -* ]]; then"
	print "\t\tmapfile -t COMPREPLY < <(compgen -W '"
	print fold(substr(all, 2), " ", "\t\t\t") "' -- \"$word\")"
	print "\t\tif [[ ${COMPREPLY[0]-} == *= ]]; then"
	print "\t\t\tcompopt -o nospace"
	print "\t\tfi"
	print "\t\treturn"
	print "\tfi"
	if (verbs != "") {
		print "\tif ((COMP_CWORD == 1)); then"
		print "\t\tmapfile -t COMPREPLY < <(compgen -W \\"
		print "\t\t    '" verbs "' -- \"$word\")"
		print "\t\treturn"
		print "\tfi"
	}
	print "\tcompopt -o filenames"
	print "\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")"
	print "}"
	print ""
	print "complete -F _" fn " " tool
}
