#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# timeout: 600
# What an administrator can set and see: sysctls and generic netlink. Every
# knob has its default, its range and its effect, in its namespace.
. "$(dirname "$0")/lib.sh"

NL=$TEST_DIR/smc_nl
port=5940

fresh() {
	local g
	on B 'pkill "smc_(xfer|many)"; pkill -f "[s]ink.py"'
	for g in A B; do
		smc_unload $g
		smc_load $g
	done
}

knob() { # GUEST NAME VALUE
	on "$1" "echo $3 >/proc/sys/net/smc/$2"
}

nl() { # GUEST ARGUMENT...
	local g=$1
	shift
	on "$g" "$NL" "$@" 2>&1
}

nl_is() { # NAME EXPECTED GUEST ARGUMENT...
	local name=$1 expected=$2
	shift 2
	check_eq "$name" "$expected" "$(nl "$@" | tr '\n' ' ' | sed 's/ $//')"
}

# batch GUEST: lines "NAME|EXPECTED|COMMAND of smc_nl", all in one go
batch() {
	local guest=$1 name expected command got i=0
	cat >"$TMP/batch"
	mapfile -t got < <(cut -d "|" -f 3 "$TMP/batch" |
		on_in "$guest" "$NL" batch 2>&1)
	while IFS="|" read -r name expected command; do
		check_eq "$name" "$expected" "${got[i]-no answer to $command}"
		i=$((i + 1))
	done <"$TMP/batch"
}

# one connection with 100 KB each way
connect() { # NAME [OPTION...]
	local name=$1
	shift
	check "$name" on A "$TESTS/smc_xfer" -A af_smc -p $port -b 100K "$@" \
		10.0.0.2
}

serve() {
	port=$((port + 1))
	bg B server$port "$TESTS/smc_xfer" -A af_smc -p $port -s
	wait_port B $port
}

# value GUEST KIND NAME: in what the first object of a dump says
value() {
	nl "$1" "$2" | sed -n "1s/.* $3=\([^ ]*\).*/\1/p"
}

# --- sysctls: defaults, ranges, namespaces --------------------------------

# takes NAME VALUE...: all are taken; refuses: all are EINVAL. Prints the others
ranges='cd /proc/sys/net/smc
	takes() {
		n=$1; shift
		for v; do
			{ echo $v >$n; } 2>/dev/null && [ $(cat $n) = $v ] ||
				echo "$n does not take $v"
		done
	}
	refuses() {
		n=$1 old=$(cat $1); shift
		for v; do
			case $({ echo $v >$n; } 2>&1) in
			*"Invalid argument"*) ;;
			*) echo "$n: not EINVAL for $v" ;;
			esac
			[ $(cat $n) = $old ] || echo "$n: $v is in it"
		done
	}
	takes autocorking_size 0 1 4294967295 65536
	refuses autocorking_size -1 4294967296 x
	takes smcr_buf_type 0
	refuses smcr_buf_type 1 2 -1
	takes smcr_testlink_time 0 1 86400 30
	refuses smcr_testlink_time -1 2147483647
	for i in wmem rmem; do
		takes $i 16384 1073741823 131072
		refuses $i 16383 1073741824 0 -1
	done
	takes smcr_max_links_per_lgr 1
	refuses smcr_max_links_per_lgr 0 2
	takes smcr_max_conns_per_lgr 16 255
	refuses smcr_max_conns_per_lgr 15 256
	takes limit_smc_hs 1 0
	refuses limit_smc_hs 2 -1'

defaults="autocorking_size:65536 limit_smc_hs:0 rmem:131072 smcr_buf_type:0"
defaults+=" smcr_max_conns_per_lgr:255 smcr_max_links_per_lgr:1"
defaults+=" smcr_testlink_time:30 tcp2smc:0 wmem:131072"
show='cd /proc/sys/net/smc && grep . * | tr "\n" " "'

ktap_begin
fresh
check_eq "defaults of the sysctls" "$defaults " "$(on A "$show")"
check_eq "ranges of the sysctls" "" "$(on A bash -c "$ranges")"
check_eq "all is as before" "$defaults " "$(on A "$show")"
knob A wmem 65536
check_eq "a new namespace has the defaults" "$defaults " \
	"$(on A unshare -n sh -c "$show")"
check_eq "what is written in a namespace" "20000 1" "$(on A unshare -n sh -c "
	cd /proc/sys/net/smc; echo 20000 >wmem; $NL limit on >/dev/null
	echo \$(cat wmem limit_smc_hs)")"
check_eq "a change stays in its namespace" "65536 0" \
	"$(on A 'cd /proc/sys/net/smc; echo $(cat wmem limit_smc_hs)')"
