#!/usr/bin/env bats
# sk-hll: what is its own; inputs, bad events and output are inputs.bats.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	shared=$SK_ROOT/../shared/data
}

# |estimate - truth| is within PERCENT of the truth.
within() {
	awk -v got="$1" -v want="$2" -v percent="$3" 'BEGIN {
		d = got - want
		exit !((d < 0 ? -d : d) <= want * percent / 100)
	}' || { echo "$1, not within $3 % of $2"; return 1; }
}

@test "sk-hll: options out of range are usage" {
	run -2 --separate-stderr sk-hll --lgk 3
	same "${stderr_lines[0]}" 'sk-hll: --lgk: 3: out of range'
	run -2 --separate-stderr sk-hll --lgk 22
	run -2 --separate-stderr sk-hll --sd 4
	run -2 --separate-stderr sk-hll --value 'a[x]'
	same "${stderr_lines[0]%%(*}" 'sk-hll: a[x]: not a path '
	run -2 --separate-stderr sk-hll -k 0
	same "$output" ''
}

@test "sk-hll: nothing is 0" {
	run -0 --separate-stderr sk-hll /dev/null
	same "$output" 0
	run -0 --separate-stderr sk-hll --bounds /dev/null
	same "$output" $'0\t0\t0'
	run -0 --separate-stderr sk-hll -k 1 /dev/null
	same "$output" ''
	run -1 --separate-stderr sk-hll -e -k 1 /dev/null
}

@test "sk-hll: few values are counted exactly" {
	local n

	for n in 1 2 7 8 24 25 100 384; do
		run -0 --separate-stderr bash -c "seq $n | sk-hll"
		same "$output" "$n"
	done
}

@test "sk-hll: many values within 4 standard errors, at every size" {
	local lgk

	for lgk in 4 8 10 12 14 18 21; do
		run -0 --separate-stderr bash -c "seq 300000 | sk-hll --lgk $lgk"
		within "$output" 300000 \
		    "$(awk -v k="$lgk" 'BEGIN { print 4 * 83.3 / 2 ^ (k / 2) }')"
	done
}

@test "sk-hll: repeats change nothing" {
	seq 50000 > once
	run -0 --separate-stderr sk-hll --bounds once
	same "$(sk-hll --bounds once once once)" "$output"
}

@test "sk-hll: bounds stand around the estimate, wider with --sd" {
	seq 100000 > in
	sk-hll --bounds --sd 1 in > one
	sk-hll --bounds in > two
	sk-hll --bounds --sd 3 in > three
	cat three two one | awk '
	$1 <= $2 || $1 >= $3 { exit 1 }
	NR > 1 && ($2 <= lower || $3 >= upper) { exit 1 }
	{ lower = $2; upper = $3 }'
}

@test "sk-hll: a field, by blanks, by delimiter, by range" {
	printf '%s\n' ' a  b c' 'a b  d' 'b b c' > in
	run -0 --separate-stderr sk-hll --value 1 in
	same "$output" 2
	run -0 --separate-stderr sk-hll --value 2-3 in
	same "$output" 2
	run -0 --separate-stderr sk-hll -d ' ' --value 1 in
	same "$output" 2
	same "$stderr" 'sk-hll: 1 of 3 events without 1'
}

@test "sk-hll: events without the field are passed over and counted" {
	printf '%s\n' 'a x' b 'c y' 'd x' > in
	run -0 --separate-stderr sk-hll --value 2 in
	same "$output" 2
	same "$stderr" 'sk-hll: 1 of 4 events without 2'
	run -0 --separate-stderr sk-hll -q --value 2 in
	same "$stderr" ''
}

@test "sk-hll: -k prints a line for each key, in order of bytes" {
	printf '%s\n' 'b 1' 'a 1' 'b 2' 'B 1' 'a 1' > in
	run -0 --separate-stderr sk-hll -k 1 --value 2 in
	same "$output" $'B\t1\na\t1\nb\t2'
	run -0 --separate-stderr sk-hll -k 1 --value 2 --to ndjson in
	same "${lines[2]}" '{"1":"b","distinct":2}'
	run -0 --separate-stderr sk-hll -k 1 --header in
	same "${lines[0]}" $'1\tdistinct'
}

@test "sk-hll: several keys sort field by field" {
	printf '%s\n' 'a z 1' 'aa b 1' 'a b 1' 'a b 2' > in
	run -0 --separate-stderr sk-hll -k 1,2 --value 3 in
	same "$output" $'a\tb\t2\na\tz\t1\naa\tb\t1'
	same "$(sk-hll -k 1 -k 2 --value 3 in)" "$output"
}

