#!/usr/bin/env bats
# sk-cols: what is its own; inputs, bad events and output are inputs.bats.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	events=$SK_DATA/events.ndjson
}

# Seeded objects with a string of awkward text, or of few letters.
awkward() { # N SEED
	awk -v n="$1" -v seed="$2" 'BEGIN {
		srand(seed)
		k = split("\\t \\n \\r \\\\ \\\" \\u0001 \\u007f \\/ é € 😀 , ; " \
		    "a b ab \\\\t \\\\n null - 0 {} [] = \\u00e9 " \
		    "abcdefghijklmnopqrstuvwxyz0123456789 |", part, " ")
		for (i = 0; i < n; i++) {
			line = ""
			for (f = 0; f < 3; f++) {
				text = ""
				for (j = int(rand() * 6); j > 0; j--)
					text = text part[1 + int(rand() * k)] \
					    (rand() < 0.3 ? " " : "")
				line = line (f ? "," : "{") "\"" \
				    substr("abc", f + 1, 1) "\":\"" text "\""
			}
			print line "}"
		}
	}'
}

@test "sk-cols: without a FIELD it is a usage error" {
	run -2 --separate-stderr sk-cols
	same "$output" ''
	same "${stderr_lines[0]}" 'sk-cols: a FIELD is missing'
	same "${stderr_lines[1]}" \
	    'usage: sk-cols [option ...] FIELD[,FIELD...] [INPUT ...]'
	run -2 --separate-stderr sk-cols ''
	same "${stderr_lines[0]}" 'sk-cols: a FIELD is missing'
	run -2 --separate-stderr sk-cols a,,b
	same "${stderr_lines[0]}" 'sk-cols: a FIELD is missing'
	run -2 --separate-stderr sk-cols a, "$events"
	same "${stderr_lines[0]}" 'sk-cols: a FIELD is missing'
}

@test "sk-cols: FIELDs that do not go together are a usage error" {
	run -2 --separate-stderr sk-cols a,1
	same "${stderr_lines[0]}" \
	    'sk-cols: 1: columns and paths do not go together'
	run -2 --separate-stderr sk-cols a:number
	same "${stderr_lines[0]}" 'sk-cols: a:number: no such type; there are int, float, bool, time and text'
	run -2 --separate-stderr sk-cols a:int:int:x
	run -2 --separate-stderr sk-cols a:time:%Q
	run -2 --separate-stderr sk-cols --tz Mars/Base a:time
	[[ ${stderr_lines[0]} == 'sk-cols: --tz: Mars/Base: no such '* ]]
	run -2 --separate-stderr sk-cols a,x.a
	same "$stderr" \
	    'sk-cols: two columns are called a; name=FIELD gives another name'
	run -0 --separate-stderr sk-cols a,b=x.a /dev/null
}

@test "sk-cols: NDJSON gives TSV" {
	printf '%s\n' '{"ip":"::1","user":{"id":7,"tags":["a",{"b": 1}]},"ok":true}' \
	    '{"user":{"id":1.50e3},"ip":""}' > in
	run -0 --separate-stderr sk-cols ip,user.id,user.tags,ok,user.tags[1].b in
	same "$output" $'::1\t7\t["a",{"b": 1}]\ttrue\t1\n\t1.50e3\t\t\t'
	same "$stderr" ''
	run -0 --separate-stderr sk-cols /user/id in
	same "$output" $'7\n1.50e3'
}

@test "sk-cols: the same bytes as jq's @tsv" {
	sk-cols user.id,user.geo.city,path,status,ms "$events" > got
	jq -r '[.user.id, .user.geo.city, .path, .status, .ms] | @tsv' \
	    "$events" | cmp - got
}

@test "sk-cols: names in the output" {
	run -0 --separate-stderr sk-cols --header user.id,city=user.geo.city \
	    "$events"
	same "${lines[0]}" $'id\tcity'
	same "${#lines[@]}" 201
	run -0 --separate-stderr sk-cols -F ndjson --to ndjson \
	    'user.id,x y=status,/user/geo/city' <<< '{"status":200}'
	same "$output" '{"id":null,"x y":200,"city":null}'
}

