#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# vm: --cx16
# timeout: 900
# only by name: ten minutes
# Servers under load between two hosts, unmodified: what they and their clients
# count as errors is 0, what they answer is right, every connection is SMC, and
# TCP carries no more than the handshakes. LOAD=10 makes it ten times as long,
# SERVERS="redis-load java" chooses. HAProxy needs cmpxchg16b.
. "$(dirname "$0")/lib.sh"

program=scripts/demo.d/program
meter=scripts/demo.d/meter
load=${LOAD:-1}
# three messages, of some hundred bytes each
handshake=2000

# client, how it gets SMC, its server, how that does, connections and bytes that
# have to be seen at least, connections that the client may leave half-made
servers="\
nginx       smc    nginx      smc      50  400000  0
nginx-short smc    nginx      smc      50  400000 10
haproxy     smc    haproxy    smc      52  400000  0
redis-load  smc    redis      smc     150  100000 20
memcached   smc    memcached  smc      50  400000  0
postgresql  smc    postgresql smc     100  400000  0
ssh         smc    sshd       policy    6 4000000  0
java        smc    java       smc       8 2000000  0
node        smc    node       smc      40 2000000  0
static      policy static     policy   40 2000000  0"

# meters FILE: counters of both guests, as lines "A NAME VALUE"
meters() {
	local g
	for g in A B; do
		on $g $meter | sed "s/^/$g /"
	done >"$1"
}

# delta GUESTS NAME: what was added between the two readings
delta() {
	awk -v g="^[$1]\$" -v name="$2" '
		$1 ~ g && $2 == name { sum += (FNR == NR ? -$3 : $3) }
		END { print sum + 0 }' "$TMP/before" "$TMP/after"
}

# until the last messages have arrived: connections end after their programs
settle() {
	local before
	meters "$TMP/after"
	for _ in {1..20}; do
		before=$(grep rdma_packets "$TMP/after")
		meters "$TMP/after"
		[ "$before" != "$(grep rdma_packets "$TMP/after")" ] || return
	done
}

# least WHAT NUMBER LEAST
least() {
	diag "$1: $2"
	check "$1: $3 at least" [ "$2" -ge "$3" ]
}

# judge CONNECTIONS BYTES LEFT: did all of it go by RDMA?
judge() {
	local clients accepted
	clients=$(delta AB ClientSmc)
	accepted=$(delta AB ServerSmc)
	least "connections by SMC" "$clients" "$1"
	if [ "$3" -eq 0 ]; then
		check_eq "as many at the server" "$clients" "$accepted"
	fi
	check_eq "none fell back" "0 0" \
		"$(delta AB ClientFallback) $(delta AB ServerFallback)"
	check "none failed, but $3 that the client left" \
		[ $(($(delta AB ClientError) + $(delta AB ServerError))) -le "$3" ]
	check_eq "none was aborted" "0 0" \
		"$(delta AB StateViolation) $(delta AB LinkDown)"
	least "bytes by RDMA" "$(delta A rdma_bytes)" "$2"
	diag "bytes by TCP: $(delta A tcp_payload)"
	check "TCP carried handshakes only" \
		[ "$(delta A tcp_payload)" -le $((handshake * (clients + $3))) ]
}

# under_load CLIENT HOW SERVER HOW CONNECTIONS BYTES LEFT
under_load() {
	local client=$1 ON_TIMEOUT=$((240 * ${SMC_SLOW:-1} * load))
	sub_begin "$client"
	check "the server starts" on B $program serve "$4" "$3"
	[ "$client" != haproxy ] || check "the one behind it starts" \
		on A $program serve smc nginx
	meters "$TMP/before"
	if out=$(on A "LOAD=$load $program run $client $2 10.0.0.2" 2>&1); then
		diag "$(tail -n 1 <<<"$out")"
		ok "it counts no errors, and all answers are right"
	else
		not_ok "it counts no errors, and all answers are right" "$out"
	fi
	[ "$client" != haproxy ] || check_eq "HAProxy counts no errors" \
		"errors: 0" "$(on B $program seen haproxy)"
	settle
	judge "${@:5}"
	for g in A B; do
		check "servers on $g end" on $g $program stop
	done
	sub_end
}

ktap_begin
for g in A B; do
	check "loads on $g" smc_load $g
	check "counts on $g" on $g $meter setup
done
while read -r client words; do
	case " ${SERVERS:-$client} " in
	*" $client "*) ;;
	*) continue ;;
	esac
	# shellcheck disable=SC2086 # several words
	under_load "$client" $words
done <<<"$servers"
for g in A B; do
	on $g nft delete table inet smcmeter
	check "unloads on $g" smc_unload $g
done
ktap_end
