#!/usr/bin/env bats
# sk-parse: what is its own.  Real logs against their truth are formats.bats,
# inputs and bad events inputs.bats and contract.bats.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	shared=$SK_ROOT/../shared/data
}

# The tool over some lines: $output is what it writes.
lines() {
	printf '%s\n' "${@:2}" | sk-parse ${1:+"$1"}
}

# ---- usage ----

@test "sk-parse: without a FORMAT it is usage" {
	run -2 --separate-stderr sk-parse
	same "$output" ''
	same "${stderr_lines[0]}" 'sk-parse: no FORMAT; --list shows them'
	same "${stderr_lines[2]}" '       sk-parse --list'
}

@test "sk-parse: a name that is no format is usage and names those there are" {
	run -2 --separate-stderr sk-parse combine
	same "$output" ''
	[[ ${stderr_lines[0]} == \
	    'sk-parse: combine: no such format; there are apache-error, '* ]]
}

@test "sk-parse: a wrong pattern is usage and shows where" {
	run -2 --separate-stderr sk-parse '^(?<a>x(?<b>y)'
	same "${stderr_lines[0]}" 'sk-parse: missing closing parenthesis at '`
	    `'byte 15, behind ^(?<a>x(?<b>y)'
	run -2 --separate-stderr sk-parse 'x.*'
	[[ ${stderr_lines[0]} == 'sk-parse: x.*: no named group, '* ]]
	run -2 --separate-stderr sk-parse '%{IPP:ip}'
	same "${stderr_lines[0]}" \
	    'sk-parse: %{IPP}: no such name; --list shows them'
	run -2 --separate-stderr sk-parse '(?<a:integer>x)'
	[[ ${stderr_lines[0]} == 'sk-parse: a:integer: no such type; '* ]]
	run -2 --separate-stderr sk-parse clf --multiline '('
	[[ ${stderr_lines[0]} == 'sk-parse: --multiline: missing closing '* ]]
}

@test "sk-parse: what does not go together is usage" {
	for format in csv auto journal; do
		run -2 --separate-stderr sk-parse clf --or "$format"
		same "${stderr_lines[0]}" "sk-parse: $format finds its "`
		    `'records itself, so it does not go with others'
		run -2 --separate-stderr sk-parse "$format" --multiline x
		same "${stderr_lines[0]}" "sk-parse: --multiline: $format "`
		    `'finds its records itself'
	done
	for format in auto logfmt ndjson; do
		run -2 --separate-stderr sk-parse "$format" --to=tsv
		same "${stderr_lines[0]}" "sk-parse: --to: the members of "`
		    `"$format differ from line to line; write NDJSON and "`
		    `'pick columns of it with sk-cols'
	done
	run -2 --separate-stderr sk-parse clf -d ,
	same "${stderr_lines[0]}" 'sk-parse: -d is for csv'
	run -2 --separate-stderr sk-parse clf --add x
	same "${stderr_lines[0]}" 'sk-parse: --add: x: not NAME=VALUE'
	run -2 --separate-stderr sk-parse clf --add ip=1
	same "${stderr_lines[0]}" 'sk-parse: two members are called ip'
	run -2 --separate-stderr sk-parse clf --add raw=1 --keep-raw
	same "${stderr_lines[0]}" 'sk-parse: two members are called raw'
	run -2 --separate-stderr sk-parse clf --tz Mars/Base
	[[ ${stderr_lines[0]} == 'sk-parse: --tz: Mars/Base: '* ]]
}

@test "sk-parse: --list shows formats and names, in the form of --patterns" {
	run -0 --separate-stderr sk-parse --list
	[[ $output == *$'#   combined '* ]]
	[[ $output == *$'\nMONTHNUM (?:0?[1-9]|1[0-2])\n'* ]]
	sk-parse --list > names
	run -0 --separate-stderr sk-parse --patterns names '%{WORD:w}' <<< 'a b'
	same "$output" '{"w":"a"}'
	run -3 --separate-stderr bash -c 'sk-parse --list > /dev/full'
	same "$stderr" 'sk-parse: stdout: No space left on device'
}

# ---- patterns ----