@test "sk-cols: --to=csv quotes where it must, and has a header line" {
	printf '%s\n' '{"a":"x,y","b":"say \"a\"","c":"two\nlines","d":1,"e":""}' \
	    > in
	run -0 --separate-stderr sk-cols --to csv a,b,c,d,e in
	same "$output" $'a,b,c,d,e\n"x,y","say ""a""","two\nlines",1,'
	run -0 --separate-stderr sk-cols --to csv --no-header e in
	same "$output" '""'
	run -0 --separate-stderr sk-cols --to csv z in
	same "$output" $'z\n""'
}

@test "sk-cols: NDJSON to NDJSON is a projection that keeps types" {
	printf '%s\n' '{"a":"7","b":7.10,"c":false,"d":[1, 2],"e":null,"f":""}' \
	    > in
	run -0 --separate-stderr sk-cols -F ndjson --to ndjson a,b,c,d,e,f,g in
	same "$output" \
	    '{"a":"7","b":7.10,"c":false,"d":[1, 2],"e":null,"f":"","g":null}'
	run -0 --separate-stderr sk-cols -F ndjson --to ndjson \
	    a:int,b:text,c:text,d:text in
	same "$output" '{"a":7,"b":"7.10","c":"false","d":"[1, 2]"}'
}

@test "sk-cols: --default stands where there is no value" {
	printf '%s\n' '{"a":"","b":null}' '{"a":"x","b":"y","c":"z"}' > in
	run -0 --separate-stderr sk-cols --default=- a,b,c in
	same "$output" $'-\t-\t-\nx\ty\tz'
	run -0 --separate-stderr sk-cols a,b,c in
	same "$output" $'\t\t\nx\ty\tz'
	run -0 --separate-stderr sk-cols --default=$'a\tb' a in
	same "$output" $'a\\tb\nx'
	run -0 --separate-stderr sk-cols --default=, --to csv a in
	same "$output" $'a\n","\nx'
	# As a number where that is due, else as text.
	run -0 --separate-stderr sk-cols -F ndjson --to ndjson --default=0 \
	    a,b:text,x:int,y:float,z:bool <<< '{"a":""}'
	same "$output" '{"a":"0","b":"0","x":0,"y":0,"z":false}'
	run -0 --separate-stderr sk-cols -F ndjson --to ndjson --default=none \
	    a,x:int,t:time <<< '{"x":"-"}'
	same "$output" '{"a":"none","x":"none","t":"none"}'
}

@test "sk-cols: columns of lines are written as they are" {
	printf '%s\n' 'a  b\t c' ' d e' > in
	run -0 --separate-stderr sk-cols 1,3 in
	same "$output" $'a\tc\nd\t'
	run -0 --separate-stderr sk-cols 2,1 in
	same "$output" $'b\\t\ta\ne\td'
	run -0 --separate-stderr sk-cols -d: 2- <<< 'a:b:c'
	same "$output" 'b:c'
	run -0 --separate-stderr sk-cols --to ndjson n=2:int,rest=3- <<< 'a 2 b c'
	same "$output" '{"n":2,"rest":"b c"}'
	sk-cols 1,7,9 "$SK_DATA/access.log" > got
	awk -v OFS='\t' '{ print $1, $7, $9 }' "$SK_DATA/access.log" | cmp - got
}

@test "sk-cols: CSV, TSV and logfmt by the names of their header or keys" {
	printf '%s\r\n' 'name,"size, bytes",note' 'a,1,"x ""y"""' 'b,2,' > in
	run -0 --separate-stderr sk-cols -F csv note,name in
	same "$output" $'note,name\n"x ""y""",a\n,b'
	run -0 --separate-stderr sk-cols -F csv --to ndjson name,size=2:int in
	same "$output" $'{"name":"a","size":1}\n{"name":"b","size":2}'
	run -0 --separate-stderr sk-cols -F csv --to tsv --header name in
	same "$output" $'name\na\nb'

	printf '%s\n' $'a\tb.c' $'x\\ty\t2' > in
	run -0 --separate-stderr sk-cols -F tsv b.c,a in
	same "$output" $'b.c\ta\n2\tx\\ty'
	run -0 --separate-stderr sk-cols -F tsv --to ndjson a,b.c:int in
	same "$output" '{"a":"x\u0009y","b.c":2}'

	run -0 --separate-stderr sk-cols -F logfmt msg,level \
	    <<< 'level=info msg="a\tb" took=1ms'
	same "$output" $'a\\tb\tinfo'
}

