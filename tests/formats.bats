#!/usr/bin/env bats
# The built-in formats of sk-parse on real logs, against what is known of them:
# the fields of loghub's tables, the counts of the web log, and a pattern that
# says in another way what the scanner of access logs does.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	shared=$SK_ROOT/../shared/data
	loghub=$shared/loghub
}

need_shared() {
	[ -d "$shared" ] || skip 'no shared data'
}

# truth NAME FILTER: the rows of NAME's table as a TSV of what FILTER takes.
truth() {
	zstd -dcq "$loghub/$1_2k.log_structured.csv.zst" | sk-parse csv |
	    jq -r "$2 | @tsv"
}

# parsed NAME FILTER ARGUMENT...: the same of the lines of NAME's log, none of
# which may be bad.
parsed() {
	local name=$1 filter=$2
	shift 2
	sk-parse "$@" "$loghub/${name}_2k.log" > "$name.json" || return
	jq -r "$filter | @tsv" "$name.json"
}

# Two files of 2000 rows, equal column by column.
agree() {
	local n
	[ "$(wc -l < want)" -eq 2000 ]
	n=$(awk -F '\t' '{ print NF; exit }' want)
	for ((i = 1; i <= n; i++)); do
		cmp <(cut -f "$i" got) <(cut -f "$i" want) || return
	done
	cmp got want
}

# ISO of loghub's `2015-10-18` and `18:01:47,978`, as times are written here.
iso='((.Date + "T" + (.Time | sub(","; ".")) + "Z") | sub("\\.000Z$"; "Z"))'
# Of `Jun`, `14` and `15:16:01`, in 2005.
bsd='("2005 \(.month) \(.day) \(.clock)" | strptime("%Y %b %d %T") | todate)'

@test "apache-error: every line of loghub's Apache as its table has it" {
	need_shared
	# The table leaves the client in the content.
	truth Apache '[(.Time | strptime("%a %b %d %T %Y") | todate), .Level,
	    .Content]' > want
	parsed Apache '[.time, .level, (if .client then "[client \(.client)] "
	    else "" end) + .message]' apache-error > got
	agree
	same "$(jq -r 'select(.client) | .client' Apache.json | wc -l)" 32
}

@test "log4j: every line of loghub's Hadoop as its table has it" {
	need_shared
	truth Hadoop "[$iso, .Level, .Process, .Component, .Content]" > want
	parsed Hadoop '[.time, .level, .thread, .component, .message]' \
	    log4j > got
	agree
}

@test "log4j: every line of loghub's Zookeeper as its table has it" {
	need_shared
	truth Zookeeper "[$iso, .Level, .Node, .Component, .Id,
	    .Content]" > want
	parsed Zookeeper '[.time, .level, .thread, .component, .line,
	    .message]' log4j > got
	agree
}

@test "log4j: every line of loghub's HDFS as its table has it" {
	need_shared
	truth HDFS '[(.Date + .Time | strptime("%y%m%d%H%M%S") | todate),
	    .Level, .Pid, .Component, .Content]' > want
	parsed HDFS '[.time, .level, .pid, .component, .message]' log4j > got
	agree
	same "$(jq -r .level HDFS.json | sort | uniq -c | awk '{ print $1, $2
	    }')" $'1920 INFO\n80 WARN'
}

@test "syslog: every line of loghub's Linux as its table has it" {
	need_shared
	# The table calls the host Level.
	truth Linux "[({month: .Month, day: .Date, clock: .Time} | $bsd),
	    .Level, .Component, .PID, .Content]" > want
	parsed Linux '[.time, .host, .app, .pid, .message]' --year=2005 \
	    syslog > got
	agree
}

@test "sshd: every line of loghub's OpenSSH as its table has it" {
	need_shared
	# The table calls the month Date and the host Component.
	truth OpenSSH "[({month: .Date, day: .Day, clock: .Time} | $bsd),
	    .Component, .Pid, .Content]" > want
	parsed OpenSSH '[.time, .host, .pid, .message]' --year=2005 sshd > got
	agree
	same "$(jq -r .app OpenSSH.json | sort -u)" sshd
}