@test "sk-hll: two columns of one name are usage" {
	run -2 --separate-stderr sk-hll -k 1,1 /dev/null
	same "$output" ''
	run -0 --separate-stderr sk-hll --header -k 1,b=1 "$SK_DATA/access.log"
	same "${lines[0]}" $'1\tb\tdistinct'
}

@test "sk-hll: no key of a saved state is called as its image is" {
	local tool name option

	# Nothing is read: the inputs are not there.
	for tool in 'sk-hll hll' 'sk-topk topk' 'sk-quantile kll' \
	    'sk-quantile tdigest --method tdigest'; do
		read -r tool name option <<< "$tool"
		for option in "$option --save s" "$option --state s" \
		    "$option --load s" "$option --merge"; do
			# shellcheck disable=SC2086 # words of a command
			run -2 --separate-stderr "$tool" -k "b=2,$name=1" \
			    $option missing
			same "$output" ''
			same "${stderr_lines[0]}" "$tool: two members of a \
saved state are called $name; name=FIELD gives another name"
		done
	done
	[ ! -e s ]
	printf '%s\n' a b a > in
	same "$(sk-hll -k hll=1 in)" $'a\t1\nb\t1'
	same "$(sk-hll -k hell=1 --save s in)" $'a\t1\nb\t1'
	same "$(sed 's/"hll"/"image"/; s/"hell"/"hll"/' s |
	    sk-hll -k hll --merge --value /image)" \
	    $'{"hll":"a","distinct":1}\n{"hll":"b","distinct":1}'
}

@test "sk-hll: saved sketches have no --every" {
	local option

	seq 9 | sk-hll --save a > out
	seq 5 20 | sk-hll --save b > out
	for option in --intersect --jaccard; do
		run -2 --separate-stderr sk-hll --every 5 "$option" a b
		same "$output" ''
		same "${stderr_lines[0]}" "sk-hll: --every: not with \
$option: saved sketches are no stream"
	done
	for option in --merge --info; do
		run -2 --separate-stderr sk-hll --every 5s "$option" a b
		same "$output" ''
		same "${stderr_lines[0]}" "sk-hll: --every: not with \
--merge and --info: saved sketches are no stream"
	done
	seq 9 | sk-topk --save t > out
	run -2 --separate-stderr sk-topk --every 5 --query t 3
	same "$output" ''
	same "${stderr_lines[0]}" \
	    'sk-topk: --every: not with a query: saved sketches are no stream'
}

@test "sk-hll: a key over --max-keys is a bad event" {
	printf '%s\n' a b a c d > in
	run -4 --separate-stderr sk-hll -k 1 --max-keys 2 in
	same "$output" $'a\t1\nb\t1'
	same "$stderr" 'sk-hll: in:4: too many keys
sk-hll: 2 of 5 events bad'
}

@test "sk-hll: per key the estimate is that of the key's lines alone" {
	awk 'BEGIN { for (i = 0; i < 20000; i++) print i % 3, i % 5000 }' > in
	run -0 --separate-stderr sk-hll -k 1 --value 2 in
	same "$(for k in 0 1 2; do
		printf '%s\t%s\n' $k "$(grep "^$k" in | sk-hll --value 2)"
	done)" "$output"
}

@test "sk-hll: true counts of real logs" {
	[ -d "$shared" ] || skip 'no shared data'
	run -0 --separate-stderr sk-hll --value 1 \
	    "$shared/web/apache_combined_10k.log.zst"
	within "$output" 1753 3
	zstd -dcq "$shared/web/nasa_19950801.tsv.zst" | tail -n +2 > nasa
	within "$(sk-hll -d '\t' --value 1 nasa)" 2365 3
	within "$(sk-hll -d '\t' --value 5 nasa)" 2088 3
}

@test "sk-hll: a saved sketch gives the same estimate, of every type" {
	local type form

	seq 50000 > in
	want=$(sk-hll --bounds in)
	for type in hll4 hll6 hll8; do
		for form in --updatable --no-updatable; do
			sk-hll --type "$type" $form --save a.hll in > /dev/null
			same "$(sk-hll --merge --bounds a.hll)" "$want"
			same "$(sk-hll --info a.hll)" \
			    "a.hll	hll	lgk=12 type=$type mode=HLL	$(sk-hll in)"
		done
	done
}

