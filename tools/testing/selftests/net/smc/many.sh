#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# timeout: 300
# A thousand connections at once, each used; then all of them go again.
. "$(dirname "$0")/lib.sh"

many() { # NAME EXPECTED ARGUMENT...
	local name=$1 expected=$2 before
	shift 2
	before=$(smc_stat B ServerSmc)
	ON_TIMEOUT=150 check "$name" on A "$TESTS/smc_many" "$@" || return
	check_eq "$name: all by SMC" "$expected" \
		$(($(smc_stat B ServerSmc) - before))
}

ktap_begin
for g in A B; do check "loads on $g" smc_load $g; done
bg B server4 "$TESTS/smc_many" -A af_smc -p 5903 -s
bg B server6 "$TESTS/smc_many" -A af_smc -6 -p 5904 -s
bg B tcp "$TESTS/smc_many" -A tcp -p 5905 -s
for port in 5903 5904 5905; do wait_port B $port; done

# One more than asked for: the program tries first whether the server is there
many "1,000 connections" 1001 -A af_smc -p 5903 -n 1000 \
	-x '[ $(ss -Htn state established dport = :5903 | wc -l) -eq 1000 ]' \
	10.0.0.2
check "they are gone" wait_for A '[ $(ss -Htn state established dport = :5903 |
	wc -l) -eq 0 ]' 30
many "1,000 again, in the same link groups" 1001 -A af_smc -p 5903 -n 1000 \
	-r 1 10.0.0.2
many "200 started at once" 201 -A af_smc -p 5903 -n 200 -c 200 10.0.0.2
many "300 by IPv6" 301 -A af_smc -6 -p 5904 -n 300 fd00::2
many "200 with large messages" 201 -A af_smc -p 5903 -n 200 -m 65536 10.0.0.2
many "300 that fall back" 0 -A af_smc -p 5905 -n 300 10.0.0.2
fell="$(smc_stat A ClientFallback) $(smc_stat B ServerFallback)"
[ "$fell" = "301 0" ] ||
	fell="$fell: $(on B "$TEST_DIR/smc_nl" fallbacks | xargs)"
check_eq "nothing else fell back" "301 0" "$fell"
check_eq "no handshake failed" "0 0" \
	"$(smc_stat A ClientError) $(smc_stat B ServerError)"
on B 'pkill smc_many'
for g in A B; do check "unloads on $g" smc_unload $g; done
ktap_end