check_eq "the kernel finds the module by name of family and protocol" 3 \
	"$(on A 'modinfo -F alias build/$(uname -r)/smc.ko' | grep -c \
	-e '^net-pf-16-proto-16-family-SMC_GEN_NETLINK$' \
	-e '^net-pf-2-proto-256-type-1$' -e '^net-pf-10-proto-256-type-1$')"

# --- netlink: enterprise IDs ----------------------------------------------

full=ABCDEFGHIJKLMNOPQRSTUVWXYZ.-0123
text=$(printf '41%.0s' {1..32})
batch A <<-END
	the built-in EID is in force|SMC-R|eids
	it cannot be removed|ENOENT|del SMC-R
	an EID is added||add EID1
	it replaces the built-in one|EID1|eids
	twice is an error|EEXIST|add EID1
	a second one of 32 characters||add $full
	a third one, of one||add 7
	the fourth is the name of the built-in one||add SMC-R
	a fifth does not fit|ERANGE|add EID5
	all are there|EID1 $full 7 SMC-R|eids
	one is removed||del EID1
	it is not there twice|ENOENT|del EID1
	the others are there|$full 7 SMC-R|eids
	invalid: empty|EINVAL|add ""
	invalid: lower case|EINVAL|add lower
	invalid: a dot comes first|EINVAL|add .DOT
	invalid: a dash comes first|EINVAL|add -DASH
	invalid: a blank inside|EINVAL|add "IN NER"
	invalid: underline|EINVAL|add UNDER_
	invalid: not ASCII|EINVAL|add ÄÖ
	invalid: a capital of Latin-1|EINVAL|raw 10 25000100c0${text:2}00000000
	flush||flush
	the built-in one is in force again|SMC-R|eids
	flush of nothing||flush
	malformed: no attribute|EINVAL|raw 10 ""
	malformed: half an attribute|EINVAL|raw 10 0400
	malformed: empty|EINVAL|raw 10 04000100
	malformed: no NUL|EINVAL|raw 10 24000100$text
	malformed: 33 characters|EINVAL|raw 10 25000100${text}41000000
	malformed: two NULs|EINVAL|raw 10 26000100${text}00000000
	malformed: unknown attribute|EINVAL|raw 10 25000200${text}00000000
	malformed: longer than the message|EINVAL|raw 10 ffff0100
	malformed removal: no attribute|EINVAL|raw 11 ""
	malformed removal: empty|EINVAL|raw 11 04000100
	malformed removal: no NUL|EINVAL|raw 11 24000100$text
	malformed removal: longer than the message|EINVAL|raw 11 ffff0100
	well-formed after all||raw 10 25000100${text}00000000
	it is there|AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA|eids
	2,000 random requests||fuzz 42 2000
	handshake limitation off||limit off
	flush at the end||flush
	there is no system EID|ENOTSUP|seid on
	nor can it be disabled|ENOTSUP|seid off
	its dump is one empty message|['']|seids
	handshake limitation is off|0|limit
	system|sys ver=2 rel=1 ism_v2=0 host=A smcr_v2=1|info
	no link groups||lgrs
	no links||links
	no fallback||fallbacks
	command 0 is unknown|ENOTSUP|raw 0 ""
	command 19 is unknown|ENOTSUP|raw 19 ""
	no SMC-D link groups|0|dumpraw 4 ""
	no SMC-D devices|0|dumpraw 5 ""
	it is switched on||limit on
	it is on|1|limit
END
check_eq "the sysctl is the same" 1 "$(on A cat /proc/sys/net/smc/limit_smc_hs)"
on A "$NL" limit off

nobody="setpriv --reuid 65534 --regid 65534 --clear-groups"
# shellcheck disable=SC2086
check_eq "nobody may change anything, but look" \
	"EPERM EPERM EPERM EPERM EPERM EPERM SMC-R stats" \
	"$(printf "%s\n" "add X" "del X" flush "seid on" "limit on" "limit off" \
		eids stats | on_in A $nobody "$NL" batch 2>&1 | xargs)"
# in a namespace of its own a user is an administrator, but not of the host
# shellcheck disable=SC2086
check_eq "a namespace's administrator" "EPERM 1" "$(on A $nobody unshare -Urn \
	sh -c "echo \$($NL add X 2>&1; $NL limit on; $NL limit)")"

# --- with connections ------------------------------------------------------

lgr_is() { # NAME GUEST "NAME=VALUE..."
	local name=$1 guest=$2 word line missing=
	line=" $(nl "$guest" lgrs) "
	for word in $3; do
		[[ $line == *" $word "* ]] || missing+=" $word"
	done
	if [ -z "$missing" ]; then
		ok "$name"
	else
		not_ok "$name" "not there:$missing
got: $line"
	fi
}

