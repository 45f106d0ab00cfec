#!/usr/bin/env bats
# FIELDs in every format, as all tools have them: the same data gives the same
# answer, and what is odd about a format is the same everywhere.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	shared=$SK_ROOT/../shared/data
}

# Tools that take --value and -k, and write records.
sketches() {
	local tool

	for tool in $(tools); do
		[ "$("$tool" --sk-options | cut -f 2 |
		    grep -cxE 'value|key|to|info')" -ne 4 ] || echo "$tool"
	done
}

have() {
	tools | grep -qx "$1" || skip "no $1"
}

# The same 500 events as raw columns, NDJSON, CSV, TSV and logfmt: a time, a
# user and a page.
same_data() {
	awk 'BEGIN {
		srand(7)
		for (i = 0; i < 500; i++) {
			t = 1772323200 + i * 60
			u = int(400 * rand() ^ 3)
			p = "/page" int(12 * rand())
			print t, u, p > "raw"
			printf "{\"t\":%d,\"who\":{\"user\":%d}", t, u > "ndjson"
			printf ",\"page\":\"%s\"}\n", p > "ndjson"
			if (i == 0) {
				print "page,t,user" > "csv"
				print "user\tt\tpage" > "tsv"
			}
			printf "%s,%s,\"%s\"\n", p, t, u > "csv"
			printf "%s\t%s\t%s\n", u, t, p > "tsv"
			printf "t=%s page=\"%s\" user=%s\n", t, p, u > "logfmt"
		}
	}'
}

# The FIELDs of a format for the time, the user and the page.
map_of() {
	case $1 in
	raw) echo 'T=1 U=2 P=3' ;;
	ndjson) echo 'T=t U=who.user P=page' ;;
	csv) echo 'T=2 U=user P=page' ;;
	*) echo 'T=t U=user P=page' ;;
	esac
}

# `TOOL ARG...`, in which @T, @U and @P stand for the fields, on every format:
# each answer is that of raw columns, but for the header line.
all_agree() {
	local format map want got

	for format in raw ndjson csv tsv logfmt; do
		map=$(map_of "$format")
		got=$(run_on $format "$map" "$@" --to=csv) || return
		got=${got#*$'\n'}
		[ -n "$got" ] || { echo "$format: $*: nothing"; return 1; }
		: "${want:=$got}"
		[ "$got" = "$want" ] || {
			echo "$format: $*"
			diff <(echo "$want") <(echo "$got") | head
			return 1
		}
	done
}

run_on() {
	local format=$1 map=$2 words=() word pair

	shift 2
	for word; do
		for pair in $map; do
			word=${word//@${pair%=*}/${pair#*=}}
		done
		words+=("$word")
	done
	"${words[@]}" -F "$format" "$format"
}

# Status, stdout and stderr of a command whose stdin is IN (printf's format).
gives() {
	local in=$1 want=$2 out=$3 err=$4

	shift 4
	# shellcheck disable=SC2059 # a format on purpose
	printf "$in" > in
	run --separate-stderr "$@" < in
	same "$output" "$out"
	same "$stderr" "$err"
	[ "$status" -eq "$want" ] || { echo "status $status"; return 1; }
}

bad1='sk-topk: 1 of 1 events bad'

# The command is a wrong usage, for this reason.
refuses() {
	local why=$1

	shift
	run -2 --separate-stderr "$@" < /dev/null
	same "$output" ''
	same "${stderr_lines[0]}" "$1: $why"
}

# ---- the same everywhere ----

@test "fields: every format gives the same answer in every tool" {
	local tool

	same_data
	[ -n "$(sketches)" ]
	for tool in $(sketches); do
		all_agree "$tool" --value @U
		all_agree "$tool" --value @U -k @P
		all_agree "$tool" --value @T -k @U
		all_agree "$tool" -k @P,@U --value @T
	done
}

@test "fields: every format gives the same columns" {
	have sk-cols
	same_data
	all_agree sk-cols @U,@P,@T
	all_agree sk-cols @P
}

@test "fields: -t finds the same events of a log in every format" {
	local format opts

	same_data
	for format in raw ndjson csv tsv logfmt; do
		opts=(-F "$format" -t t)
		[ "$format" != raw ] || opts=(-t 1)
		sk-append --batch-bytes 1000 "${opts[@]}" log < $format
		run -0 --separate-stderr sk-replay "${opts[@]}" \
		    --from @1772330000 --until @1772340000 log
		same "$stderr" ''
		tail -n +2 $format > $format.rest
		case $format in
		csv|tsv) head -n 1 $format > want ;;
		*) : > want; cat $format > $format.rest ;;
		esac
		awk 'NR == FNR {
			keep[FNR] = $1 >= 1772330000 && $1 < 1772340000
			next
		}
		keep[FNR]' raw $format.rest >> want
		same "$output" "$(cat want)"
		rm -r log
	done
}

