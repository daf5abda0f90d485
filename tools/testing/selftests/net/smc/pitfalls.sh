#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# timeout: 300
# Where other implementations went wrong, and no other script looks; see
# Documentation/pitfalls.rst, whose numbers these are.
. "$(dirname "$0")/lib.sh"

loads() {
	local g
	for g in A B; do check "loads on $g" smc_load $g; done
	bg B churn "$TESTS/smc_churn" -A af_smc -p 5904 -s
	bg B crr "$TESTS/smc_crr" -A af_smc -6 -p 5901 -s
	bg B tcp "$TESTS/smc_crr" -A tcp -p 5908 -s
	bg B xfer "$TESTS/smc_xfer" -A af_smc -p 5902 -s
	for port in 5904 5901 5908 5902; do wait_port B $port; done
}

# by_smc NAME HOST: one byte there and back
by_smc() {
	local before
	before=$(smc_stat A ClientSmc)
	check "$1" on A "$TESTS/smc_crr" -A af_smc -6 -p 5901 -n 1 "$2"
	check_eq "$1: by SMC" 2 $(($(smc_stat A ClientSmc) - before))
}

unloads() {
	local g
	on B 'pkill "^smc_"'
	for g in A B; do
		check "unloads on $g" wait_for $g \
			'[ ! -d /sys/module/smc ] || rmmod smc' 20
	done
}

trace() { # 0 | 1
	local g
	for g in A B; do
		on $g "echo $1 >/sys/kernel/tracing/events/smc/enable"
	done
}

sub_begin_loaded() {
	sub_begin "$1"
	loads
}

sub_end_unloaded() {
	unloads
	sub_end
}

# what was said before is not ours
for g in A B; do on $g dmesg -C; done
ktap_begin

sub_begin_loaded "47: all events are traced, whatever happens"
trace 1
check "every ending" on A "$TESTS/smc_churn" -A af_smc -p 5904 -j 4 -n 25 \
	10.0.0.2
check "fallback" on A "$TESTS/smc_crr" -A af_smc -p 5908 -n 1 10.0.0.2
on B 'rdma link delete rxe_eth0'
on A "timeout 10 $TESTS/smc_crr -A af_smc -p 5904 -n 1 10.0.0.2" >/dev/null 2>&1
on B 'rdma link add rxe_eth0 type rxe netdev eth0'
for g in A B; do
	on $g 'cat /sys/kernel/tracing/trace' | awk '/ smc_/ {
		sub(":", "", $5); print $5 }' | sort -u | tr '\n' ' ' >"$TMP/seen"
	events='clc conn_state lgr_state link_state llc post cdc_tx cdc_rx'
	[ $g = B ] || events+=' fallback'
	for event in $events; do
		check "$g has seen smc_$event" grep -q "smc_$event " "$TMP/seen"
	done
done
trace 0
sub_end_unloaded

sub_begin_loaded "63: IPv4 by IPv6 sockets"
by_smc "mapped address" ::ffff:10.0.0.2
by_smc "and IPv6" fd00::2
check_eq "over two links, each of its family" "::ffff:10.0.0.2 fd00::2 " \
	"$(on A "$TEST_DIR/smc_nl links" | grep -o ' peer_gid=[^ ]*' |
	sed 's/.*=//; s/0000:0000:0000:0000:0000:ffff:0a00:0002/::ffff:10.0.0.2/
		s/fd00:0000:0000:0000:0000:0000:0000:0002/fd00::2/' |
	sort | tr '\n' ' ')"
sub_end_unloaded

sub_begin_loaded "45: a GID goes while its link is used"
# B cannot even reset TCP then: A finds out by itself
on A 'echo 5 >/proc/sys/net/smc/smcr_testlink_time'
on B 'ip addr add 10.0.0.12/24 dev eth0'
check "the new address becomes a GID" wait_for B \
	'grep -q "0a00:000c" /sys/class/infiniband/rxe_eth0/ports/1/gids/*' 10
bg A flow "$TESTS/smc_xfer" -A af_smc -p 5902 -b 4000M -m 256K 10.0.0.12
check "data flows" wait_for A '[ $(awk "/^TxBytes/ { print \$2 }" \
	/proc/net/smc_stat) -gt 2000000 ]' 60
on B 'ip addr del 10.0.0.12/24 dev eth0'
check "the link fails at its end" wait_for B \
	'grep -q "^LinkDown [1-9]" /proc/net/smc_stat' 20
flow_failed "the program at the other notices"
by_smc "other addresses" ::ffff:10.0.0.2
sub_end_unloaded

sub_begin_loaded "14, 35: a port comes and goes under connections"
on A 'echo 16 >/proc/sys/net/smc/smcr_max_conns_per_lgr
	echo 5 >/proc/sys/net/smc/smcr_testlink_time'
bg A ports "$TESTS/smc_churn" -u -A af_smc -p 5904 -j 4 -n 100000 10.0.0.2
# smc_meanwhile NAME: connections by SMC are made again
smc_meanwhile() {
	check "$1" wait_for A "echo flush >/proc/net/smc_peers
		[ \$(awk '/^ClientSmc/ { print \$2 }' /proc/net/smc_stat) \
			-gt $(($(smc_stat A ClientSmc) + 5)) ]" 30
}
for i in 1 2 3 4; do
	smc_meanwhile "SMC, round $i"
	on B 'ip link set eth0 down; sleep 0.3; ip link set eth0 up'
done
on B 'ip link set eth0 down; sleep 10; ip link set eth0 up'
smc_meanwhile "SMC after an outage"
# no new ones; those that there are end by themselves
on A 'p=$(pgrep -ox smc_churn); pkill -P $p; kill $p'
check "the programs end" wait_for A '! pgrep -x smc_churn' 120
check "no byte was wrong" test -z "$(grep "wrong byte" "$(bg_out ports)")"
check "the port is there" wait_for B \
	'grep -q ACTIVE /sys/class/infiniband/rxe_eth0/ports/1/state' 20
on B 'sh scripts/vm-guest/net'
on A 'echo flush >/proc/net/smc_peers'
by_smc "after that" ::ffff:10.0.0.2
sub_end_unloaded

sub_begin_loaded "3: VLAN"
for g in A B; do
	on $g 'modprobe 8021q
		ip link add link eth0 name eth0.5 type vlan id 5
		ip addr add 10.5.0.'"$([ $g = A ] && echo 1 || echo 2)"'/24 \
			dev eth0.5
		ip link set eth0.5 up'
done
smcs=$(smc_stat A ClientSmc)
check "data by the VLAN's address" on A "$TESTS/smc_xfer" -A af_smc -p 5902 \
	-b 100K 10.5.0.2
check_eq "by SMC" $((smcs + 1)) "$(smc_stat A ClientSmc)"
for g in A B; do on $g 'ip link delete eth0.5'; done
by_smc "and by the other" ::ffff:10.0.0.2
sub_end_unloaded

for g in A B; do
	check_eq "68: rxe on $g has refused nothing" "" \
		"$(on $g 'dmesg | grep -E "rxe.*(returned err|invalid mask or state)"')"
done
ktap_end