@test "sk-parse: named groups are members, in their order" {
	run -0 lines '(?<b>\d+)-(?<a>\w*)(?<c>!)?' 'x 12-y z' '3-!'
	same "$output" '{"b":"12","a":"y","c":null}
{"b":"3","a":"","c":"!"}'
}

@test "sk-parse: names and types of groups" {
	run -0 lines '%{IP:ip} %{NUMBER:ms:float} (?<n:int>\S+) (?<ok:bool>\S+)' \
	    '1.2.3.4 +1.50 007 yes' '::1 .5 - 0'
	same "$output" '{"ip":"1.2.3.4","ms":1.50,"n":7,"ok":true}
{"ip":"::1","ms":0.5,"n":null,"ok":false}'
	run -4 --separate-stderr lines '(?<n:int>\S+)' 1 x
	same "$output" '{"n":1}'
	same "${stderr_lines[0]}" 'sk-parse: stdin:2: n: not an integer'
}

@test "sk-parse: times of groups, their zone and their year" {
	run -0 lines '\[%{HTTPDATE:t:time}\]' '[17/May/2015:10:05:03 +0200]'
	same "$output" '{"t":"2015-05-17T08:05:03Z"}'
	run -0 sk-parse --tz Europe/Madrid '(?<t:time:%d.%m.%Y %H:%M>.*)' \
	    <<< '01.07.2026 12:00'
	same "$output" '{"t":"2026-07-01T12:00:00+02:00"}'
	run -0 --separate-stderr sk-parse --year 2025 '%{SYSLOGTIMESTAMP:t:time}' \
	    <<< $'Dec 31 23:59:59\nJan  1 00:00:00'
	same "$output" '{"t":"2025-12-31T23:59:59Z"}
{"t":"2026-01-01T00:00:00Z"}'
	same "$stderr" ''
}

@test "sk-parse: a time without a year is told of without --year" {
	run -0 --separate-stderr sk-parse syslog <<< 'Dec 31 23:59:59 h a: b'
	same "$stderr" 'sk-parse: warning: times without a year are taken '`
	    `'to be of the last twelve months: not replayable; --year says which'
	run -0 --separate-stderr sk-parse -q syslog <<< 'Dec 31 23:59:59 h a: b'
	same "$stderr" ''
}

@test "sk-parse: --patterns adds and replaces names" {
	printf '# mine\nTWO (?:%%{D}){2}\nD [0-4]\n' > one
	printf 'D [0-9]\nINT x\n' > two
	run -0 sk-parse --patterns one --patterns two '%{TWO:d}%{INT:i}' <<< 99x
	same "$output" '{"d":"99","i":"x"}'
	run -2 --separate-stderr sk-parse --patterns one '%{THREE:d}'
	printf 'A b\nnothing\n' > wrong
	run -2 --separate-stderr sk-parse --patterns wrong '%{A:d}'
	same "${stderr_lines[0]}" \
	    'sk-parse: wrong:2: not a NAME, a blank and a pattern'
	run -3 --separate-stderr sk-parse --patterns none '%{A:d}'
	same "$stderr" 'sk-parse: none: No such file or directory'
}

@test "sk-parse: bytes, or characters with --utf" {
	run -0 lines '^(?<a>.)' é
	same "$output" '{"a":"�"}'
	run -0 sk-parse --utf '^(?<a>.)' <<< é
	same "$output" '{"a":"é"}'
	run -4 --separate-stderr sk-parse --utf '^(?<a>..)' <<< $'\xffx'
	same "$output" ''
}

@test "sk-parse: no line keeps a pattern busy" {
	head -c 1000000 /dev/zero | tr '\0' a > line
	echo b >> line
	echo aaa >> line
	run -4 --separate-stderr timeout 20 sk-parse '(?<x>(a+)+)$' line
	same "$output" '{"x":"aaa"}'
	same "${stderr_lines[0]}" 'sk-parse: line:1: the pattern took too long'
	run -4 --separate-stderr timeout 20 sk-parse '(?<x>(\d|a)++[0-9])' line
	same "${stderr_lines[0]}" 'sk-parse: line:1: the pattern took too long'
}