@test "sk-cols: --to=ndjson names the columns of TSV" {
	printf '%s\n' $'::1\t200\t1.5' $'a\\tb\\\\\t404\t' > in
	run -0 --separate-stderr sk-cols --to ndjson ip,status,ms in
	same "$output" '{"ip":"::1","status":"200","ms":"1.5"}
{"ip":"a\u0009b\\","status":"404","ms":""}'
	run -0 --separate-stderr sk-cols --to ndjson ip,status:int,ms:float in
	same "$output" '{"ip":"::1","status":200,"ms":1.5}
{"ip":"a\u0009b\\","status":404,"ms":null}'
	run -0 --separate-stderr sk-cols --to ndjson --default 0 \
	    user.ip,s=status:int,/ms:float in
	same "${lines[1]}" '{"user.ip":"a\u0009b\\","s":404,"ms":0}'
	printf 'a\tb\r\n' > in
	run -0 --separate-stderr sk-cols --to ndjson x,y in
	same "$output" '{"x":"a","y":"b"}'
}

@test "sk-cols: names for columns where there is no header line" {
	run -0 --separate-stderr sk-cols -d: --to ndjson \
	    user,_,uid:int,gid:int,name,home,shell <<< 'root:x:0:0:\t:/root:/bin/sh'
	same "$output" '{"user":"root","_":"x","uid":0,"gid":0,"name":"\\t","home":"/root","shell":"/bin/sh"}'
	run -0 --separate-stderr sk-cols -d: --header a,b:int <<< 'x:007'
	same "$output" $'a\tb\nx\t7'
	run -0 --separate-stderr sk-cols -F csv --no-header --to ndjson a,b:int \
	    <<< '"x,""y""",7'
	same "$output" '{"a":"x,\"y\"","b":7}'
	run -0 --separate-stderr sk-cols -F csv --no-header b,a <<< '1,"2,3"'
	same "$output" '1,"2,3"'
	run -0 --separate-stderr sk-cols -F tsv --no-header --to csv a,b \
	    <<< $'1\\t\t2,3'
	same "$output" $'1\t,"2,3"'
	run -0 --separate-stderr sk-cols -F tsv --no-header --to csv --default=x \
	    a,b <<< $'\\\t'
	same "$output" '\,x'
	run -0 --separate-stderr sk-cols -F raw --to ndjson a,b <<< ' x   y'
	same "$output" '{"a":"x","b":"y"}'
	run -2 --separate-stderr sk-cols --header --to ndjson a,b
	same "${stderr_lines[0]}" 'sk-cols: --header: NDJSON has none; input with a header line is -F tsv or -F csv'
}

@test "sk-cols: objects that are taken as columns are told" {
	run -0 --separate-stderr sk-cols --to ndjson a <<< '{"a":1}'
	same "$output" '{"a":"{\"a\":1}"}'
	same "$stderr" 'sk-cols: warning: the first line looks like a JSON object, but is taken as columns; -F ndjson?'
	run -0 --separate-stderr sk-cols -F ndjson --to ndjson a <<< '{"a":1}'
	same "$output" '{"a":1}'
	same "$stderr" ''
	run -0 --separate-stderr sk-cols a <<< '{"a":1}'
	same "$stderr" ''
}