@test "sk-hll: images are those of the library, byte for byte" {
	local file params input bytes from to args

	[ -d "$SK_ROOT/../shared/vectors" ] || skip 'no shared data'
	cut -f 1,3,4,6 "$SK_ROOT/../shared/vectors/index.tsv" |
	    grep -P '\tlgk=.*\tseq:' | grep -v perm > list
	while IFS=$'\t' read -r file params input bytes; do
		from=${input#seq:} to=${from#*..} from=${from%%..*}
		[[ $params =~ lgk=([0-9]+)\ type=(hll.)\ image=([a-z]*) ]]
		args="--lgk ${BASH_REMATCH[1]} --type ${BASH_REMATCH[2]}"
		[ "${BASH_REMATCH[3]}" = compact ] || args+=' --updatable'
		# shellcheck disable=SC2086 # words
		seq -f %.0f "$from" "$to" |
		    sk-hll $args --save got > /dev/null
		cmp got "$SK_ROOT/../shared/vectors/$file"
		same "$(stat -c %s got)" "$bytes"
	done < list
	[ "$(wc -l < list)" -gt 100 ]
}

@test "sk-hll: every image of the library gives the listed figures" {
	local file sketch figures want

	[ -d "$SK_ROOT/../shared/vectors" ] || skip 'no shared data'
	while IFS=$'\t' read -r file sketch want; do
		[ "$sketch" = hll ] || continue
		file=$SK_ROOT/../shared/vectors/$file
		figures=$(for sd in 1 2 3; do
			sk-hll --merge --bounds --sd $sd "$file" |
			    cut -f $((sd == 1 ? 1 : 2))-
		done | tr '\n' '\t')
		printf '%s%s\n' "$figures" "$want" | awk -F '\t' '{
			for (i = 1; i <= 7; i++)
				if ($i + 0 != $(i + 7) + 0)
					exit 1
		}' || { echo "$file: $figures, not $want"; return 1; }
	done < <(cut -f 1,2,7-13 "$SK_ROOT/../shared/vectors/index.tsv")
}

@test "sk-hll: --merge is the sketch of all lines, in any order" {
	for i in 1 2 3; do
		seq $((i * 20000)) $((i * 20000 + 30000)) |
		    sk-hll --save $i.hll > /dev/null
	done
	want=$(sk-hll --merge --bounds 1.hll 2.hll 3.hll)
	same "$(sk-hll --merge --bounds 3.hll 1.hll 2.hll)" "$want"
	sk-hll --merge --save 23.hll 2.hll 3.hll > /dev/null
	same "$(sk-hll --merge --bounds 23.hll 1.hll)" "$want"
	same "$(sk-hll --merge --bounds < 23.hll --load 1.hll)" "$want"
	within "${want%%.*}" 70001 6
}

@test "sk-hll: a merge takes the least lgK past the exact counts" {
	seq 9000 | sk-hll --lgk 14 --save big.hll > /dev/null
	seq 9000 | sk-hll --lgk 10 --save less.hll > /dev/null
	seq 20 | sk-hll --lgk 8 --save few.hll > /dev/null
	for files in 'few.hll big.hll' 'big.hll few.hll'; do
		# shellcheck disable=SC2086 # two files
		sk-hll --merge --save out.hll $files > /dev/null
		same "$(sk-hll --info out.hll | cut -f 3)" \
		    'lgk=14 type=hll8 mode=HLL'
	done
	sk-hll --merge --save out.hll less.hll big.hll > /dev/null
	same "$(sk-hll --info out.hll | cut -f 3)" 'lgk=10 type=hll8 mode=HLL'
	sk-hll --merge --lgk 11 --save out.hll big.hll > /dev/null
	same "$(sk-hll --info out.hll | cut -f 3)" 'lgk=11 type=hll8 mode=HLL'
}

@test "sk-hll: --state goes on where it ended, by key too" {
	awk 'BEGIN { for (i = 0; i < 40000; i++) print i % 3, i % 9000 }' > in
	run -0 sk-hll -k 1 --value 2 in
	head -n 10000 in | sk-hll -k 1 --value 2 --state s > /dev/null
	same "$(tail -n +10001 in | sk-hll -k 1 --value 2 --state s)" "$output"
	same "$(sk-hll --merge -k 1 --to tsv s)" "$output"
	same "$(jq -r '.["1"]' s | tr '\n' ' ')" '0 1 2 '
	same "$(jq -r .hll s | head -n 1 | base64 -d | wc -c)" 4136
}

@test "sk-hll: saved keys are joined by cat, and by fewer keys" {
	awk 'BEGIN { for (i = 0; i < 600; i++) print i % 3, i % 2, i }' > in
	head -n 300 in | sk-hll -k a=1,b=2 --value 3 --save one > /dev/null
	tail -n 300 in | sk-hll -k a=1,b=2 --value 3 --save two > /dev/null
	run -0 --separate-stderr bash -c 'cat one two | sk-hll --merge -k b'
	same "$output" '{"b":"0","distinct":300}
{"b":"1","distinct":300}'
	sed 's/"hll"/"image"/' one > other
	same "$(sk-hll --merge --value image other)" 300
	same "$(sk-hll --merge one)" 300
}

