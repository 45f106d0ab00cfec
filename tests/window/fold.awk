# What is left of rows with _op: -v keys is the number of the first columns
# that name a row.  Ten lines, as the page has it.
BEGIN { FS = OFS = "\t" }
{
	name = $1
	for (i = 2; i <= keys; i++)
		name = name FS $i
	op = $(NF - 1)
	NF -= 2
	if (op ~ /^-/)
		delete row[name]
	else
		row[name] = $0
}
END { for (name in row) print row[name] }