@test "fields: the kind of FIELD picks the format, -F only agrees" {
	gives '{"a":"x y"}\n' 0 '{"count":1,"error":0,"item":"x y"}' '' \
	    sk-topk --value a
	gives '{"a":"x y"}\n' 0 '{"count":1,"error":0,"item":"x y"}' '' \
	    sk-topk -F ndjson --value a
	gives '{"a":"x y"}\n' 0 $'1\t0\ty"}' '' sk-topk --value 2
	refuses '-F raw takes columns (3, 2-4, 5-)' sk-topk -F raw --value a
	refuses '-F ndjson takes paths (user.id; a key of digits is /3)' \
	    sk-topk -F ndjson --value 1
	refuses '1: columns and paths do not go together' sk-topk -k 1 --value a
	refuses '1-2: a range; -F csv takes single columns' \
	    sk-topk -F csv --value 1-2
	refuses '2-: a range; -F tsv takes single columns' \
	    sk-topk -F tsv --value 2-
	refuses '1: not a key of logfmt' sk-topk -F logfmt --value 1
	refuses 'a: not a number, and there is no header line' \
	    sk-topk -F csv --no-header --value a
	refuses '-d: a quote, a CR and a newline separate no columns of CSV' \
	    sk-topk -F csv -d '"' --value a
}

# ---- no value, wrong type ----

@test "fields: absent, null and empty are no value and are counted" {
	gives '{"a":null}\n{"b":1}\n{"a":""}\n{"a":{"b":2}}\n' 0 '' \
	    'sk-topk: 4 of 4 events without x' sk-topk --value a.x
	gives '{"a":null}\n{"b":1}\n{"a":""}\n{"a":0}\n' 0 \
	    '{"count":1,"error":0,"item":"0"}' \
	    'sk-topk: 3 of 4 events without a' sk-topk --value a
	gives 'a,b\n1\n1,\n1,""\n1,2\n' 0 $'count,error,item\n1,0,2' \
	    'sk-topk: 3 of 4 events without b' sk-topk -F csv --value b
	gives 'a\tb\n1\n1\t\n1\t2\n' 0 $'count\terror\titem\n1\t0\t2' \
	    'sk-topk: 2 of 3 events without b' sk-topk -F tsv --value b
	gives 'a=1\nb=\nb=""\nb=2\n' 0 $'1\t0\t2' \
	    'sk-topk: 3 of 4 events without b' sk-topk -F logfmt --value b
	printf '{"a":1}\nx\n' > other
	gives '{"a":"v","k":null}\n{"a":"v","k":"w"}\n' 0 \
	    '{"k":"w","distinct":1}' 'sk-hll: other:2: not a JSON object
sk-hll: 1 of 4 events bad
sk-hll: 2 of 4 events without k' sk-hll -k k --value a --lenient - other
}

@test "fields: a list or an object is a wrong type, and bad" {
	gives '{"a":[1,{"b":2}]}\n{"a":1}\n' 4 \
	    '{"count":1,"error":0,"item":"1"}' \
	    'sk-topk: stdin:1: a list or an object where a value is due
sk-topk: 1 of 2 events bad' sk-topk --value a
	gives '{"a":[1,{"b":2}]}\n' 0 '{"count":1,"error":0,"item":"2"}' '' \
	    sk-topk --value 'a[1].b'
	gives '{"a":{"b":2},"k":{}}\n' 4 '' \
	    'sk-topk: stdin:1: a list or an object where a value is due
sk-topk: 1 of 1 events bad' sk-topk -k k --value a.b
}

