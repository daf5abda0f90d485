#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: one
# timeout: 1500
# only by name: ten minutes
# may skip: what the kernel allocates for smc.ko
# Each verbs call, each allocation and each other call of the kernel by smc.ko
# that can fail does, one after another: while the module is loaded, in
# socket(), listen(), connect(), accept(), at first and later contact, while
# data flows and at the end. It must end in TCP or in an error that programs
# know, soon; the next attempt must succeed; the module must unload, and leave
# nothing behind. fault_sweep.c has the details.
#
# FAULTS_MAX=: of calls that there are many of, how many (24; 0: all)
. "$(dirname "$0")/lib.sh"

FAULTS_MAX=${FAULTS_MAX:-24}
[ "$FAULTS_MAX" -gt 0 ] || FAULTS_MAX=100000
KO="build/$SMC_RELEASE/smc.ko"
FAULT_KO="build/tests/$SMC_RELEASE/smc_fault.ko"
PARAMETERS=/sys/module/smc_fault/parameters

# sweep NAME ARGUMENT...
sweep() {
	local name=$1
	shift
	ON_TIMEOUT=800 relay "$name" A "$TESTS/fault_sweep" "$@"
}

# prepare POINTS: the module must be there before smc.ko
prepare() {
	on A "[ ! -d /sys/module/smc_fault ] || rmmod smc_fault
		for m in \$(modinfo -F depends $KO | tr , ' '); do modprobe \$m
		done
		insmod $FAULT_KO points=$1"
}

# functions that smc.ko calls to allocate and that have no probe
forgotten() {
	on A "nm -u $KO" | awk '{ print $2 }' |
		grep -E '^(__)?(k|kv|v|kmem_cache_|msg_zerocopy_re|pcpu_)m?alloc|^kmalloc|get_free_pages|alloc_(percpu|pages|skb|workqueue)|proc_create|register_net_sysctl' |
		grep -vE '^(kmalloc_caches|unregister_.*)$' | sort >"$TMP/needed"
	on A "cat $PARAMETERS/probes" | sort >"$TMP/probes"
	comm -23 "$TMP/needed" "$TMP/probes"
}

ktap_begin
check "smc_fault loads" prepare direct
check_eq "all functions that allocate can be made to fail" "" "$(forgotten)"
sweep "from loading the module on" -l "$KO" query_port alloc call
sweep "verbs that make things" "$KO" alloc_pd get_dma_mr create_qp modify_qp \
	alloc_mr map_mr_sg
sweep "completion queues" -d rxe_lo "$KO" create_cq
sweep "work requests" -m "$FAULTS_MAX" "$KO" post_recv post_cut post_send post_bad
sweep "allocations" "$KO" alloc
sweep "calls of the kernel" -m "$FAULTS_MAX" "$KO" call
sweep "each call fails from the first on" -t 0 -m 1 "$KO" create_qp modify_qp \
	alloc_mr map_mr_sg post_recv post_send alloc call
on A 'rdma link del rxe_lo'
# completion queues are the core's pool's, which goes after all clients
check_eq "nothing is left in the device" "pd 0 qp 0 mr 0" \
	"$(on A "cat $PARAMETERS/live" | sed 's/ cq .*//')"
on A 'rdma link add rxe_lo type rxe netdev lo'
if prepare deep 2>/dev/null; then
	sweep "what the kernel allocates for smc.ko" -m "$FAULTS_MAX" "$KO" deep
else
	skip "what the kernel allocates for smc.ko" \
		"no should_failslab() in this kernel"
fi
check "smc_fault unloads" on A '[ ! -d /sys/module/smc_fault ] ||
	rmmod smc_fault'
ktap_end
