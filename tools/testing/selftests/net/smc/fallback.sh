#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# timeout: 400
# Where SMC cannot be had, TCP carries the connection: nobody loses a byte, both
# ends count it, and the reason is the one on the wire (wire-protocol.md 2.8).
. "$(dirname "$0")/lib.sh"

port=5920

# "client 0x03010000 1" for each reason that a guest has counted
reasons() {
	on "$1" "sed -n 's/^Fallback\.\([a-z]*\)\./\1 /p' /proc/net/smc_stat \
		2>/dev/null" | sort | tr '\n' ' '
}

fresh() {
	local g
	for g in A B; do
		smc_unload $g
		smc_load $g
	done
}

serve() { # COMMAND...
	port=$((port + 1))
	bg B "server$port" "$@" -p $port -s
	wait_port B $port
}

# counts NAME GUEST REASONS: one pattern for all of them
counts() {
	local got
	got=$(reasons "$2")
	# shellcheck disable=SC2053
	if [[ ${got% } == $3 ]]; then
		ok "$1: what $2 counts"
	else
		not_ok "$1: what $2 counts" "expected: $3
got: $got"
	fi
}

# came_by_tcp NAME A's REASONS, B's
came_by_tcp() {
	counts "$1" A "$2"
	counts "$1" B "$3"
	check_eq "$1: nothing by SMC" "0 0" \
		"$(smc_stat A ClientSmc) $(smc_stat B ServerSmc)"
}

# transfer NAME HOST COMMAND...: all bytes must be right
transfer() {
	local name=$1 host=$2
	shift 2
	check "$name" on A "$@" -p $port -b 300K -w iov -r peek "$host"
}

# by_tcp NAME CLIENT SERVER A's-REASONS B's-REASONS [OPTION HOST]
by_tcp() {
	serve "$TESTS/smc_xfer" -A "$3" ${6:+"$6"}
	transfer "$1" "${7:-10.0.0.2}" "$TESTS/smc_xfer" -A "$2" ${6:+"$6"}
	came_by_tcp "$1" "$4" "$5"
	on B 'pkill smc_xfer'
}

no_option='0x03010000 1'
no_device='0x03030000 1'
# whoever sees it first declines
no_path='0x0[25]0?0000 1'

ktap_begin
fresh
by_tcp "server without SMC" af_smc tcp "client $no_option" ""
fresh
by_tcp "server without SMC, IPv6" af_smc tcp "client $no_option" "" -6 fd00::2
fresh
by_tcp "server without SMC, ULP" ulp tcp "client $no_option" ""
fresh
by_tcp "client without SMC" tcp af_smc "" "server $no_option"
fresh
by_tcp "client without SMC, ULP" tcp ulp "" "server $no_option"

fresh
on A 'rdma link delete rxe_eth0'
by_tcp "client without device" af_smc af_smc "client $no_device" \
	"server $no_option"
on A 'rdma link add rxe_eth0 type rxe netdev eth0'

fresh
on B 'rdma link delete rxe_eth0'
by_tcp "server without device" af_smc af_smc "client $no_option" \
	"server $no_device"
on B 'rdma link add rxe_eth0 type rxe netdev eth0'

# The option does not get through
fresh
on A 'nft add table ip smctest
	nft "add chain ip smctest out { type filter hook output priority mangle; }"
	nft add rule ip smctest out reset tcp option 254'
by_tcp "option lost on the way" af_smc af_smc "client $no_option" \
	"server $no_option"
on A 'nft delete table ip smctest'

# RDMA does not get through, although all was agreed upon
block() { # GUEST
	on "$1" 'nft add table ip smctest
		nft "add chain ip smctest in { type filter hook input priority 0; }"
		nft add rule ip smctest in udp dport 4791 drop'
}

unblock() { # GUEST
	on "$1" 'nft delete table ip smctest'
}

fresh
block A
block B
by_tcp "no RDMA path" af_smc af_smc "client $no_path" "server $no_path"
unblock A
fresh
by_tcp "no RDMA path to the server" af_smc af_smc "client $no_path" \
	"server $no_path"
unblock B
fresh
block A
by_tcp "no RDMA path to the client" af_smc af_smc "client $no_path" \
	"server $no_path"
unblock A

# A peer behind a router is not asked for RDMA
fresh
on B 'ip addr add 10.77.0.1/32 dev lo'
on A 'ip route add 10.77.0.1/32 via 10.0.0.2'
serve "$TESTS/smc_xfer" -A af_smc
transfer "routed peer" 10.77.0.1 "$TESTS/smc_xfer" -A af_smc
check_eq "routed peer: nothing by SMC" "0 0" \
	"$(smc_stat A ClientSmc) $(smc_stat B ServerSmc)"
check_eq "routed peer: both fell back" "1 1" \
	"$(smc_stat A ClientFallback) $(smc_stat B ServerFallback)"
on A 'ip route del 10.77.0.1/32'
on B 'pkill smc_xfer; ip addr del 10.77.0.1/32 dev lo'

# One side has no module, and smc_run there changes nothing
fresh
smc_unload B
serve "$TOOLS/smc_run" "$TESTS/smc_xfer" -A tcp
transfer "server's module not loaded" 10.0.0.2 "$TOOLS/smc_run" \
	"$TESTS/smc_xfer" -A tcp
counts "server's module not loaded" A "client $no_option"
on B 'pkill smc_xfer'

fresh
smc_unload A
serve "$TOOLS/smc_run" "$TESTS/smc_xfer" -A tcp
transfer "client's module not loaded" 10.0.0.2 "$TOOLS/smc_run" \
	"$TESTS/smc_xfer" -A tcp
counts "client's module not loaded" B "server $no_option"
on B 'pkill smc_xfer'
smc_load A

# A server that falls silent in the handshake: a clean error after ten seconds,
# nobody else waits, and then TCP for a while
fresh
serve "$TESTS/smc_xfer" -A af_smc
silent=$port
serve "$TESTS/smc_xfer" -A af_smc
on B "nft add table ip smctest
	nft 'add chain ip smctest out { type filter hook output priority 0; }'
	nft add rule ip smctest out tcp sport $silent meta length \\> 100 drop
	nft add rule ip smctest out tcp sport $silent tcp flags rst drop"
bg A silent "$TESTS/smc_crr" -A af_smc -p "$silent" -n 1 10.0.0.2
check "another connection is made at the same time" on A \
	"$TESTS/smc_xfer" -A af_smc -p $port -b 1K 10.0.0.2
wait_bg silent 30
check_eq "a silent server is an error" 1 $?
check_eq "namely a timeout" "smc_crr: connect: Connection timed out" \
	"$(cat "$(bg_out silent)")"
on B 'nft delete table ip smctest'
transfer "the next connection" 10.0.0.2 "$TESTS/smc_xfer" -A af_smc
check_eq "goes by TCP" "1 1" \
	"$(smc_stat A ClientFallback) $(smc_stat A Avoided)"
on B 'pkill smc_xfer'

for g in A B; do check "unloads on $g" smc_unload $g; done
ktap_end
