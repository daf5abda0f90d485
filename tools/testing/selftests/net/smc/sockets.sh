#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: one
# timeout: 600
# The socket API on SMC sockets behaves as TCP's does, call by call: the sock_*
# programs run each scenario on both kinds of socket and compare.
. "$(dirname "$0")/lib.sh"

# relay NAME PROGRAM ARGUMENT...: its KTAP as a group of results
relay() {
	local line notes='' name=$1
	shift
	sub_begin "$name"
	ON_TIMEOUT=250 on A "$TESTS/$1" "${@:2}" >"$TMP/ktap" 2>&1
	while IFS= read -r line; do
		case $line in
		'ok '*) ok "${line#ok * - }" ;;
		'not ok '*)
			not_ok "${line#not ok * - }" "$notes"
			notes=
			;;
		'# '*) notes="$notes${notes:+
}${line#\# }" ;;
		'KTAP version'* | 1..*) ;;
		*) not_ok "its output is clean" "$line" ;;
		esac
	done <"$TMP/ktap"
	tail -n 1 "$TMP/ktap" | grep -q '^1\.\.' ||
		not_ok "it runs to its end" "$(tail -n 5 "$TMP/ktap")"
	sub_end
}

# A failed scenario may leave the peer avoided for a while: start afresh.
fresh() {
	smc_unload A && smc_load A
}

programs='connect accept opts poll close io splice share uring'

ktap_begin
check "loads" smc_load A
for p in $programs; do
	fresh
	relay "$p, IPv4" "sock_$p" -A af_smc
	relay "$p, IPv6" "sock_$p" -A af_smc -6
done
# What differs with the way to a socket is how it begins and ends.
for p in connect accept opts close; do
	fresh
	relay "$p, IPPROTO_SMC" "sock_$p" -A ipproto -6
	relay "$p, ULP" "sock_$p" -A ulp
done
for p in $programs; do
	fresh
	relay "$p, peer without SMC" "sock_$p" -A af_smc -L tcp -f
done
on A 'rdma link delete rxe_lo'
for p in $programs; do
	relay "$p, no device" "sock_$p" -A af_smc -f
done
on A 'rdma link add rxe_lo type rxe netdev lo'
check "unloads" smc_unload A
ktap_end
