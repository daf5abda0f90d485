#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# only by name: its limits are those of a machine that does nothing else
# topology: two
# timeout: 1500
# What a connection takes it gives back, however it goes: slab objects, pages,
# RDMA resources and references of modules are the same before and after some
# thousand connections of all kinds, and after the module has come and gone a hundred
# times. Connections are of each kind more often than the limit, so that an
# object, or a page, that each of one kind leaves behind is a failure.
#
# LEAKS_CONNECTIONS=10000 ROUNDS=500: more of them, with the same limits.
. "$(dirname "$0")/lib.sh"

connections=${LEAKS_CONNECTIONS:-2000}
rounds=${ROUNDS:-100}
# objects of a slab, or pages, that may be there after COUNT of anything
limit=45
at_once=60
port=5940

snap() { # NAME
	local g pids=() status=0
	for g in A B; do
		# of hosts that lies came from
		on $g 'ip neigh flush all; ip tcp_metrics flush' >/dev/null 2>&1
		ON_TIMEOUT=$((120 * ${SMC_SLOW:-1})) on $g "$TEST_DIR/kmem snap quiet >$SHARE/$1.$g" &
		pids+=($!)
	done
	for g in "${pids[@]}"; do wait "$g" || status=$?; done
	check_eq "$1: looked at" 0 $status
}

# same BEFORE AFTER: nothing has grown; what has is in $TMP/diff
same() {
	local g status=0
	for g in A B; do
		echo "$g:"
		on $g "$TEST_DIR/kmem diff $SHARE/$1.$g $SHARE/$2.$g $limit" ||
			status=1
	done >"$TMP/diff" 2>&1
	return $status
}

# steady NAME COMMAND...: it does not grow each time. The buffers of a network
# device grow once, when many packets are large, and so do other caches.
steady() {
	local round
	snap 0
	for round in 1 2 3; do
		sub_begin "$1, round $round"
		"${@:2}"
		sub_end
		snap $round
		if same $((round - 1)) $round; then
			diag "$(cat "$TMP/diff")"
			ok "$1: no more is held than before"
			return
		fi
		diag "$(cat "$TMP/diff")"
	done
	not_ok "$1: no more is held than before" "$(cat "$TMP/diff")"
}

# counters that tell of trouble
trouble() {
	local g
	for g in A B; do
		on $g cat /proc/net/smc_stat | grep -E '[1-9]$' | grep -E \
			'Error|Fallback|Invalid|Timeout|Limit|Dropped|Down' |
			sed "s/^/$g: /"
	done
}

reload() {
	local g
	for g in A B; do
		check "unloads on $g" wait_for $g \
			'[ ! -d /sys/module/smc ] || rmmod smc' 20
		check "loads on $g" smc_load $g
	done
}

# --- kinds of connections, from A to B -------------------------------------

servers() {
	local program kind number
	while read -r program kind number; do
		bg B "server$number" "$TESTS/smc_$program" -A "$kind" \
			-p "$number" -s
		wait_port B "$number" </dev/null
	done <<-END
		crr af_smc 5901
		crr ipproto 5905
		crr tcp 5908
		many af_smc 5903
		churn af_smc 5904
	END
	bg B victim "$TEST_DIR/clc_victim.py" $port
	wait_port B $((port + 1))
}

end_servers() {
	on B 'pkill "^smc_"; pkill -f clc_victim; true'
}

# good PORT KIND COUNT: one after another
good() {
	ON_TIMEOUT=300 check "$3 of $2 to port $1" on A "$TESTS/smc_crr" \
		-A "$2" -p "$1" -n "$3" 10.0.0.2
}