@test "fields: an empty line is no event, with a CR neither but in raw lines" {
	gives '\n{"a":1}\r\n\r\n\n{"a":1}\n\r\n' 0 \
	    '{"count":2,"error":0,"item":"1"}' '' sk-topk --value a
	gives '\na\r\n1\r\n\r\n\n1\n\r' 0 $'count,error,item\n2,0,1' '' \
	    sk-topk -F csv --value a
	gives '\r\na\r\n1\r\n\r\n\n1\n\r\n' 0 $'count\terror\titem\n2\t0\t1' \
	    '' sk-topk -F tsv --value a
	gives 'a=1\r\n\r\n\na=1' 0 $'2\t0\t1' '' sk-topk -F logfmt --value a
	# As many as a batch, too.
	{ yes $'\r' | head -n 5000; printf '{"a":1}\r\n'; } > in
	run -0 --separate-stderr sk-topk --value a in
	same "$output" '{"count":1,"error":0,"item":"1"}'
	same "$stderr" ''
	gives '1\r\n\r\n1\n' 0 $'1\t0\t\r\n1\t0\t1\n1\t0\t1\r' '' \
	    sk-topk --value 1
}

# ---- JSON ----

@test "ndjson: numbers stay as written, beyond 2^53 and beyond doubles" {
	printf '{"a":%s}\n' 12345678901234567890123 1.0 1e400 -0 1E+2 > in
	run -0 --separate-stderr sk-hll -k a in
	same "$output" '{"a":-0,"distinct":1}
{"a":1.0,"distinct":1}
{"a":12345678901234567890123,"distinct":1}
{"a":1E+2,"distinct":1}
{"a":1e400,"distinct":1}'
	same "$(sk-hll -k a --to tsv in | cut -f 1)" '-0
1.0
12345678901234567890123
1E+2
1e400'
}

@test "ndjson: a key keeps its kind: 200 and \"200\" are two" {
	printf '{"a":%s}\n' 200 '"200"' true '"true"' 200 > in
	run -0 --separate-stderr sk-topk -k a --value a -n 1 in
	same "$(sk-hll -k a in)" '{"a":"200","distinct":1}
{"a":200,"distinct":1}
{"a":"true","distinct":1}
{"a":true,"distinct":1}'
	printf '{"a":%s,"b":%s}\n' 1 2 '"1"' 2 1 '"2"' > in
	same "$(sk-hll -k a,b in)" '{"a":"1","b":2,"distinct":1}
{"a":1,"b":"2","distinct":1}
{"a":1,"b":2,"distinct":1}'
}

@test "ndjson: the first of several members with one name counts" {
	gives '{"a":1,"a":2}\n{"b":{"a":3},"a":4,"a":5}\n' 0 \
	    '{"count":1,"error":0,"item":"1"}
{"count":1,"error":0,"item":"4"}' '' sk-topk --value a
}

@test "ndjson: escapes, \\u0000 too, are undone and written again" {
	gives '{"a":"q\\u0000\\t\\"\\\\caf\\u00e9\\ud83d\\ude00"}\n' 0 \
	    '{"count":1,"error":0,"item":"q\u0000\u0009\"\\café😀"}' '' \
	    sk-topk --value a
	gives '{"a":"x\\ty\\nz\\\\r"}\n' 0 $'1\t0\tx\\ty\\nz\\\\r' '' \
	    sk-topk --to tsv --value a
	gives '{"a":"x\\ny,\\"z"}\n' 0 $'count,error,item\n1,0,"x\ny,""z"' '' \
	    sk-topk --to csv --value a
	gives '{"a":"\\ud83d"}\n' 4 '' \
	    "sk-topk: stdin:1: half of a surrogate pair
$bad1" sk-topk --value a
}

@test "ndjson: deep nesting is refused, not fatal" {
	awk 'BEGIN {
		printf "{\"a\":"
		for (i = 0; i < 100000; i++)
			printf "["
		print "\n{\"a\":1}"
	}' > in
	run -4 --separate-stderr sk-topk --value a in
	same "$output" '{"count":1,"error":0,"item":"1"}'
	same "${stderr_lines[1]}" 'sk-topk: 1 of 2 events bad'
}

@test "ndjson: bytes that are no UTF-8 make the event bad" {
	gives '{"a":"\377"}\n{"a":"\303\251"}\n' 4 \
	    '{"count":1,"error":0,"item":"é"}' 'sk-topk: stdin:1: not UTF-8
sk-topk: 1 of 2 events bad' sk-topk --value a
	# Raw lines hold any bytes; JSON that is made of them does not.
	gives 'x \377\n' 0 '{"count":1,"error":0,"item":"�"}' '' \
	    sk-topk --value 2 --to ndjson
}

