#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: one
# timeout: 600
# The socket API on SMC sockets behaves as TCP's does, call by call: the sock_*
# programs run each scenario on both kinds of socket and compare.
. "$(dirname "$0")/lib.sh"

# A failed scenario may leave the peer avoided for a while: start afresh.
fresh() {
	smc_unload A && smc_load A
}

programs='connect accept opts poll wake close io urgent splice share uring tls'

ktap_begin
check "loads" smc_load A
on A 'modprobe tls'
for p in $programs; do
	fresh
	relay "$p, IPv4" A "$TESTS/sock_$p" -A af_smc
	relay "$p, IPv6" A "$TESTS/sock_$p" -A af_smc -6
done
# What differs with the way to a socket is how it begins and ends.
for p in connect accept opts close uring; do
	fresh
	relay "$p, IPPROTO_SMC" A "$TESTS/sock_$p" -A ipproto -6
	relay "$p, ULP" A "$TESTS/sock_$p" -A ulp
done
relay "share, ULP" A "$TESTS/sock_share" -A ulp
for p in $programs; do
	fresh
	relay "$p, peer without SMC" A "$TESTS/sock_$p" -A af_smc -L tcp -f
done
check "without a device" on A 'rdma link delete rxe_lo'
for p in $programs; do
	relay "$p, no device" A "$TESTS/sock_$p" -A af_smc -f
done
on A 'rdma link add rxe_lo type rxe netdev lo'
check "unloads" smc_unload A
ktap_end
