#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# timeout: 7200
# A peer on A gets as far as RDMA, as client and as server, and then lies to B.
# B's application, other connections and other link groups must not suffer, and
# B's kernel must neither complain nor lose memory.
#
# LIAR_SECONDS=: how long to go on with quick lies in each role (10);
# LIAR_ROUNDS=: how many rounds of them at the most.
. "$(dirname "$0")/lib.sh"

LIAR_SECONDS=${LIAR_SECONDS:-10}
LIAR_ROUNDS=${LIAR_ROUNDS:-1000000}
PORT=5950
# for what lasts from the beginning to the end
whole=$((2 * LIAR_SECONDS + 600))

victim() {
	ON_TIMEOUT=$whole bg B victim "$TESTS/rdma_victim" $PORT
	wait_port B $((PORT + 1))
}

# liar NAME ARGUMENT...: each of its results is one of ours
liar() {
	local name=$1 line
	shift
	ON_TIMEOUT=$((LIAR_SECONDS + 400)) on A "$TESTS/rdma_liar" "$@" \
		10.0.0.2 $PORT >"$TMP/liar.out" 2>&1
	while IFS= read -r line; do
		case $line in
		"ok "*) ok "$name: ${line#ok * - }" ;;
		"not ok "*) not_ok "$name: ${line#not ok * - }" ;;
		*) diag "$line" ;;
		esac
	done <"$TMP/liar.out"
	check "$name: told all" grep -q '^1\.\.[1-9]' "$TMP/liar.out"
}

# kernel memory of B that cannot be reclaimed and is not free, in KiB
memory() {
	on B 'echo 3 >/proc/sys/vm/drop_caches
		awk "/^(MemFree|Cached|AnonPages|Buffers|SReclaimable):/ {
			n -= \$2 } /^MemTotal/ { n += \$2 } END { print n }" \
			/proc/meminfo'
}

# Honest connections in another group, from the same host, all the time
honest() {
	ON_TIMEOUT=$whole bg B honest_server "$TESTS/smc_xfer" -A af_smc -p 5902 -s
	wait_port B 5902
	ON_TIMEOUT=$whole bg A honest 'n=0
		while [ ! -e /run/vm/stop ]; do
			'"$TESTS"'/smc_xfer -A af_smc -p 5902 -b 256K \
				10.0.0.2 || exit 1
			n=$((n + 1))
			sleep 0.5
		done
		echo $n transfers'
}

ktap_begin
for g in A B; do check "loads on $g" smc_load $g; done
on B 'sysctl -qw net.ipv4.tcp_fin_timeout=1'
victim
honest
before=$(smc_stat A ClientFallback)
liar client
liar server -s
middle=$(memory)
for role in client server; do
	flag=
	[ $role = client ] || flag=-s
	# shellcheck disable=SC2086
	liar "$role, again" $flag -r -n "$LIAR_ROUNDS" -o "$LIAR_SECONDS"
done
on A 'touch /run/vm/stop'
wait_bg honest 120
check_eq "honest connections in another group went on" 0 $?
diag "$(tail -n 1 "$(bg_out honest)")"
check_eq "by SMC" "$before" "$(smc_stat A ClientFallback)"
grown=$(($(memory) - middle))
diag "memory: $grown KiB more than after the first rounds"
check "memory does not grow" [ $grown -lt 8192 ]
on B 'pkill rdma_victim; pkill smc_'
for g in A B; do check "unloads on $g" smc_unload $g; done

# What an honest peer meets when B has lent all it may
check "loads on A" smc_load A
check "loads on B with little memory to lend" smc_load B max_buffer_mb=16
bg B many "$TESTS/smc_many" -A af_smc -p 5903 -s
wait_port B 5903
ON_TIMEOUT=150 check "200 connections when memory is short" on A \
	"$TESTS/smc_many" -A af_smc -p 5903 -n 200 10.0.0.2
check "some by SMC" [ "$(smc_stat B ServerSmc)" -gt 10 ]
check "some by TCP" [ "$(smc_stat B ServerFallback)" -gt 10 ]
on B 'pkill smc_many'
for g in A B; do check "unloads on $g" smc_unload $g; done
ktap_end