@test "sk-parse: COMBINEDAPACHELOG is what the format combined reads" {
	sk-parse '%{COMBINEDAPACHELOG}' "$SK_DATA/access.log" |
	    jq -c '[.clientip, .verb, .request, (.response | tonumber)]' > got
	sk-parse combined "$SK_DATA/access.log" |
	    jq -c '[.ip, .method, .path, .status]' > want
	cmp got want
	[ "$(wc -l < got)" -eq 500 ]
}

# ---- several formats ----

@test "sk-parse: --or is tried next, in order; --stats counts" {
	run -4 --separate-stderr sk-parse '^(?<a>\d)$' --or '^(?<b>\d+)$' \
	    --or logfmt --stats <<< $'1\n22\nx=1\n"'
	same "$output" '{"a":"1"}
{"b":"22"}
{"x":"1"}'
	same "$stderr" 'sk-parse: stdin:4: none of the formats fits
sk-parse: 1 line by ^(?<a>\d)$
sk-parse: 1 line by ^(?<b>\d+)$
sk-parse: 1 line by logfmt
sk-parse: 1 line by none
sk-parse: 1 of 4 events bad'
}

@test "sk-parse: auto says what it took and stays with it" {
	printf 'a=1 b=2\n' > pairs
	printf '{"a":1}\n' > objects
	run -0 --separate-stderr sk-parse auto pairs
	same "$stderr" 'sk-parse: auto: logfmt'
	same "$output" '{"a":"1","b":"2"}'
	run -4 --separate-stderr sk-parse auto pairs objects
	same "${stderr_lines[0]}" 'sk-parse: auto: logfmt'
	same "$output" '{"a":"1","b":"2"}'
	run -0 --separate-stderr sk-parse -q auto "$SK_DATA/access.log"
	same "$stderr" ''
	[ "${#lines[@]}" -eq 500 ]
}

@test "sk-parse: auto that finds nothing is status 4" {
	run -4 --separate-stderr sk-parse auto <<< $'hello\nworld'
	same "$output" ''
	same "$stderr" 'sk-parse: auto: none of the formats of --list fits '`
	    `'the first lines; name one, or give a pattern'
	run -0 --separate-stderr sk-parse auto < /dev/null
	same "$stderr" ''
}

@test "sk-parse: auto decides on what has come from a slow pipe" {
	mkfifo in
	sk-parse auto < in > out 2> err &
	pid=$!
	exec 4> in
	echo '{"a":1}' >&4
	wait_for out '^{"a":1}$'
	wait_for err 'auto: ndjson'
	exec 4>&-
	wait_end "$pid"
	[ "$status" -eq 0 ]
}

# ---- records of several lines ----

@test "sk-parse: --multiline joins what belongs to a line" {
	sk-parse log4j --multiline '^\d' "$SK_DATA/java.log" > out
	[ "$(wc -l < out)" -eq 5 ]
	same "$(jq -r 'select(.level == "ERROR") | .message' out | tail -n 1)" \
	    $'\tat org.example.Pay.charge(Pay.java:88)'
	run -0 sk-parse --multiline '^%{YEAR}-' '(?s)^(?<all>.*)' \
	    --multiline-lines 2 <<< $'2026-1\n a\n b\n\n2026-2'
	same "$output" '{"all":"2026-1\u000a a"}
{"all":" b"}
{"all":"2026-2"}'
}

@test "sk-parse: --multiline waits no longer than --multiline-wait" {
	mkfifo in
	sk-parse --multiline '^\d' --multiline-wait 50ms '(?s)(?<a>.*)' < in \
	    > out &
	pid=$!
	exec 4> in
	printf '1\n x\n' >&4
	wait_for out '^\{"a":"1.u000a x"\}$'
	printf ' y\n2\n' >&4
	wait_for out '^\{"a":"2"\}$'
	exec 4>&-
	wait_end "$pid"
	same "$(sed -n 2p out)" '{"a":" y"}'
}

