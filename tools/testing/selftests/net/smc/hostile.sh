#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# timeout: 600
# A hostile peer on A lies in the CLC handshake to B, in every field and at each
# step. Meanwhile others of A and B go on by SMC as if nothing was.
# ROUNDS= of random lies, SEED= of them.
. "$(dirname "$0")/lib.sh"

port=5940
rounds=${ROUNDS:-1000}

# good GUEST HOST: connections from GUEST, again and again until told to stop
good() {
	bg "$1" "good$1" "n=0
		while [ ! -e /tmp/stop ]; do
			timeout 20 $TESTS/smc_crr -A af_smc -p 5939 -n 3 $2 ||
				exit 1
			n=\$((n + 1))
			sleep 1
		done
		echo \$n rounds
		[ \$n -ge 3 ]"
}

# lie NAME ARGUMENT...: a group of results
lie() {
	relay "$1" A "$TESTS/synopt" "$TEST_DIR/clc_liar.py" "${@:2}" 10.0.0.2 \
		$port
}

ktap_begin
for g in A B; do check "loads on $g" smc_load $g; done

# Clients avoid an address that has failed: A gets enough of them.
on A 'ip route replace local 10.9.0.0/17 dev lo
	ip route replace 10.9.128.0/17 dev eth0'
on B 'ip addr add 10.9.255.254/16 dev eth0
	sysctl -q net.core.somaxconn=4096 net.ipv4.tcp_max_syn_backlog=4096
	sysctl -q net.ipv4.neigh.default.gc_thresh3=65536'

for g in A B; do
	bg $g "server$g" "$TESTS/smc_crr" -A af_smc -p 5939 -s
	wait_port $g 5939
done
good A 10.0.0.2
good B 10.0.0.1
bg B victim "$TEST_DIR/clc_victim.py" $port
wait_port B $port
wait_port B $((port + 1))

ON_TIMEOUT=120 lie "lies to a server" server
ON_TIMEOUT=120 lie "lies to a client" client
ON_TIMEOUT=60 lie "waits that have a limit" slow
ON_TIMEOUT=60 lie "half-open handshakes" halfopen
ON_TIMEOUT=$((90 + rounds / 4))
lie "random lies" -n "$rounds" -s "${SEED:-$RANDOM}" random
unset ON_TIMEOUT

for g in A B; do
	on $g 'touch /tmp/stop'
	check "good connections of $g" wait_bg "good$g" 30
done
check_eq "they fell back never" "0 0" \
	"$(smc_stat A ClientFallback) $(smc_stat A ServerFallback)"
check_eq "they failed never" "0 0" \
	"$(smc_stat A ClientError) $(smc_stat A ServerError)"
on A 'pkill smc_crr'
on B 'pkill smc_crr; pkill -f clc_victim'
for g in A B; do check "unloads on $g" smc_unload $g; done
ktap_end