@test "ndjson: the first line says what it looks like, others do not" {
	gives 'id,name\n' 4 '' "sk-topk: stdin:1: not a JSON object; -F csv?
$bad1" sk-topk --value a
	gives '\n\nid\tname\n' 4 '' \
	    "sk-topk: stdin:3: not a JSON object; -F tsv?
$bad1" sk-topk --value a
	gives 'level=info id=1\n' 4 '' \
	    "sk-topk: stdin:1: not a JSON object; -F logfmt?
$bad1" sk-topk --value a
	gives '[1,2]\n' 4 '' "sk-topk: stdin:1: not a JSON object; -F csv?
$bad1" sk-topk --value a
	printf 'id,name\n' > other
	gives '{"a":1}\n' 4 '{"count":1,"error":0,"item":"1"}' \
	    'sk-topk: other:1: not a JSON object
sk-topk: 1 of 2 events bad' sk-topk --value a - other
	gives '{"a":1}\nid,name\n' 4 '{"count":1,"error":0,"item":"1"}' \
	    'sk-topk: stdin:2: not a JSON object
sk-topk: 1 of 2 events bad' sk-topk --value a
}

@test "ndjson: keys with dots and slashes, by JSON Pointer" {
	printf '%s\n' '{"id.orig_h":"1.2.3.4","a/b":{"~":"t"},"7":"seven"}' > in
	same "$(sk-topk --value /id.orig_h --to tsv in)" $'1\t0\t1.2.3.4'
	same "$(sk-topk --value /a~1b/~0 --to tsv in)" $'1\t0\tt'
	same "$(sk-topk --value /7 --to tsv in)" $'1\t0\tseven'
	same "$(sk-hll -k /a~1b/~0 in)" '{"~0":"t","distinct":1}'
	same "$(sk-hll -k tilde=/a~1b/~0 in)" '{"tilde":"t","distinct":1}'
}

# ---- CSV and TSV ----

@test "csv: each input has its header line; its columns may differ in order" {
	printf 'id,name\n1,a\n2,b\n' > one
	printf 'x,name,id\n9,c,3\n' > two
	printf 'id,other\n4,d\n' > three
	run -4 --separate-stderr sk-topk -F csv -k id --value name \
	    one three two one
	same "$output" 'id,count,error,item
1,2,0,a
2,2,0,b
3,1,0,c'
	same "$stderr" 'sk-topk: three:1: no column name; there are id, other'
	run -0 --separate-stderr sk-topk -F csv --value 2 one two
	same "$output" 'count,error,item
1,0,a
1,0,b
1,0,c'
	tr , '\t' < one > one.tsv
	tr , '\t' < two > two.tsv
	run -0 --separate-stderr sk-topk -F tsv --value name one.tsv two.tsv
	same "$output" $'count\terror\titem\n1\t0\ta\n1\t0\tb\n1\t0\tc'
}

@test "csv: quotes hold commas, newlines and quotes; lines are counted" {
	gives 'a,b\n1,"x,y"\n2,"x\ny"\n3,"x""y"\n4,"x"y\n5,x"y\n' 4 \
	    'count,error,item
2,0,"x""y"
1,0,"x
y"
1,0,"x,y"' 'sk-topk: stdin:6: text behind a closing quote
sk-topk: 1 of 5 events bad' sk-topk -F csv --value b -n 3
	# The same goes out as it came in.
	printf 'a,b\n1,"x\ny"\n' > in
	same "$(sk-topk -F csv --value b in | sk-topk -F csv --value item)" \
	    $'count,error,item\n1,0,"x\ny"'
	gives 'a,b\n1,"x\ny\n2,z\n' 4 $'count,error,item\n1,0,z' \
	    'sk-topk: stdin:2: a quote that is not closed
sk-topk: 1 of 3 events bad
sk-topk: 1 of 3 events without b' sk-topk -F csv --value b
	gives 'a,b\n1,"x\ny"z\n' 0 'count,error,item' \
	    "sk-topk: stdin:2: text behind a closing quote
$bad1" sk-topk -F csv --value b --bad bad
	same "$(cat bad)" $'stdin:2\ttext behind a closing quote\t1,"x\ny"z'
}