@test "sk-cols: a short line lacks values, a long one is bad" {
	local options

	printf '%s\n' $'1\t2' 1 $'1\t2\t3' $'\t' > in
	run -4 --separate-stderr sk-cols --to ndjson a,b in
	same "$output" '{"a":"1","b":"2"}
{"a":"1","b":null}
{"a":"","b":""}'
	same "$stderr" 'sk-cols: in:3: more columns than names
sk-cols: 1 of 4 events bad'
	tr '\t' , < in > in.csv
	for options in '-d,' '-F csv --no-header'; do
		# shellcheck disable=SC2086 # words
		run -4 --separate-stderr sk-cols $options --to ndjson a,b in.csv
		same "${lines[1]}" '{"a":"1","b":null}'
		same "${stderr_lines[0]}" \
		    'sk-cols: in.csv:3: more columns than names'
	done
	run -4 --separate-stderr sk-cols -F raw --to ndjson a,b <<< '1 2 3'
	run -0 --separate-stderr sk-cols -d '\t' --to ndjson a=1,b=2 in
	same "${lines[2]}" '{"a":"1","b":"2"}'
}

@test "sk-cols: numbers keep their digits" {
	printf '%s\n' +5 007 .5 5. -0 1e5 123456789012345678901 0.10 -.5E-7 \
	    > in
	run -0 --separate-stderr sk-cols --to ndjson x:float in
	same "$output" '{"x":5}
{"x":7}
{"x":0.5}
{"x":5}
{"x":-0}
{"x":1e5}
{"x":123456789012345678901}
{"x":0.10}
{"x":-0.5E-7}'
	run -0 --separate-stderr sk-cols x:int <<< '{"x":"+007"}'
	same "$output" 7
	printf '%s\n' '{"x":12345678901234567890.0}' '{"x":1E400}' > in
	run -0 --separate-stderr sk-cols x in
	same "$output" $'12345678901234567890.0\n1E400'
}

