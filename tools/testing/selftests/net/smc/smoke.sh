#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: one
# The module loads and unloads.
. "$(dirname "$0")/lib.sh"

ktap_begin 3
check "loads" smc_load A
check "unloads" smc_unload A
check "loads and unloads 20 times" on A '
	ko=build/$(uname -r)/smc.ko
	for i in $(seq 20); do
		insmod $ko && rmmod smc || exit 1
	done'
ktap_end