refused() { # COUNT
	check "$1 that are refused" on A "/usr/bin/python3 -IS -c '
import socket
for i in range($1):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 256) as s:
        assert s.connect_ex((\"10.0.0.2\", 5999)) == 111'"
}

# client_dies COUNT: with some of them open
client_dies() {
	local left=$1 out
	for ((; left > 0; left -= at_once)); do
		out=$(on A "$TESTS/smc_many -A af_smc -p 5903 -n $at_once \
			-c 30 -x 'kill -9 \$PPID' 10.0.0.2; echo \$?" 2>&1)
		if grep -qx 137 <<<"$out"; then
			ok "$at_once of a client that is killed"
		else
			not_ok "$at_once of a client that is killed" "$out
$(trouble)"
		fi
	done
}

server_dies() { # COUNT
	local left=$1
	for ((; left > 0; left -= at_once)); do
		bg B dies "$TESTS/smc_many" -A af_smc -p 5907 -s
		wait_port B 5907
		bg A orphans "$TESTS/smc_many" -A af_smc -p 5907 -n $at_once \
			-c 30 \
			-x "touch $SHARE/there
				until [ -e $SHARE/gone ]; do sleep 0.1; done" \
			10.0.0.2
		wait_for A "[ -e $SHARE/there ]" 60
		on B 'pkill -9 -f "smc_many -A af_smc -p 5907"'
		touch "$SHARE_HOST/gone"
		wait_bg orphans 60
		check_eq "$at_once of a server that is killed" 1 $?
		rm -f "$SHARE_HOST"/{there,gone}
	done
}

# all that end well, or are ended; COUNT of them
honest() {
	local n=$1
	good 5901 af_smc $((n * 3 / 20))
	good 5905 ipproto $((n / 20))
	good 5901 ulp $((n / 20))
	good 5908 af_smc $((n / 10))
	good 5901 tcp $((n / 10))
	refused $((n / 10))
	ON_TIMEOUT=400 check "$((n / 4)) with every ending" on A \
		"$TESTS/smc_churn" -A af_smc -p 5904 -j 5 -n $((n / 20)) \
		-S "$n" 10.0.0.2
	client_dies $((n / 10))
	server_dies $((n / 10))
}

# --- handshakes that fail ----------------------------------------------------

lies() { # COUNT
	ON_TIMEOUT=300 on A "$TESTS/synopt" "$TEST_DIR/clc_liar.py" -n "$1" -s 7 \
		random 10.0.0.2 "$port" >"$TMP/lies"
	check "$1 lies in the handshake" grep -q '^ok 1 ' "$TMP/lies"
}

# the server swallows all it wants to say
silent() { # COUNT
	on B 'nft add table ip smctest
		nft "add chain ip smctest o { type filter hook output priority 0; }"
		nft add rule ip smctest o tcp sport 5901 meta length \> 100 drop'
	check "$1 at once to a silent server" on A "/usr/bin/python3 -IS -c '
import selectors, socket
s = selectors.DefaultSelector()
for i in range($1):
    c = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 256)
    c.setblocking(False)
    c.connect_ex((\"10.0.0.2\", 5901))
    s.register(c, selectors.EVENT_WRITE)
left = $1
while left:
    for key, _ in s.select(30):
        assert key.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        s.unregister(key.fileobj)
        key.fileobj.close()
        left -= 1'"
	on B 'nft delete table ip smctest'
	on A 'echo flush >/proc/net/smc_peers'
}

# first contacts, each with a link group of its own, that come to nothing
no_path() { # COUNT
	local i bad=0
	on B 'nft add table ip smctest
		nft "add chain ip smctest i { type filter hook input priority 0; }"
		nft add rule ip smctest i udp dport 4791 drop'
	for ((i = 0; i < $1; i++)); do
		on A "$TESTS/smc_many" -A af_smc -p 5903 -n 8 -c 8 -r 1 \
			10.0.0.2 >"$TMP/no_path" || bad=1
	done
	check_eq "$(($1 * 8)) without an RDMA path" 0 "$bad"
	on B 'nft delete table ip smctest'
}

# the module of B is fresh: there are no rings yet
no_memory() { # COUNT
	local before
	before=$(smc_stat B ServerFallback)
	on B 'echo 1 >/sys/module/smc/parameters/max_buffer_mb'
	check "$1 at once when memory is short" on A "$TESTS/smc_many" \
		-A af_smc -p 5903 -n "$1" -c 30 -r 1 10.0.0.2
	check "most of them by TCP" [ \
		$(($(smc_stat B ServerFallback) - before)) -gt $(($1 / 2)) ]
	on B 'echo 0 >/sys/module/smc/parameters/max_buffer_mb'
}

failing() { # COUNT
	no_memory $(($1 / 10))
	lies $(($1 / 20))
	silent $(($1 / 20))
	no_path 2
}

# link groups end; what failed handshakes may keep of them is gone then
afresh() {
	end_servers
	reload
	servers
	good 5901 af_smc 1
}

failing_afresh() { # COUNT
	failing "$1"
	afresh
}

# --- the module comes and goes -----------------------------------------------

# come_and_go ROUNDS: B with itself, over an RDMA device on lo
come_and_go() {
	ON_TIMEOUT=$((60 + $1 * 6)) on B '
		ko=build/$(uname -r)/smc.ko
		try() { "$@" || { echo "round $i: $*"; exit 1; }; }
		for i in $(seq '"$1"'); do
			try insmod $ko
			'"$TESTS"'/smc_crr -A af_smc -p 5901 -s & server=$!
			'"$TESTS"'/smc_crr -A tcp -p 5908 -s & tcp=$!
			for kind in af_smc ipproto ulp; do
				try '"$TESTS"'/smc_crr -A $kind -p 5901 -n 1 \
					127.0.0.1 >/dev/null
			done
			try '"$TESTS"'/smc_crr -A af_smc -p 5908 -n 1 127.0.0.1 \
				>/dev/null
			grep -q "^ClientSmc 6" /proc/net/smc_stat ||
				{ echo "round $i: not SMC"; cat /proc/net/smc_stat
				exit 1; }
			try unshare -n true
			kill $server $tcp
			wait
			n=0
			until rmmod smc 2>/dev/null; do
				n=$((n + 1)); [ $n -lt 100 ] || exit 1
				sleep 0.1
			done
		done'
}

ktap_begin
for g in A B; do
	on $g 'sysctl -qw net.ipv4.tcp_max_tw_buckets=0 \
		net.ipv4.tcp_fin_timeout=2 net.core.somaxconn=4096 \
		net.ipv4.tcp_max_syn_backlog=4096
		nft add table ip smctest
		nft "add chain ip smctest o { type filter hook output priority 0; }"
		nft add rule ip smctest o tcp sport 1 meta length \> 100 drop
		nft delete table ip smctest'
	check "loads on $g" smc_load $g
done
on A 'ip route replace local 10.9.0.0/17 dev lo
	ip route replace 10.9.128.0/17 dev eth0'
on B 'ip addr add 10.9.255.254/16 dev eth0'

sub_begin "as many at a time as later"
servers
honest 500
sub_end
steady "$connections connections" honest "$connections"

sub_begin "before handshakes that fail"
afresh
sub_end
steady "handshakes that fail" failing_afresh "$connections"

end_servers
for g in A B; do check "unloads on $g" smc_unload $g; done
on B 'rdma link add rxe_lo type rxe netdev lo'
check "comes and goes" come_and_go 3
steady "comes and goes $rounds times" \
	check "comes and goes" come_and_go "$rounds"
on B 'rdma link delete rxe_lo; ip addr del 10.9.255.254/16 dev eth0'
ktap_end