@test "sk-cols: a value that is not of its type is bad" {
	local row type text

	for row in int:1.5 int:1e3 int:x float:0x10 float:1,5 float:1_0 \
	    bool:maybe time:soon; do
		type=${row%%:*} text=${row#*:}
		run -4 --separate-stderr sk-cols --to ndjson "x:$type" \
		    <<< "$text"
		same "$output" ''
		[[ ${stderr_lines[0]} == "sk-cols: stdin:1: x: not "* ]]
	done
	run -4 --separate-stderr sk-cols name=x:int <<< '{"x":[1]}'
	same "${stderr_lines[0]}" 'sk-cols: stdin:1: name: not an integer'
	run -4 --separate-stderr sk-cols x:float <<< '{"x":true}'
	same "${stderr_lines[0]}" 'sk-cols: stdin:1: x: not a number'
	run -4 --separate-stderr sk-cols x:bool <<< '{"x":{}}'
	same "${stderr_lines[0]}" 'sk-cols: stdin:1: x: not true or false'
	run -4 --separate-stderr sk-cols x:time <<< '{"x":true}'
	same "${stderr_lines[0]}" 'sk-cols: stdin:1: x: not a time'
}

@test "sk-cols: a bad value takes its whole record, and no other" {
	printf '%s\n' $'a\t1\tb' $'c\tx\td' $'e\t3\tf' > in
	run -4 --separate-stderr sk-cols --to ndjson x,y:int,z in
	same "$output" '{"x":"a","y":1,"z":"b"}
{"x":"e","y":3,"z":"f"}'
	run -0 --separate-stderr sk-cols --bad bad --to ndjson x,y:int,z in
	same "$(cat bad)" $'in:2\ty: not an integer\tc\tx\td'
	run -4 --separate-stderr sk-cols --strict --to ndjson x,y:int,z in
	same "$output" '{"x":"a","y":1,"z":"b"}'
	same "$stderr" 'sk-cols: in:2: y: not an integer'
}

@test "sk-cols: no value of a type is null" {
	printf '%s\n' - '' nan -Infinity > cells
	sed 's/^/x\t/' cells > in
	run -0 --separate-stderr sk-cols --to ndjson a,b:float in
	same "$output" "$(yes '{"a":"x","b":null}' | head -n 4)"
	run -0 --separate-stderr sk-cols --to ndjson a,b:int <<< $'x\t-'
	same "$output" '{"a":"x","b":null}'
	run -0 --separate-stderr sk-cols --to ndjson a,b:bool <<< $'x\t-'
	same "$output" '{"a":"x","b":null}'
	run -0 --separate-stderr sk-cols --to ndjson a,b:time <<< $'x\t-'
	same "$output" '{"a":"x","b":null}'
	run -0 --separate-stderr sk-cols --to ndjson a,b <<< $'x\t-'
	same "$output" '{"a":"x","b":"-"}'
}

@test "sk-cols: truth values" {
	printf '%s\n' true FALSE 1 0 yes Off > in
	run -0 --separate-stderr sk-cols --to ndjson x:bool in
	same "$output" '{"x":true}
{"x":false}
{"x":true}
{"x":false}
{"x":true}
{"x":false}'
	run -0 --separate-stderr sk-cols x:bool <<< '{"x":0}'
	same "$output" false
}

@test "sk-cols: times become RFC 3339, in UTC or with --tz" {
	printf '%s\n' 1795255200 1795255200.25 '2026-11-21 11:00:00+01:00' \
	    '[21/Nov/2026:10:00:00 +0000]' 2026-11-21T10:00 > in
	run -0 --separate-stderr sk-cols --to ndjson t:time in
	same "$output" '{"t":"2026-11-21T10:00:00Z"}
{"t":"2026-11-21T10:00:00.250Z"}
{"t":"2026-11-21T10:00:00Z"}
{"t":"2026-11-21T10:00:00Z"}
{"t":"2026-11-21T10:00:00Z"}'
	run -0 --separate-stderr sk-cols --tz Europe/Madrid --to ndjson t:time in
	same "${lines[0]}" '{"t":"2026-11-21T11:00:00+01:00"}'
	same "${lines[4]}" '{"t":"2026-11-21T10:00:00+01:00"}'
	run -0 --separate-stderr sk-cols t:time <<< '{"t":1795255200}'
	same "$output" 2026-11-21T10:00:00Z
	run -0 --separate-stderr sk-cols t:time:%d.%m.%Y-%H:%M \
	    <<< '{"t":"21.11.2026-10:00"}'
	same "$output" 2026-11-21T10:00:00Z
	run -0 --separate-stderr sk-cols t:time:ms <<< '{"t":1000}'
	same "$output" 1970-01-01T00:00:01Z
}

@test "sk-cols: a time without a year takes --year, or says so" {
	run -0 --separate-stderr sk-cols --year 2025 "t:time:%b %e %H:%M:%S" \
	    <<< '{"t":"Nov 22 10:00:00"}'
	same "$output" 2025-11-22T10:00:00Z
	same "$stderr" ''
	run -0 --separate-stderr sk-cols "t:time:%b %e %H:%M:%S" \
	    <<< '{"t":"Nov 22 10:00:00"}'
	[[ $stderr == 'sk-cols: warning: times without a year are taken '*'--year says which' ]]
}

@test "sk-cols: a key with a colon has a type behind it" {
	run -0 --separate-stderr sk-cols --to ndjson -F ndjson \
	    '/a:b:text,/c:int:int' <<< '{"a:b":1,"c:int":"2"}'
	same "$output" '{"a:b":"1","c:int":2}'
}

@test "sk-cols: what is not UTF-8 becomes U+FFFD in NDJSON" {
	printf 'a\xff\t\xc3\xa9\n' > in
	run -0 --separate-stderr sk-cols --to ndjson x,y in
	same "$output" $'{"x":"a\xef\xbf\xbd","y":"\xc3\xa9"}'
	run -0 --separate-stderr sk-cols 1,2 in
	same "$output" $'a\xff\t\xc3\xa9'
}

@test "sk-cols: awkward text: the same TSV as jq, and back the same text" {
	local seed

	for seed in 1 2 3; do
		awkward 2000 $seed > in
		sk-cols a,b,c in > in.tsv
		jq -r '[.a, .b, .c] | @tsv' in | cmp - in.tsv
		# Lines of nothing but TABs are events, empty ones are not.
		sk-cols --to ndjson a,b,c in.tsv | jq -c . > back
		jq -c . in | cmp - back
	done
}

@test "sk-cols: what stands in a list or an object is escaped" {
	printf '{"a":["x\\ty",\t1],"b":{"c":"\\\\"},"d":"e"}\n' > in
	run -0 --separate-stderr sk-cols a,b,d in
	same "$output" $'["x\\\\ty",\\t1]\t{"c":"\\\\\\\\"}\te'
}

@test "sk-cols: awkward text through CSV, and back the same text" {
	awkward 2000 4 > in
	sk-cols --to csv a,b,c in > in.csv
	sk-cols -F csv --to ndjson a,b,c in.csv | jq -c . > back
	jq -c . in | cmp - back
	sk-cols -F csv --to tsv a,b,c in.csv > in.tsv
	jq -r '[.a, .b, .c] | @tsv' in | cmp - in.tsv
}

@test "sk-cols: values of every length around a block" {
	awk 'BEGIN { for (n = 0; n < 140; n++) {
		text = ""
		while (length(text) < n)
			text = text "x"
		for (at = 0; at <= n; at += 1 + int(n / 10))
			print "{\"a\":\"" substr(text, 1, at) "\\t" \
			    substr(text, at + 1) "\",\"b\":\"" text "\"}"
	} }' > in
	sk-cols a,b in > in.tsv
	jq -r '[.a, .b] | @tsv' in | cmp - in.tsv
	sk-cols --to ndjson a,b in.tsv | jq -c . > back
	jq -c . in | cmp - back
}