@test "csv: rows may be short or long" {
	gives 'a,b,c\n1\n1,2,3,4,5\n1,,3\n' 0 $'count,error,item\n2,0,3' \
	    'sk-topk: 1 of 3 events without c' sk-topk -F csv --value c
	gives 'a\n1\n1,2,3,4,5\n1,,3\n' 0 $'count,error,item\n1,0,5' \
	    'sk-topk: 2 of 3 events without 5' sk-topk -F csv --value 5
}

@test "csv, tsv: CRLF and a byte order mark are no part of the cells" {
	gives '\357\273\277a,b\r\n"1",x\r\n2,"y"\r\n' 0 'b,count,error,item
x,1,0,1
y,1,0,2' '' sk-topk -F csv --value a -k b
	gives '\357\273\277a\tb\r\n1\tx\r\n2\ty\r\n' 0 \
	    $'b\tcount\terror\titem\nx\t1\t0\t1\ny\t1\t0\t2' '' \
	    sk-topk -F tsv --value a -k b
	gives '\357\273\277{"a":1}\r\n' 0 '{"count":1,"error":0,"item":"1"}' \
	    '' sk-topk --value a
	gives '\357\273\277a=1\r\n' 0 $'1\t0\t1' '' sk-topk -F logfmt --value a
	gives '\357\273\277"a ",b\n1,2\n' 0 $'count,error,item\n1,0,1' '' \
	    sk-topk -F csv --value 'a '
}

@test "csv, tsv: --no-header takes the first line, in and out" {
	gives '1,x\n2,y\n' 0 $'x,1,0,1\ny,1,0,2' '' \
	    sk-topk -F csv --no-header -k 2 --value 1
	gives '1\tx\n' 0 $'1\t0\tx' '' sk-topk -F tsv --no-header --value 2
	gives 'a\tb\n1\tx\n' 0 $'count\terror\titem\n1\t0\tx' '' \
	    sk-topk -F tsv --no-header --header --value 2
}

@test "csv: -d is its comma, in and out" {
	gives 'a;b\n"1;0";x,y\n' 0 $'b;count;error;item\nx,y;1;0;"1;0"' '' \
	    sk-topk -F csv -d ';' --value a -k b
	gives 'a|b\n1|x\n' 0 $'count\terror\titem\n1\t0\tx' '' \
	    sk-topk -F tsv -d '|' --value b
}

@test "csv: with -z records end in NUL and newlines are text" {
	printf 'a,b\0001,x\ny\0' > in
	sk-topk -z -F csv --value b in | tr '\0' '|' > out
	printf 'count,error,item|1,0,"x\ny"|' | cmp - out
}

@test "csv: a record over --max-line is bad, and so is an endless quote" {
	{
		printf 'a,b\n1,"'
		head -c 3000000 /dev/zero | tr '\0' '\n'
		printf '2,x\n3,"y"\n'
	} > in
	run -4 --separate-stderr sk-topk -F csv --value b in
	same "$output" 'count,error,item
1,0,x
1,0,y'
	same "$stderr" 'sk-topk: in:2: a quote that is not closed
sk-topk: 1 of 3 events bad'
	printf 'a,b\n1,"0123456789\n0123456789"\n2,x\n' > in
	run -4 --separate-stderr sk-topk -F csv --max-line 20 --value b in
	same "$output" $'count,error,item\n1,0,x'
	same "${stderr_lines[0]}" 'sk-topk: in:2: line longer than 20 bytes'
}

@test "csv: a name that looks like a number or has dots and slashes" {
	gives '2026,x.y,a/b\nv,w,z\n' 0 $'count,error,item\n1,0,v' '' \
	    sk-topk -F csv --value /2026
	gives '2026,x.y,a/b\nv,w,z\n' 0 'x.y,a/b,distinct
w,z,1' '' sk-hll -F csv -k x.y,a/b
}

@test "tsv: escapes are undone, and made again" {
	gives 'a\nx\\ty\\\\z\\q\n' 0 $'count\terror\titem\n1\t0\tx\\ty\\\\z\\\\q' \
	    '' sk-topk -F tsv --value a
	gives 'a\nx\\ty\\\\z\\q\n' 0 \
	    '{"count":1,"error":0,"item":"x\u0009y\\z\\q"}' '' \
	    sk-topk -F tsv --to ndjson --value a
	# Raw columns have no escapes.
	gives 'x\\ty\n' 0 $'1\t0\tx\\ty' '' sk-topk -d '\t' --value 1
}

