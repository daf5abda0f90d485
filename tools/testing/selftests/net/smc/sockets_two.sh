#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# timeout: 300
# The socket API between two guests: sock_remote runs each scenario on TCP, then
# on SMC, and compares; the other end is its agent in guest B.
. "$(dirname "$0")/lib.sh"

fresh() {
	smc_unload A && smc_unload B && smc_load A && smc_load B
}

# remote NAME ADDRESS ARGUMENT...
remote() {
	local name=$1 address=$2
	shift 2
	fresh
	relay "$name" A "env AGENT=$address:4700 $TESTS/sock_remote -j 2 $*"
}

ktap_begin
check "loads" fresh
bg B agent "$TESTS/sock_remote agent 4700"
wait_port B 4700
remote "IPv4" 10.0.0.2 -A af_smc
remote "IPv6" fd00::2 -A af_smc -6
remote "IPPROTO_SMC" 10.0.0.2 -A ipproto
remote "peer without SMC" 10.0.0.2 -A af_smc -L tcp -f
# What TCP says comes later than what SMC says
on B 'tc qdisc add dev eth0 root handle 1: prio priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
	tc qdisc add dev eth0 parent 1:3 netem delay 400ms
	tc filter add dev eth0 parent 1: protocol ip u32 match ip protocol 6 0xff \
		flowid 1:3'
remote "TCP lags behind" 10.0.0.2 -A af_smc peer_resets \
	error_is_told_once_across peer_closes peer_leaves_data_unread own_reset
on B 'tc qdisc del dev eth0 root'
check "B has no device" on B 'rdma link delete rxe_eth0'
remote "peer without a device" 10.0.0.2 -A af_smc -f
on B 'rdma link add rxe_eth0 type rxe netdev eth0'
kill_bg agent
on B 'pkill -x sock_remote'
for g in A B; do
	check "unloads on $g" smc_unload $g
done
ktap_end