@test "sk-hll: --intersect and --jaccard of few values are exact" {
	seq 1 300 | sk-hll --save a.hll > /dev/null
	seq 201 500 | sk-hll --save b.hll > /dev/null
	seq 501 510 | sk-hll --save c.hll > /dev/null
	run -0 --separate-stderr sk-hll --intersect a.hll b.hll
	within "${output%%	*}" 100 0.01
	run -0 --separate-stderr sk-hll --jaccard a.hll b.hll
	within "${output%%	*}" 0.2 0.01
	run -0 --separate-stderr sk-hll --intersect a.hll c.hll
	same "${output%%	*}" 0
	sk-hll --save e.hll /dev/null > /dev/null
	same "$(sk-hll --jaccard e.hll e.hll)" $'0\t0\t0'
}

@test "sk-hll: --intersect of many values is within its bounds" {
	seq 1 100000 | sk-hll --save a.hll > /dev/null
	seq 60001 300000 | sk-hll --lgk 14 --save b.hll > /dev/null
	sk-hll --intersect --header --sd 3 a.hll b.hll > out
	same "$(head -n 1 out)" $'distinct\tlower\tupper'
	awk 'NR == 2 { exit !($2 < 40000 && 40000 < $3 && $3 - $2 < 30000) }' out
	same "$(sk-hll --intersect --to ndjson a.hll a.hll | jq -c keys)" \
	    '["distinct","lower","upper"]'
	same "$(sk-hll --jaccard a.hll a.hll | cut -f 1,3)" $'1\t1'
}

@test "sk-hll: --intersect takes two files, and nothing that saves" {
	seq 9 | sk-hll --save a.hll > /dev/null
	run -2 --separate-stderr sk-hll --intersect a.hll
	same "${stderr_lines[0]}" 'sk-hll: --intersect: takes two INPUTs'
	run -2 --separate-stderr sk-hll --jaccard a.hll a.hll a.hll
	run -2 --separate-stderr sk-hll --jaccard --intersect a.hll a.hll
	run -2 --separate-stderr sk-hll --intersect -k 1 a.hll a.hll
	run -2 --separate-stderr sk-hll --intersect --save x a.hll a.hll
	run -3 --separate-stderr sk-hll --intersect a.hll none
	same "$stderr" 'sk-hll: none: No such file or directory'
	same "$output" ''
}

@test "sk-hll: foreign, newer, cut and doubled images are refused" {
	seq 9000 | sk-hll --save a.hll > /dev/null
	printf 'HYLL\0\0\0\0\0\0\0\0\0\0\0\0' > redis
	head -c 100 a.hll > half
	cat a.hll a.hll > two
	printf '\012\002\007\014\0\010\0\012' > newer
	printf '{"hll":"%s"}\n{"hll":"AAAA"}\n' "$(base64 -w0 a.hll)" > lines
	for file in redis half two newer lines; do
		for mode in --merge --info --intersect; do
			[ $mode = --intersect ] && set -- a.hll || set --
			run -4 --separate-stderr sk-hll $mode "$@" $file
			[ $file = lines ] || same "$output" ''
			case $file in
			redis) want='redis: a Redis HyperLogLog: other hashes, only Redis (PFCOUNT) can count them' ;;
			half) want='half: corrupt HLL sketch: cut short' ;;
			two) want='two: more bytes than one HLL sketch' ;;
			newer) want='newer: HLL sketch of version 2' ;;
			lines) want='lines:2: not an HLL sketch' ;;
			esac
			same "$stderr" "sk-hll: $want"
		done
	done
	run -4 --separate-stderr sk-hll --state half --value 1 a.hll
	same "$(stat -c %s half)" 100
}

@test "sk-hll: memory does not grow with the input" {
	local total=3000000

	[[ $SK_BUILD != *asan* ]] || skip 'asan reserves address space'
	[ "${SK_LONG-}" != 1 ] || total=1000000000
	(
		ulimit -v 20000
		seq "$total" | sk-hll > out
	)
	within "$(cat out)" "$total" 5
}

@test "sk-hll: --save writes to a device or a pipe, and does not replace it" {
	cd "$BATS_TEST_TMPDIR" || exit
	seq 100 | sk-hll --save whole
	seq 100 | sk-hll --save /dev/stderr 2> piped
	cmp whole piped
	seq 100 | sk-hll --save /dev/fd/4 4> piped
	cmp whole piped
	mkfifo fifo
	cat fifo > piped &
	seq 100 | sk-hll --save fifo
	wait $!
	cmp whole piped
	[ -p fifo ]
	run -3 --separate-stderr sk-hll --save /dev/full < whole
	[[ $stderr == 'sk-hll: /dev/full: No space left on device' ]]
	[ -c /dev/full ]
}