@test "logfmt: words, strings, keys alone, repeated keys" {
	gives 'level=info msg="a \\"b\\"\\n" ok\nlevel=warn msg=x msg=y ok=\n' 0 \
	    '{"level":"info","count":1,"error":0,"item":"a \"b\"\u000a"}
{"level":"warn","count":1,"error":0,"item":"x"}' '' \
	    sk-topk -F logfmt --to ndjson -k level --value msg
	gives 'a ok\nb ok=no\n' 0 $'1\t0\tno\n1\t0\ttrue' '' \
	    sk-topk -F logfmt --value ok
	gives 'a="x\n' 4 '' "sk-topk: stdin:1: a quote that is not closed
$bad1" sk-topk -F logfmt --value a
}

# ---- names and forms of the output ----

@test "fields: name=FIELD names it in the output, two equal names are usage" {
	printf '%s\n' '{"a":{"id":1},"b":{"id":2}}' > in
	same "$(sk-hll -k a.id,other=b.id in)" \
	    '{"id":1,"other":2,"distinct":1}'
	run -2 --separate-stderr sk-hll -k a.id,b.id in
	same "$output" ''
	same "${stderr_lines[0]}" \
	    'sk-hll: two columns are called id; name=FIELD gives another name'
	run -2 --separate-stderr sk-hll -k distinct=a.id in
	run -2 --separate-stderr sk-topk -k count=1 in
}

@test "fields: NDJSON gives NDJSON, CSV gives CSV, all else TSV; --to" {
	same_data
	same "$(sk-hll --value 3 raw)" 12
	same "$(sk-hll --value page ndjson)" '{"distinct":12}'
	same "$(sk-hll -F csv --value page csv)" $'distinct\n12'
	same "$(sk-hll -F tsv --value page tsv)" $'distinct\n12'
	same "$(sk-hll -F logfmt --value page logfmt)" 12
	same "$(sk-hll --to csv --value page ndjson)" $'distinct\n12'
	same "$(sk-hll --to tsv --value page ndjson)" 12
	same "$(sk-hll --to tsv --header --value page ndjson)" $'distinct\n12'
	same "$(sk-hll --to ndjson -F csv --value page csv)" '{"distinct":12}'
	same "$(sk-hll --to tsv -F csv --value page csv)" 12
	same "$(sk-hll --no-header --to csv --value page ndjson)" 12
}

# ---- real data ----

# The lines of ANSWERS.txt behind the line TITLE of the section of FILE.
answers() {
	awk -v file="## $1" -v title="$2" '
	/^## / { here = $0 == file; on = 0 }
	here && on && !/^[0-9]+\t/ { exit }
	here && on
	here && $0 == title { on = 1 }' "$shared/ANSWERS.txt"
}

# The number that is said of TITLE there.
answer() {
	awk -F '\t' -v file="## $1" -v title="$2" '
	/^## / { here = $0 == file }
	here && $1 == title { print $2; exit }' "$shared/ANSWERS.txt"
}

# sk-topk ARG... on FILE gives what is said under TITLE.
counts() {
	local file=$1 title=$2 want

	shift 2
	want=$(answers "$file" "$title")
	[ -n "$want" ]
	same "$(sk-topk --to=tsv --header --counters 60000 \
	    -n "$(wc -l <<< "$want")" "$@" "$shared/$file" 2> err |
	    tail -n +2 | cut -f 1,3)" "$want"
}

# |estimate - truth| is within 3 %.
is_about() {
	awk -v got="$1" -v want="$2" 'BEGIN {
		d = got - want
		exit !((d < 0 ? -d : d) * 100 <= want * 3)
	}' || { echo "$1, not about $2"; return 1; }
}

@test "real: edits of Wikipedia, by paths" {
	[ -d "$shared" ] || skip 'no shared data'
	file=json/wikiticker_2015-09-12.ndjson.zst
	counts $file 'top 10 users' --value user
	counts $file 'top 12 channels' --value /channel
	counts $file 'top 2 isRobot' --value isRobot
	counts $file 'top 10 countryName, null left out' --value countryName
	grep -q 'events without countryName$' err
	is_about "$(sk-hll --to=tsv --value page "$shared/$file")" \
	    "$(answer $file 'distinct pages')"
	is_about "$(sk-hll --to=tsv --value user "$shared/$file")" \
	    "$(answer $file 'distinct users')"
}