@test "sk-parse: a bad record of several lines has the number of its first" {
	run -4 --separate-stderr sk-parse --multiline '^\d' '^(?<a>2)' \
	    <<< $'\n1\n x\n\n3\n y'
	same "${stderr_lines[0]}" \
	    'sk-parse: stdin:2: the pattern does not match'
	printf '1\n%0100d\n2\n' 0 > in
	run -4 --separate-stderr sk-parse --multiline '^\d ?' --max-line 50 \
	    '(?s)(?<a>.*)' in
	same "$output" '{"a":"1"}
{"a":"2"}'
}

# ---- output ----

@test "sk-parse: --to=tsv and csv have the columns of all formats" {
	printf '1 a\n2\tb\n' > in
	run -0 sk-parse '(?<n:int>\d) (?<x>\w)' --or '(?<y>.)\t(?<n>.)' \
	    --to=tsv --header in
	same "$output" $'n\tx\ty\n1\ta\t\nb\t\t2'
	run -0 sk-parse '(?<n:int>\d) (?<x>\w)' --or '(?<all>.*)' --to=csv in \
	    --add k=v --keep-raw
	same "$output" $'n,x,all,raw,k\n1,a,,1 a,v\n,,2\tb,2\tb,v'
	run -0 sk-parse '(?<all>.*)' --to=csv --no-header in
	same "$output" $'1 a\n2\tb'
	run -0 sk-parse '(?<all>.*)' --to=tsv in
	same "$output" $'1 a\n2\\tb'
	run -0 sk-parse '(?<x>z)?' --to=csv <<< $'a\nz'
	same "$output" $'x\n""\nz'
}

@test "sk-parse: --keep-raw and --add stand behind the members" {
	run -0 sk-parse '(?<a>.)' --add b=2 --add 'c d="=' --keep-raw \
	    <<< $'x\ty\r'
	same "$output" '{"a":"x","raw":"x\u0009y\u000d","b":"2","c d":"\"="}'
	run -0 sk-parse ndjson --add b=2 <<< $'{"a":[1]} \n{}\n{ }'
	same "$output" '{"a":[1],"b":"2"}
{"b":"2"}
{"b":"2"}'
	run -0 sk-parse logfmt --add b=2 <<< 'a'
	same "$output" '{"a":true,"b":"2"}'
}

@test "sk-parse: control bytes are escaped, bytes that are no UTF-8 replaced" {
	run -0 lines '(?<a>.*)' $'\e[31m"\\\x7f \xff\xc3'
	same "$output" $'{"a":"\\u001b[31m\\"\\\\\x7f ��"}'
}

# ---- ndjson, logfmt, csv ----

@test "sk-parse: ndjson goes out as it came, once all of it is checked" {
	run -4 --separate-stderr sk-parse ndjson \
	    <<< $' {"a": 1.0e5,"a":2} \r\n{"a":[1,]}\n[1]\n{"b":{}}'
	same "$output" '{"a": 1.0e5,"a":2}
{"b":{}}'
	same "${stderr_lines[1]}" 'sk-parse: 2 of 4 events bad'
}

@test "sk-parse: every case of the JSON collection comes out right" {
	local file name separator n=0
	[ -d "$shared" ] || skip 'no shared data'
	tar --zstd -xf "$shared/json/jsontestsuite_parsing.tar.zst"
	for file in test_parsing/*.json; do
		name=${file##*/}
		# Newlines are part of a case where no NUL is.
		separator=-z
		if [ "$(tr -d '\0' < "$file" | wc -c)" -ne \
		    "$(wc -c < "$file")" ]; then
			separator=
		fi
		{ printf '{"v":'; cat "$file"; printf '}'; } > case
		status=0
		timeout 20 sk-parse ndjson $separator case > out 2> err ||
		    status=$?
		case $name:$status in
		y_*:0) tr '\0\n' '\n ' < out | sed 's/ $//' > got
			tr '\n' ' ' < case | sed 's/$/ /; s/ $//' > want
			cmp got <(cat want; echo) ;;
		n_*:4) [ ! -s out ] && grep -q ' 1 of 1 events bad' err ;;
		i_*:[04]) ;;
		*) false ;;
		esac || { echo "$name: status $status"; failed=1; }
		n=$((n + 1))
	done
	[ -z "${failed-}" ]
	[ "$n" -eq 318 ]
}

