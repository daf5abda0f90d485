#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# timeout: 400
# SMC v1 and v2: which one two hosts agree on, and that it carries data both ways.
# Software RoCE has no RoCE v1 GIDs; v1_any_gid lets v1 have others.
. "$(dirname "$0")/lib.sh"

events=/sys/kernel/tracing/events/smc
port=5950

# with A's-VERSIONS B's-VERSIONS [OPTION...]: both modules anew
with() {
	local g options="v1_any_gid=1 ${*:3}"
	for g in A B; do smc_unload $g; done
	# shellcheck disable=SC2086
	smc_load A "versions=$1" $options
	# shellcheck disable=SC2086
	smc_load B "versions=$2" $options
	for g in A B; do
		on $g "echo >/sys/kernel/tracing/trace
			echo 1 >$events/smc_llc/enable
			echo 1 >$events/smc_clc/enable"
	done
}

serve() { # ARGUMENT...
	port=$((port + 1))
	bg B "server$port" "$TESTS/smc_xfer" -A af_smc -s -p $port "$@"
	wait_port B $port
}

# transfer NAME HOST ARGUMENT...: all bytes must be right, both ways
transfer() {
	check "$1: data" on A "$TESTS/smc_xfer" -A af_smc -p $port -b 300K \
		"${@:3}" "$2"
}

# "client 0x03010000 1" for each reason that a guest has counted
reasons() {
	on "$1" "sed -n 's/^Fallback\.\([a-z]*\)\./\1 /p' /proc/net/smc_stat" |
		sort | paste -sd ' '
}

# versions of all LLC messages a guest has seen
llc_versions() {
	on "$1" "sed -n 's/.* smc_llc: .* \(v[0-9]\) flags.*/\1/p' \
		/sys/kernel/tracing/trace" | sort -u | paste -sd ' '
}

# seen GUEST PATTERN: number of trace lines
seen() {
	on "$1" "grep -cE '$2' /sys/kernel/tracing/trace || true"
}

# by_smc NAME VERSION CONNECTIONS: what the counters and the trace say
by_smc() {
	local llc=v0
	[ "$2" = 1 ] || llc=v2
	check_eq "$1: connections by SMC" "$3 $3" \
		"$(smc_stat A ClientSmc) $(smc_stat B ServerSmc)"
	check_eq "$1: messages on the link" "$llc $llc" \
		"$(llc_versions A) $(llc_versions B)"
	check_eq "$1: nothing odd" "0 0 0 0" \
		"$(smc_stat A LlcInvalid) $(smc_stat B LlcInvalid)$(
		) $(smc_stat A RxInvalid) $(smc_stat B RxInvalid)"
}

# agree NAME A's-VERSIONS B's-VERSIONS VERSION [HOST OPTION]
agree() {
	with "$2" "$3"
	serve ${6:+"$6"}
	transfer "$1" "${5:-10.0.0.2}" ${6:+"$6"}
	by_smc "$1" "$4" 1
	on B 'pkill smc_xfer'
}

# by_tcp NAME A's-REASONS B's-REASONS [HOST OPTION]
by_tcp() {
	serve ${5:+"$5"}
	transfer "$1" "${4:-10.0.0.2}" ${5:+"$5"}
	check_eq "$1: what A counts" "$2" "$(reasons A)"
	check_eq "$1: what B counts" "$3" "$(reasons B)"
	check_eq "$1: nothing by SMC" "0 0" \
		"$(smc_stat A ClientSmc) $(smc_stat B ServerSmc)"
	on B 'pkill smc_xfer'
}

ktap_begin

# v1: first contact, then later ones with new RMBs, then many at once
with 1 1
serve -k 4M
transfer "v1" 10.0.0.2
check_eq "v1: Accept and Confirm are short" "2 2" \
	"$(seen A '(ACCEPT|CONFIRM) len=68 ') $(seen B '(ACCEPT|CONFIRM) len=68 ')"