@test "sk-cols: the answer does not depend on how the input is cut" {
	awkward 500 5 > in
	sk-cols a,b,c in > in.tsv
	sk-cols --to ndjson a,b,c in.tsv > in.back
	for size in 1 7 4096 100000; do
		dd if=in bs=$size status=none | sk-cols a,b,c | cmp - in.tsv
		dd if=in.tsv bs=$size status=none |
		    sk-cols --to ndjson a,b,c | cmp - in.back
	done
}

@test "sk-cols: thousands of columns, there and back" {
	awk 'BEGIN { for (i = 0; i < 50; i++) {
		line = ""
		for (f = 0; f < 5000; f++)
			line = line (f ? "," : "{") "\"field" f "\":\"" \
			    (f * 7 + i) "\""
		print line "}"
	} }' > in
	names=$(seq -f field%g -s , 0 4999)
	sk-cols "$names" in > in.tsv
	jq -r '[.[]] | @tsv' in | cmp - in.tsv
	sk-cols --to ndjson "$names" in.tsv | cmp - in
	sk-cols --header "$names" in > in.head
	sk-cols -F tsv --to ndjson "$names" in.head | cmp - in
	sk-cols --to csv "$names" in > in.csv
	sk-cols -F csv --to ndjson "$names" in.csv | cmp - in
	cols=$(seq -s , 1 5000)
	sk-cols -d '\t' "$cols" in.tsv | cmp - in.tsv
	run -2 --separate-stderr sk-cols "$names,field4999" in
	same "$output" ''
	same "$stderr" 'sk-cols: two columns are called field4999; name=FIELD gives another name'
}

@test "sk-cols: memory does not grow with the stream" {
	[[ $SK_BUILD != *asan* ]] || skip 'asan reserves address space'
	yes "$events" | head -n 300 | xargs cat > in
	(ulimit -v 40000; sk-cols ip,path,user.id in | tail -n 1) > out
	same "$(cat out)" "$(sk-cols ip,path,user.id "$events" | tail -n 1)"
}

@test "sk-cols: a line comes out as soon as it came in" {
	mkfifo in out
	sk-cols a < in > out &
	pid=$!
	exec 4> in 5< out
	echo '{"a":"one"}' >&4
	read -r -t 10 line <&5
	same "$line" one
	exec 4>&- 5<&-
	wait_end "$pid"
	same "$status" 0
}
