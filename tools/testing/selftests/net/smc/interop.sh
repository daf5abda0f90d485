#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# peer kernel: 6.12
# timeout: 900
# Ours and Linux's own smc.ko of 6.12, either of them client and server, judged
# by the programs, by our counters, and by a capture of all that was sent.
#
# INTEROP_ORACLE=1: stock at both ends, for what stock gets wrong by itself
. "$(dirname "$0")/interop_lib.sh"

module=([A]=${INTEROP_ORACLE:+stock} [B]=stock)
: "${module[A]:=ours}"

ktap_begin
check "the capture starts" wire_start
for g in A B; do check "${module[$g]} loads on $g" load $g; done
all_scenarios A B
all_scenarios B A

sub_begin "idle"
serve
by_smc "before" test_program smc_crr -n 1
sleep 6
by_smc "after" test_program smc_crr -n 1
end_servers
sub_end

sub_begin "IPv6, for which stock has no SMC over this device"
for roles in "A B" "B A"; do
	read -r C S <<<"$roles"
	serve
	before=$(counters '^(Client|Server)Smc')
	check "data from $C to $S and back" on "$C" "$TESTS/smc_xfer" -A af_smc \
		-6 -p 5907 -b 1M "fd00::$([ "$S" = A ] && echo 1 || echo 2)"
	check_eq "not by SMC" "$before" "$(counters '^(Client|Server)Smc')"
	end_servers
done
sub_end

C=A S=B
comes_back A
comes_back B
for g in A B; do check "${module[$g]} unloads on $g" unload $g; done

wire_end
check "idle links were tested" [ "$(wire_count test-link)" -gt 0 ]
# A test may cross the end of its link, in stock's own company too
check "and all tests answered" [ "$(wire_count test-link)" -le $((
	$(wire_count "test-link response") + $(wire_count delete-link))) ]
check "the end of links was announced" [ "$(wire_count delete-link)" -ge 2 ]
check_eq "declined: IPv6 only, by both clients" 2 "$(wire_count Decline)"
ktap_end
