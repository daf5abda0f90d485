#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# kernels: 6.1
# peer kernel: 6.12
# timeout: 600
# Ours on one kernel and ours on another, either of them client and server.
. "$(dirname "$0")/interop_lib.sh"

module=([A]=ours [B]=ours)

ktap_begin
check "the capture starts" wire_start
for g in A B; do check "loads on $g" load $g; done
all_scenarios A B
all_scenarios B A
comes_back A
comes_back B
for g in A B; do check "unloads on $g" unload $g; done
wire_end --self
check "the private extension is used" [ "$(wire_count write-imm)" -gt 0 ]
check_eq "nobody declined" 0 "$(wire_count Decline)"
ktap_end