@test "a pattern: every line of loghub's BGL as its table has it" {
	need_shared
	truth BGL '[.Label, (.Timestamp | tonumber | todate), .Date, .Node,
	    .Time, .NodeRepeat, .Type, .Component, .Level, .Content]' > want
	pattern='^(?<label>\S+) (?<timestamp:time:s>\d+) (?<date>\S+)'
	pattern+=' (?<node>\S+) (?<local>(?<time:time:%Y-%m-%d-%H.%M.%S.%f>\S+))'
	pattern+=' (?<noderepeat>\S+) (?<type>\S+) (?<component>\S+)'
	pattern+=' (?<level>\S+) ?(?<content>.*?)\s*$'
	parsed BGL '[.label, .timestamp, .date, .node,
	    .local, .noderepeat, .type, .component, .level, .content]' \
	    "$pattern" > got
	agree
	# Its two times are one instant, but for the fraction: California's.
	sk-parse --tz=America/Los_Angeles "$pattern" "$loghub/BGL_2k.log" |
	    jq -e -s 'all(.[]; .time[0:19] == .timestamp[0:19])'
}

@test "a pattern: every line of loghub's Proxifier as its table has it" {
	need_shared
	truth Proxifier '[("2016." + .Time | strptime("%Y.%m.%d %T") |
	    todate), .Program, .Content]' > want
	pattern='^\[(?<time:time:%m.%d %H:%M:%S>[^]]+)\] (?<program>.+?) - '
	pattern+='(?<content>.*?)\s*$'
	parsed Proxifier '[.time, .program, .content]' --year=2016 \
	    "$pattern" > got
	agree
}

# ---- what sshd says ----

# The block of ANSWERS.txt behind the line that begins with $1.
answer() {
	awk -v head="$1" -F '\t' '
	on && !/^[0-9]/ { exit }
	on
	index($0, head) == 1 { on = 1 }' "$shared/ANSWERS.txt"
}

# Values with their counts, the first $1 of them by count, then as bytes.
top() {
	sort | uniq -c | awk '{ n = $1; sub(/^ *[0-9]+ /, ""); print n "\t" $0
	    }' | sort -t "$(printf '\t')" -k1,1nr -k2 | head -n "$1"
}

@test "sshd: who failed, who does not exist, who breaks in" {
	need_shared
	sk-parse --year=2005 sshd "$loghub/OpenSSH_2k.log" > all
	jq -r 'select(.event == "failed" and .method == "password") | .ip' \
	    all | top 99 > got
	answer 'Failed password lines by source IP' | diff - got
	jq -r 'select(.event == "invalid_user") | .user' all | top 10 > got
	answer 'top 10 invalid user names' | diff - got
	jq -r 'select(.event == "break_in") | .ip' all | top 10 > got
	answer 'top 10 break-in warnings' | diff - got
	same "$(jq -r 'select(.event == "accepted") | .user' all)" fztu
	same "$(jq -c 'select(.repeated) | [.event, .repeated, .ip]' all)" \
	    '["failed",5,"5.36.59.76"]
["failed",5,"106.5.5.195"]'
}

# ---- access logs ----

# What the formats clf and combined are, as patterns.  A piece of a string is a
# byte, a backslash that escapes nothing, or one with what it escapes.
piece='(?:[^"\\]|\\(?!["\\])|\\["\\])'
front='^(?:-|(?<ip>[^ ]+)) (?:-|(?<ident>[^ ]+))'
front+=' (?>(?:-|(?<user>.+?)) \[(?<time:time:clf>.{26})\] ")(?:-?|'
front+='(?:(?<method>[A-Za-z][A-Za-z_-]*) )?(?<path>'$piece'*?)'
front+='(?: (?<protocol>HTTP/(?:(?! )'$piece')+))?)"'
front+=' (?:-|(?<status:int>\d+)) (?:-|(?<bytes:int>\d+))'
clf=$front'[ \t\r]*$'
combined=$front' "(?:-|(?<referer>'$piece'*+))"'
combined+=' "(?:-|(?<agent>'$piece'*+))"'
combined+='(?: ++(?=.*[^ \t\r])(?<extra>.*?))?[ \t\r]*$'

# both FORMAT PATTERN FILE N: the same N records, and the same lines bad.
both() {
	sk-parse -q --bad=bad1 "$1" "$3" |
	    jq -c 'if .extra == null then del(.extra) else . end' > one
	sk-parse -q --bad=bad2 "$2" "$3" |
	    jq -c 'if .extra == null then del(.extra) else . end' > two
	touch bad1 bad2
	cmp one two
	cmp <(cut -f 1,3- bad1) <(cut -f 1,3- bad2)
	[ "$(wc -l < one)" -eq "$4" ]
	rm -f bad1 bad2
}

