#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# timeout: 400
# Unmodified programs under smc_run: what "make demo" shows, step by step. A step
# passes if the program has done its work, all its connections went the way they
# should, and TCP has carried no more than their handshakes.
. "$(dirname "$0")/lib.sh"

ktap_begin
steps=0
while IFS=$'\t' read -r verdict name result connections problems; do
	steps=$((steps + 1))
	if [ "$verdict" = ok ]; then
		diag "$name: $result, $connections"
		ok "$name"
	else
		not_ok "$name" "$result, $connections: $problems"
	fi
done < <("$TOP/scripts/demo" --guests "$SMC_VM" --plain 2>"$TMP/error")
check_eq "it has no complaints" "" "$(cat "$TMP/error")"
check "all steps are there" [ $steps -ge 11 ]
for g in A B; do
	on $g nft delete table inet smcmeter
	check "unloads on $g" smc_unload $g
done
ktap_end