fresh
serve
connect "a connection without any setup"
lgr_is "link group of A" A "role=0 type=1 conns=0 v2.eid=SMC-R v2.host=B v2.ver=2
	v2.rel=1 v2.os=2 v2.direct=1 v2.max_conns=255 v2.max_links=1 buf_type=0"
lgr_is "link group of B" B "role=1 type=1 conns=0 v2.eid=SMC-R v2.host=A"
lgr_is "default rings: the first is larger" A \
	"sndbuf_alloc=524288 rmb_alloc=1048576"
links=$(nl A links | sed -n 's/^link //p')
links_b=$(nl B links | sed -n 's/^link //p')
word() { # LINE NAME
	sed -n "s/.* $2=\([^ ]*\).*/\1/p" <<<" $1"
}
check_eq "the link of A" \
	"1 rxe_eth0 1 0000:0000:0000:0000:0000:ffff:0a00:0001 3" \
	"$(for i in id dev port gid state; do word "$links" $i; done | xargs)"
check_eq "A has a name for it, and B knows it" "$(word "$links" uid)" \
	"$(word "$links_b" peer_uid)"
check_eq "and the other way round" "$(word "$links_b" uid)" \
	"$(word "$links" peer_uid)"
check_eq "the device is in use" "1 1 1" "$(on B "$NL" devs | sed -n \
	's/.*crit=\(.*\) port.pnet_usr.*state=\(.*\) port.valid.*links=\(.*\) name.*/\1 \2 \3/p')"
for g in A B; do
	check "statistics of $g have the bytes" \
		[ "$(value $g stats smcr.rx_bytes)" -ge 102400 ]
done
check_eq "and the connection" "1 1" \
	"$(value A stats smcr.client_v2) $(value B stats smcr.server_v2)"

# What applications have not set themselves is as large as the sysctls say
fresh
serve
knob A wmem 16384
knob A rmem 1048576
connect "wmem and rmem"
lgr_is "they are the sizes of the rings" A "sndbuf_alloc=16384 rmb_alloc=1048576"
knob A wmem 1048576
connect "SO_SNDBUF" -k 16384
lgr_is "it counts more than wmem" A "sndbuf_alloc=16384"

# EIDs: the same on both ends, several of them, none in common
fresh
serve
on A "$NL" add ONLY.A
on A "$NL" add OFFICE
on B "$NL" add OFFICE
on B "$NL" add ONLY.B
connect "EIDs of their own"
lgr_is "the one in common is taken" A "v2.eid=OFFICE"
lgr_is "B says the same" B "v2.eid=OFFICE"
nl_is "no fallback" "" B fallbacks
# the link group of the old one is still there
for g in A B; do on $g "$NL" add NEW; on $g "$NL" del OFFICE; done
connect "another EID"
nl_is "it is no reason to fall back" "" B fallbacks
check_eq "and has a link group of its own" "NEW OFFICE" \
	"$(nl B lgrs | sed -n 's/.*v2.eid=\([^ ]*\).*/\1/p' | sort | xargs)"
no_common() { # NAME
	serve
	connect "$1: by TCP"
	nl_is "$1: what B says" \
		"fallback server=1 all_server=1 all_client=0 reason=0x3030008 count=1" \
		B fallbacks
	nl_is "$1: what A says" \
		"fallback server=0 all_server=0 all_client=1 reason=0x5000000 count=1" \
		A fallbacks
	check_eq "$1: nothing by SMC" "0 0" \
		"$(smc_stat A ClientSmc) $(smc_stat B ServerSmc)"
}
fresh
on A "$NL" add ONLY.A
on B "$NL" add ONLY.B
no_common "no EID in common"
fresh
on A "$NL" add ONLY.A
no_common "EID at one end"

# Connections of a link group: the smaller wish counts
fresh
knob A smcr_max_conns_per_lgr 16
serve
connect "at most 16, says the client"
lgr_is "16 it is" B "v2.max_conns=16"
bg B many "$TESTS/smc_many" -A af_smc -p 5939 -s
wait_port B 5939
ON_TIMEOUT=150 check "40 connections are three link groups" on A \
	"$TESTS/smc_many" -A af_smc -p 5939 -n 40 -c 1 -x "[ \$($NL lgrs | grep -c max_conns=16) -eq 3 ]" 10.0.0.2
nl_is "none of them fell back" "" B fallbacks
fresh
knob A smcr_max_conns_per_lgr 100
knob B smcr_max_conns_per_lgr 50
serve
connect "at most 50, says the server"
lgr_is "50 it is" A "v2.max_conns=50"