@test "sk-parse: logfmt" {
	run -4 --separate-stderr sk-parse logfmt \
	    <<< $'a=1 b="x \\"y\\"" c d= a=2\r\nx="'
	same "$output" '{"a":"1","b":"x \"y\"","c":true,"d":""}'
	head -c 1024 /dev/zero | tr '\0' '\n' | awk '{ printf "k%d=1 ", NR }' \
	    > in
	run -0 sk-parse logfmt in
	echo 'last=1' >> in
	run -4 --separate-stderr sk-parse logfmt in
	same "${stderr_lines[0]}" 'sk-parse: in:1: more than 1024 keys'
}

@test "sk-parse: csv has the names of the first line of each input" {
	printf '\xef\xbb\xbfid,name\r\n1,"a\nb"\r\n' > one
	printf 'name,id\nc,2\n' > two
	run -0 --separate-stderr sk-parse csv one two
	same "$output" '{"id":"1","name":"a\u000ab"}
{"name":"c","id":"2"}'
	run -0 --separate-stderr sk-parse csv --to=tsv --header one two
	same "$output" $'id\tname\n1\ta\\nb\n2\tc'
	printf 'id,more\n3,x\n' > three
	run -4 --separate-stderr sk-parse csv --to=csv one three
	same "$output" $'id,name\n1,"a\nb"'
	same "${stderr_lines[0]}" 'sk-parse: three:2: a column that the first '`
	    `'header line does not have'
}

@test "sk-parse: csv without a header, with another comma, names twice" {
	run -0 sk-parse csv -d ';' --no-header <<< $'1;2\n3;4'
	same "$output" '{"1":"1","2":"2"}
{"1":"3","2":"4"}'
	run -0 sk-parse csv <<< $'a,a,,a,a_5,a\n1,2,3,4,5,6'
	same "$output" \
	    '{"a":"1","a_2":"2","3":"3","a_4":"4","a_5":"5","a_6":"6"}'
	run -0 sk-parse csv -z --no-header < <(printf 'a\nb,c\0')
	tr -d '\0' <<< "$output" | grep -qF '{"1":"a\u000ab","2":"c"}'
}

@test "sk-parse: csv of another number of cells is bad" {
	run -4 --separate-stderr sk-parse csv <<< $'a,b\n1\n1,2\n1,2,3\n"x'
	same "$output" '{"a":"1","b":"2"}'
	same "${stderr_lines[0]}" 'sk-parse: stdin:2: fewer cells than columns'
	same "${stderr_lines[1]}" 'sk-parse: 3 of 5 events bad'
}

@test "sk-parse: every file of the CSV spectrum comes out right" {
	local file name n=0
	[ -d "$shared" ] || skip 'no shared data'
	tar --zstd -xf "$shared/csv/csv_spectrum.tar.zst"
	for file in csvs/*.csv; do
		name=${file##*/}
		# One of its answers is no list and has another phone number.
		sk-parse csv "$file" |
		    jq -cS 'del(."Contact Phone Number")' > got
		jq -cS 'if type == "array" then .[] else . end |
		    del(."Contact Phone Number")' \
		    "json/${name%.csv}.json" > want
		cmp got want || { echo "$name"; failed=1; }
		n=$((n + 1))
	done
	[ -z "${failed-}" ]
	[ "$n" -eq 12 ]
}

# ---- pipes ----

@test "sk-parse: a line comes out as soon as it has come in" {
	mkfifo in
	sk-parse '(?<a>.*)' < in > out &
	pid=$!
	exec 4> in
	for n in 1 2 3; do
		echo "$n" >&4
		wait_for out "^\{\"a\":\"$n\"\}\$"
	done
	exec 4>&-
	wait_end "$pid"
	[ "$status" -eq 0 ]
}

@test "sk-parse: fields go on into other tools" {
	run -0 bash -o pipefail -c 'sk-parse combined "$SK_DATA/access.log" |
	    sk-topk --value status -n 1 --to=tsv'
	same "$output" $'444\t0\t200'
}
