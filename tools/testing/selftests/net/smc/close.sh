#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# timeout: 400
# Connections end in every way, many at a time; modules and devices go while they
# are used.
. "$(dirname "$0")/lib.sh"

churn() { # NAME ARGUMENT...
	local name=$1
	shift
	ON_TIMEOUT=150 check "$name" on A "$TESTS/smc_churn" "$@" || return
	check_eq "$name: the server saw what it should" "" \
		"$(cat "$(bg_out server)" "$(bg_out server6)")"
}

# Between the ends of connections and the end of their last reference
unloads() {
	local g
	for g in A B; do
		check "$1: unloads on $g" wait_unloaded $g
	done
}

wait_unloaded() {
	on "$1" 'n=0
		until [ ! -d /sys/module/smc ] || rmmod smc; do
			n=$((n + 1)); [ $n -lt 100 ] || exit 1
			sleep 0.1
		done' 2>/dev/null
}

servers() {
	bg B server "$TESTS/smc_churn" -A af_smc -p 5904 -s
	bg B server6 "$TESTS/smc_churn" -A ulp -6 -p 5906 -s
	bg B xfer "$TESTS/smc_xfer" -A af_smc -p 5902 -s
	for port in 5904 5906 5902; do wait_port B $port; done
}

# Data flows until something happens; the programs must then end by themselves.
flow() {
	bg A flow "$TESTS/smc_xfer" -A af_smc -p 5902 -b 4000M -m 256K 10.0.0.2
	check "data flows" wait_for A '[ $(awk "/^TxBytes/ { print \$2 }" \
		/proc/net/smc_stat) -gt 5000000 ]' 30
}

flow_ends() { # NAME
	flow_failed "$1: the program notices"
}

load() {
	local g
	for g in A B; do smc_load $g; done
}

ktap_begin
load
servers
for seed in 1 2 3; do
	churn "every ending, seed $seed" -A af_smc -p 5904 -j 6 -n 60 -S $seed \
		10.0.0.2
done
churn "every ending, IPv6 and ULP" -A ulp -6 -p 5906 -j 6 -n 60 fd00::2
churn "a client that speaks TCP" -A tcp -p 5904 -j 6 -n 60 10.0.0.2
on B 'pkill smc_'
unloads "after all this"

load
servers
flow
check_fails "A does not unload while it is used" on A rmmod smc
check_fails "B does not unload while it is used" on B rmmod smc
on A 'pkill -9 smc_xfer'
on B 'pkill smc_'
unloads "after the program is killed"

load
servers
flow
on B 'pkill -9 smc_xfer'
flow_ends "the server is killed"
on B 'pkill smc_'
unloads "after the server is killed"

for side in A B; do
	load
	servers
	flow
	on $side 'rdma link delete rxe_eth0'
	flow_ends "the RDMA device of $side goes"
	on $side 'rdma link add rxe_eth0 type rxe netdev eth0'
	smcs=$(smc_stat A ClientSmc)
	churn "then with a new device of $side" -u -A af_smc -p 5904 -j 4 \
		-n 20 10.0.0.2
	check "by SMC" [ "$(smc_stat A ClientSmc)" -gt "$smcs" ]
	on B 'pkill smc_'
	unloads "after the RDMA device of $side went"
done

# Module comes and goes under programs that go on
load
servers
bg A churn "$TESTS/smc_churn" -u -A af_smc -p 5904 -j 4 -n 150 10.0.0.2
ON_TIMEOUT=200 on A 'n=0
	ko=build/$(uname -r)/smc.ko
	for i in $(seq 100); do
		if rmmod smc 2>/dev/null; then
			n=$((n + 1))
			insmod $ko || exit
		fi
	done
	echo $n' >"$TMP/reloads"
check_eq "each time it could be loaded again" 0 $?
diag "unloaded $(cat "$TMP/reloads") times"
check "it could be unloaded" [ "$(cat "$TMP/reloads")" -gt 0 ]
wait_bg churn 120
check_eq "a hundred attempts to unload under programs" 0 $?
on B 'pkill smc_'
unloads "at last"
ktap_end