@test "combined: the same as a pattern on the web log, the bad line too" {
	need_shared
	zstd -dcq "$shared/web/apache_combined_10k.log.zst" > web
	both combined "$combined" web 9999
	sed 's/ "[^"]*" "[^"]*"*$//' web > common
	both clf "$clf" common 10000
	both clf "$clf" web 0
}

@test "clf: the same as a pattern on a day of NASA's" {
	need_shared
	zstd -dcq "$shared/web/nasa_19950801.tsv.zst" |
	    awk -v K=1 -f "$shared/scale.awk" > nasa
	both clf "$clf" nasa 30969
}

@test "clf, combined: the same as a pattern on all other shared logs" {
	need_shared
	cat "$loghub"/*.log > all
	both clf "$clf" all 0
	both combined "$combined" all 0
}

@test "clf, combined: the same as a pattern on lines that are hard" {
	local request t
	t='[10/Oct/2000:13:55:36 -0700]'
	for request in - '' GET 'GET ' 'GET /' 'GET  HTTP/1.1' 'GET HTTP/1.1' \
	    'GET / HTTP/' 'GET / HTTP/2' 'M-SEARCH * HTTP/1.1' '\x16\x03' \
	    '\x16 /a HTTP/1.0' 'GET /a b/c HTTP/1.0' 'GET /\"\\ HTTP/1.0' \
	    '-x y' '/x HTTP/1.1' 'GET / HTTP/1.1 HTTP/1.0' 'HTTP/1.1' \\ \
	    'a  b' ' ' 'GET / HTTP/\" x'; do
		printf '%s\n' "h - - $t \"$request\" 200 5"
	done > common
	printf '%s\n' "::1 i a b $t \"-\" 000 007" "- - x [y] z $t \"-\" - -" \
	    "h - x $t $t \"-\" 1 2" "h - - $t \"-\" 1 2 " \
	    "h - $t \"-\" 1 2" "h  - $t \"-\" 1 2" "h - - $t \"-\" x 2" \
	    "h - - $t \"-\" 1 x" "h - - $t  \"-\" 1 2" \
	    "h - - [10/Oct/2000:25:55:36 -0700] \"-\" 1 2" >> common
	both clf "$clf" common 25
	# Quotes, extras and ends; a line of clf alone is bad.
	{
		sed 's/$/ "-" "a b"/' common
		sed 's/$/ "" "-" x "y" 0.5 /' common
		sed 's/$/ "r\\"\\\\" "\\\\"/' common
		sed 's/$/ "r" "a"x/' common
		sed 's/$/ "r" "a\\"/' common
		sed 's/$/ "r" "a/' common
		sed 's/$/ "r"/' common
		sed 's/$/\r/' common
		cat common
	} > all
	both combined "$combined" all 72
}

@test "combined: the counts of the web log" {
	need_shared
	run -4 --separate-stderr sk-parse combined \
	    "$shared/web/apache_combined_10k.log.zst"
	printf '%s\n' "$output" > all
	jq -r .status all | top 12 > got
	answer 'top 12 status' > want
	# They count the line that breaks off too: a GET with 200 and 235
	# bytes by 46.118.127.106.
	awk -F '\t' -v OFS='\t' '$2 == 200 { $1-- } 1' want | diff - got
	jq -r .path all | top 10 > got
	answer 'top 10 request targets' | diff - got
	jq -r .ip all | top 10 > got
	answer 'top 10 IPs' | diff - got
	jq -r .method all | top 5 > got
	answer 'top 5 methods' |
	    awk -F '\t' -v OFS='\t' '$2 == "GET" { $1-- } 1' | diff - got
	same "$(jq -s '[.[].bytes | numbers] | add + 235, length' all)" \
	    $'2747282740\n9330'
	same "$(jq -r 'select(.bytes == null) | .ip' all | wc -l)" 669
}

# ---- auto ----

@test "auto: finds the format of every shared log that has one" {
	local file name
	need_shared
	for name in Apache:apache-error HDFS:log4j Hadoop:log4j Linux:syslog \
	    OpenSSH:sshd Zookeeper:log4j; do
		file=$loghub/${name%%:*}_2k.log
		run -0 --separate-stderr sk-parse --year=2005 auto "$file"
		same "$stderr" "sk-parse: auto: ${name#*:}"
		printf '%s\n' "$output" > one
		sk-parse --year=2005 "${name#*:}" "$file" | cmp - one
	done
}

# ---- records of several lines, zones ----

@test "log4j: a stack trace that is joined goes into the message" {
	printf '%s\n' '2015-10-18 18:01:47,978 ERROR [main] a.B: oops' \
	    'java.lang.X: y' $'\tat z' '2015-10-18 18:01:48,001 INFO a.B: b' \
	    > in
	run -0 --separate-stderr sk-parse --multiline='^\d{4}-\d\d-' log4j in
	same "$(jq -c '[.time, .level, .message]' <<< "$output")" \
	    '["2015-10-18T18:01:47.978Z","ERROR","oops\njava.lang.X: y\n\tat z"]
["2015-10-18T18:01:48.001Z","INFO","b"]'
	run -4 --separate-stderr sk-parse log4j in
	same "$stderr" $'sk-parse: in:2: no time in front
sk-parse: 2 of 4 events bad'
}

# export_record SECONDS TEXT: with the text as bytes behind their number.
export_record() {
	printf '__REALTIME_TIMESTAMP=%d000000\nMESSAGE\n' "$1"
	# shellcheck disable=SC2059 # a byte
	printf "\\x$(printf %02x "${#2}")"
	printf '\0\0\0\0\0\0\0%s\n_PID=%d\n\n' "$2" "$1"
}

@test "journal: JSON and export in one input, whatever the bytes" {
	{
		export_record 1 $'a\n\n{"b"}\n'
		echo '{"__REALTIME_TIMESTAMP":"2000000","MESSAGE":[104,10]}'
		export_record 3 $'x\r'
	} > in
	run -0 --separate-stderr sk-parse journal in
	same "$(jq -c '[.time, .pid, .message]' <<< "$output")" \
	    '["1970-01-01T00:00:01Z",1,"a\n\n{\"b\"}"]
["1970-01-01T00:00:02Z",null,"h"]
["1970-01-01T00:00:03Z",3,"x"]'
	run -0 --separate-stderr sk-parse auto in
	same "$stderr" 'sk-parse: auto: journal'
	same "$(jq -c .pid <<< "$output")" $'1\nnull\n3'
}

@test "journal: a length that is wrong hides no other record" {
	{
		printf '__REALTIME_TIMESTAMP=1\nMESSAGE\n'
		printf '\xff\xff\xff\xff\xff\xff\xff\x00abc\n\n'
		export_record 2 two
		echo '{"__REALTIME_TIMESTAMP":"3000000"}'
		export_record 4 four
	} > in
	run -0 --separate-stderr sk-parse --bad=bad journal in
	same "$(jq -c '[.time, .message]' <<< "$output")" \
	    '["1970-01-01T00:00:02Z","two"]
["1970-01-01T00:00:03Z",null]
["1970-01-01T00:00:04Z","four"]'
	same "$(grep -ac '^in:' bad)" 2
	# The same where the line limit comes before the end.
	cp in long
	for ((i = 0; i < 3000; i++)); do
		echo '{"__REALTIME_TIMESTAMP":"5000000","_PID":"5"}'
	done >> long
	run -4 --separate-stderr sk-parse --max-line=64K journal long
	same "$(jq .pid <<< "$output" | sort | uniq -c | tr -s ' ')" \
	    $' 1 2\n 1 4\n 3000 5\n 1 null'
}

@test "dpkg: every line of a log that dpkg wrote" {
	[ -s /var/log/dpkg.log ] || skip 'no dpkg.log here'
	run -0 --separate-stderr sk-parse -e dpkg /var/log/dpkg.log
	same "$stderr" ''
}

@test "all formats: times without an offset are of --tz" {
	local format line
	while IFS='|' read -r format line; do
		same "$(sk-parse --tz=Europe/Madrid --year=2023 "$format" \
		    <<< "$line" | jq -r .time)" 2023-07-10T13:55:36+02:00
	done <<- 'END'
	nginx-error|2023/07/10 13:55:36 [error] 1#1: x
	apache-error|[Mon Jul 10 13:55:36 2023] [error] x
	dpkg|2023-07-10 13:55:36 startup archives unpack
	log4j|2023-07-10 13:55:36 INFO x
	log4j|230710 135536 INFO x
	syslog|Jul 10 13:55:36 h x: y
	syslog|2023-07-10T11:55:36Z h x: y
	sshd|Jul 10 13:55:36 h sshd[1]: y
	clf|h - - [10/Jul/2023:11:55:36 +0000] "-" 1 2
	END
}