# Test Link: from A, once a second, and the link stays
tests='grep -c "tx .*TEST_LINK v2 flags=0x00" /sys/kernel/tracing/trace'
fresh
knob A smcr_testlink_time 1
serve
on A 'echo 1 >/sys/kernel/tracing/events/smc/smc_llc/enable'
connect "a link that is tested"
check "its tests go out" wait_for A "[ \$($tests) -ge 2 ]" 30
lgr_is "and it lives" A "type=1"
fresh
knob A smcr_testlink_time 0
serve
on A 'echo >/sys/kernel/tracing/trace
	echo 1 >/sys/kernel/tracing/events/smc/smc_llc/enable'
connect "a link that is not"
sleep 4
check_eq "no tests" 0 "$(on A "$tests")"
on A 'echo 0 >/sys/kernel/tracing/events/smc/enable'

# Autocorking: without it each write is a message
fresh
cat >"$SHARE_HOST/sink.py" <<'PY'
import socket
l = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 256)
l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
l.bind(("", 5938))
l.listen()
while True:
    s = l.accept()[0]
    while s.recv(65536):
        pass
    s.close()
PY
bg B sink python3 -IS $SHARE/sink.py
wait_port B 5938
writes='import socket
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 256)
s.connect(("10.0.0.2", 5938))
for i in range(1000):
    s.send(b"x" * 100)
s.shutdown(socket.SHUT_WR)
s.recv(1)'
check "1,000 writes" on A python3 -ISc "$writes"
gathered=$(smc_stat A TxMsgs)
knob A autocorking_size 0
check "1,000 writes without autocorking" on A python3 -ISc "$writes"
single=$(($(smc_stat A TxMsgs) - gathered))
diag "$gathered messages, without autocorking $single"
check "are more messages" [ "$single" -gt $((2 * gathered)) ]
check "up to one for each" [ "$single" -le 1000 ]
# Handshake limitation: a server that has 64 handshakes under way answers
# without the option. Here none comes to an end: Proposals are lost.
cat >"$SHARE_HOST/limit.py" <<'PY'
import errno, socket, struct, sys, time
SOL_SMC, LIMIT_HS = 286, 1
def made():
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, 256)
def options(expected):
    s = made()
    assert s.getsockopt(SOL_SMC, LIMIT_HS) == expected
    for value in 1, 0:
        s.setsockopt(SOL_SMC, LIMIT_HS, value)
        assert s.getsockopt(SOL_SMC, LIMIT_HS) == value
    for opt, value, error in ((LIMIT_HS, b"ab", errno.EINVAL),
                              (2, 1, errno.EOPNOTSUPP)):
        try:
            s.setsockopt(SOL_SMC, opt, value)
            raise SystemExit("no error")
        except OSError as e:
            assert e.errno == error, e
def serve(port, option):
    s = made()
    if option != "default":
        s.setsockopt(SOL_SMC, LIMIT_HS, int(option))
    s.bind(("", port))
    s.listen(4096)
    time.sleep(600)
def clients(port, number):
    held = []
    for i in range(number):
        s = made()
        s.setblocking(False)
        s.connect_ex(("10.0.0.2", port))
        while s.getsockopt(socket.SOL_TCP, socket.TCP_INFO, 1) != b"\1":
            time.sleep(.001)
        time.sleep(.005)
        held.append(s)
{"options": lambda expected: options(int(expected)),
 "serve": lambda port, option: serve(int(port), option),
 "clients": lambda port, number: clients(int(port), int(number)),
 }[sys.argv[1]](*sys.argv[2:])
PY
limited() { # NAME OPTION
	local before now
	port=$((port + 1))
	bg B limit$port python3 -IS $SHARE/limit.py serve $port "$2"
	wait_port B $port
	before=$(smc_stat B ServerFallback)
	on B "nft add table ip smctest
		nft 'add chain ip smctest in { type filter hook input priority 0; }'
		nft add rule ip smctest in tcp dport $port meta length \> 100 drop"
	on A python3 -IS $SHARE/limit.py clients $port 90
	now=$(($(smc_stat B ServerFallback) - before))
	on B 'nft delete table ip smctest; pkill -f "[l]imit.py"'
	diag "$1: $now of 90 without SMC"
	limited=$now
}
fresh
check "the socket option, without limitation" \
	on A python3 -IS $SHARE/limit.py options 0
limited "no limitation" default
check_eq "no limitation: nothing falls back" 0 $limited
limited "the option" 1
check "the option: some fall back" [ $limited -gt 0 ]
check "the option: 64 do not" [ $limited -le 26 ]
on B "$NL" limit on
check "the option is on by default now" \
	on B python3 -IS $SHARE/limit.py options 1
limited "the default" default
check "the default: some fall back" [ $limited -gt 0 ]
limited "the option against the default" 0
check_eq "the option against the default: nothing falls back" 0 $limited

on B 'pkill smc_xfer; pkill -f "[s]ink.py"'
for g in A B; do check "unloads on $g" smc_unload $g; done
ktap_end