@test "real: DNS in the keys with dots of Zeek" {
	[ -d "$shared" ] || skip 'no shared data'
	file=json/zeek_dns.ndjson.zst
	counts $file 'top 10 clients' --value /id.orig_h
	counts $file 'top 10 queries' --value query
	same "$(sk-hll --to=tsv --value /id.orig_h "$shared/$file")" 77
	run -0 --separate-stderr sk-hll --value 'answers[1]' "$shared/$file"
	[[ $stderr == *' of 53615 events without answers' ]]
}

@test "real: deep paths into the status of nginx" {
	command -v jq > /dev/null || skip 'no jq here'
	[ -d "$shared" ] || skip 'no shared data'
	zstd -dcq "$shared/web/nginx_plus_status_500.ndjson.zst" > in
	while read -r ours jqs; do
		same "$(sk-topk --to=tsv -n 1000 --value "$ours" in |
		    awk -F '\t' '{ print $1 "\t" $3 }' | sort)" \
		    "$(jq -r "$jqs" in | sort | uniq -c |
		    awk '{ print $1 "\t" $2 }' | sort)"
	done <<- 'EOF'
	connections.active .connections.active
	upstreams.trac-backend.peers[1].state .upstreams["trac-backend"].peers[1].state
	upstreams.trac-backend.peers[0].health_checks.last_passed .upstreams["trac-backend"].peers[0].health_checks.last_passed
	/server_zones/trac.nginx.org/responses/5xx .server_zones["trac.nginx.org"].responses["5xx"]
	EOF
}

@test "real: a TSV with a header line, by its names" {
	[ -d "$shared" ] || skip 'no shared data'
	file=web/nasa_19950801.tsv.zst
	counts $file 'top 10 hosts' -F tsv --value host
	counts $file 'top 10 urls' -F tsv --value url
	counts $file 'top 10 status' -F tsv --value response
	is_about "$(sk-hll --to=csv -F tsv --value host "$shared/$file" |
	    tail -n 1)" "$(answer $file 'distinct hosts')"
	is_about "$(sk-hll --to=csv -F tsv --value url "$shared/$file" |
	    tail -n 1)" "$(answer $file 'distinct urls')"
	# The same by blanks, where a cell is not empty.
	same "$(sk-topk -d '\t' --value 6 -n 4 "$shared/$file")" \
	    "$(sk-topk -F tsv --value response -n 4 "$shared/$file" |
	    tail -n +2)"
}

@test "real: a CSV of numbers" {
	[ -d "$shared" ] || skip 'no shared data'
	file=csv/elec.csv.zst
	counts $file 'top 2 class' -F csv --value class
	counts $file 'top 2 class' -F csv --value 7
	same "$(sk-hll -F csv -k class --value class "$shared/$file")" \
	    $'class,distinct\n0,1\n1,1'
}

@test "real: an hour of a log of JSON by its own times" {
	[ -d "$shared" ] || skip 'no shared data'
	file=json/wikiticker_2015-09-12.ndjson.zst
	zstd -dcq "$shared/$file" | sk-append -t time wiki
	same "$(sk-replay -t time --from 2015-09-12T05:00Z \
	    --until 2015-09-12T06:00Z wiki | wc -l)" \
	    "$(answer $file 2015-09-12T05)"
	same "$(sk-replay -t time --tz=+02:00 --from 2015-09-12T07:00 \
	    --until 2015-09-12T08:00 wiki | wc -l)" \
	    "$(answer $file 2015-09-12T05)"
}

@test "fields: every format has the same alarms" {
	local format map want got

	have sk-anomaly
	same_data
	for format in raw ndjson csv tsv logfmt; do
		map=$(map_of "$format")
		got=$(run_on $format "$map" sk-anomaly -t @T --value @U \
		    --model mad --all | grep -o '[01][.][0-9]\{6\}[^.0-9]*$' |
		    tr -d '}')
		[ "$(wc -l <<< "$got")" -eq 500 ]
		: "${want:=$got}"
		same "$got" "$want"
	done
}