check_eq "v1: a second link is offered, for form" 1 \
	"$(seen A 'smc_llc: rx .* ADD_LINK v0 flags=0x00')"
check_eq "v1: and refused" 1 "$(seen B 'smc_llc: rx .* ADD_LINK v0 flags=0xc0')"
transfer "v1, large buffers" 10.0.0.2 -k 4M -b 4M
transfer "v1, small buffers" 10.0.0.2 -k 64K
check_eq "v1: an RMB is announced" yes \
	"$([ "$(seen A 'smc_llc: tx .* CONFIRM_RKEY v0 flags=0x00')" -gt 0 ] &&
	echo yes)"
transfer "v1, slow reader" 10.0.0.2 -z -r epoll
on A "echo 1 >$events/smc_post/enable"
transfer "v1, many" 10.0.0.2 -n 2 -j 4 -b 100K
check_eq "v1: data by CDC messages" yes \
	"$([ "$(seen A 'smc_post: .* cdc ret')" -gt 0 ] && echo yes)"
check_eq "v1: no immediate data" 0 "$(seen A 'smc_post: .* imm ret')"
check_eq "v1: one link group" "1 1" \
	"$(smc_stat A ClientFirstContact) $(smc_stat B ServerFirstContact)"
by_smc "v1" 1 12
on B 'pkill smc_xfer'
serve -6
transfer "v1, IPv6" fd00::2 -6
transfer "v1, IPv6 again" fd00::2 -6
by_smc "v1, IPv6" 1 14
check_eq "v1: one more group for IPv6" "2 2" \
	"$(smc_stat A ClientFirstContact) $(smc_stat B ServerFirstContact)"
on B 'pkill smc_xfer'

# v2, and that it is better liked
agree "v2" 2 2 2
agree "v2, IPv6" 2 2 2 fd00::2 -6
agree "both" 3 3 2
agree "both, IPv6" 3 3 2 fd00::2 -6
agree "client both, server v1" 3 1 1
agree "client both, server v1, IPv6" 3 1 1 fd00::2 -6
agree "client v1, server both" 1 3 1
agree "client both, server v2" 3 2 2

# nothing in common
with 1 2
by_tcp "client v1, server v2" "client 0x05000000 1" "server 0x03030002 1"
with 2 1
by_tcp "client v2, server v1" "client 0x05000000 1" "server 0x03030002 1"
with 1 3 v1_any_gid=0
by_tcp "v1 without RoCE v1" "client 0x03030000 1" "server 0x05000000 1"

# v2 is begun, and ends in the server; pitfalls.md 11
foreign_eids() {
	local g
	with "$1" "$1"
	for g in A B; do
		check "an EID for $g only" on $g "$TEST_DIR/smc_nl add ONLY.$g"
	done
}
foreign_eids 3
serve
transfer "no EID in common" 10.0.0.2
transfer "no EID in common, again" 10.0.0.2
by_smc "no EID in common" 1 2
on B 'pkill smc_xfer'
foreign_eids 2
by_tcp "no EID in common and no v1" "client 0x05000000 1" "server 0x03030008 1"

# v1 is for one subnet only; v2 does not care
on B 'ip addr del 10.0.0.2/24 dev eth0; ip addr add 10.0.0.2/25 dev eth0
	ip addr del fd00::2/64 dev eth0; ip addr add fd00::2/65 dev eth0 nodad'
with 1 1
by_tcp "another prefix" "client 0x05000000 1" "server 0x03070000 1"
with 1 1
by_tcp "another prefix, IPv6" "client 0x05000000 1" "server 0x03070000 1" \
	fd00::2 -6
agree "another prefix, v2" 3 3 2
with 3 1
by_tcp "another prefix and no v2" "client 0x05000000 1" "server 0x03030002 1"
on B 'ip addr del 10.0.0.2/25 dev eth0; ip addr del fd00::2/65 dev eth0
	sh scripts/vm-guest/net'

for g in A B; do check "unloads on $g" smc_unload $g; done
ktap_end
