#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# timeout: 400
# Every byte arrives once and in its place: both directions at once, all ways to
# write and to read, small and large pieces and buffers, full and slow readers.
. "$(dirname "$0")/lib.sh"


# xfer NAME ARGUMENT...: SMC at both ends, or it has failed
xfer() {
	local name=$1 before after
	shift
	before=$(smc_stat A ClientSmc)
	check "$name" on A "$TESTS/smc_xfer" "$@" || return
	after=$(smc_stat A ClientSmc)
	[ "$after" -gt "$before" ] || not_ok "$name by SMC" "$(on A cat /proc/net/smc_stat)"
}

start() { # PORT ARGUMENT...
	bg B "server$1" "$TESTS/smc_xfer" -s -p "$@"
	wait_port B "$1"
}

ktap_begin
for g in A B; do check "loads on $g" smc_load $g; done
start 5911 -A af_smc
start 5912 -A af_smc -6
start 5913 -A ulp
start 5914 -A af_smc -k 4096
start 5915 -A af_smc -k 4M

for w in plain more nonblock iov sendfile splice urgent; do
	xfer "write: $w" -A af_smc -p 5911 -b 4M -w $w 10.0.0.2
done
for r in plain nonblock epoll iov peek waitall splice; do
	xfer "read: $r" -A af_smc -p 5911 -b 4M -r $r 10.0.0.2
	xfer "read: $r, and slowly" -A af_smc -p 5911 -b 1M -z -r $r 10.0.0.2
done

xfer "IPv6" -A af_smc -6 -p 5912 -b 4M fd00::2
xfer "ULP" -A ulp -p 5913 -b 4M 10.0.0.2

for n in 1 7 8 9 1000 65535 65536 65537; do
	xfer "$n bytes" -A af_smc -p 5911 -b $n -B $((n + 1)) 10.0.0.2
done
xfer "single bytes" -A af_smc -p 5911 -b 5000 -m 1 10.0.0.2
xfer "one way only" -A af_smc -p 5911 -b 16M -B 0 -m 1M 10.0.0.2
xfer "back only" -A af_smc -p 5911 -b 0 -B 16M -m 1M 10.0.0.2
xfer "pieces of 4 MB" -A af_smc -p 5911 -b 32M -m 4M 10.0.0.2

xfer "small buffers" -A af_smc -p 5914 -k 4096 -b 1M 10.0.0.2
xfer "small buffers, waitall" -A af_smc -p 5914 -k 4096 -b 1M -r waitall 10.0.0.2
xfer "small and large" -A af_smc -p 5915 -k 4096 -b 2M 10.0.0.2
xfer "large buffers" -A af_smc -p 5915 -k 4M -b 32M -m 4M 10.0.0.2

for seed in 11 22 33 44 55 66; do
	xfer "8 connections, seed $seed" -A af_smc -p 5911 -n 3 -j 8 -S $seed \
		-b 512K -m 100K -w iov -r epoll 10.0.0.2
done

for g in A B; do
	check_eq "$g never fell back" "0 0" \
		"$(smc_stat $g ClientFallback) $(smc_stat $g ServerFallback)"
	check_eq "$g found all messages valid" "0 0 0" \
		"$(smc_stat $g RxInvalid) $(smc_stat $g WrError) $(smc_stat $g StateViolation)"
done
on B 'pkill smc_xfer'
for g in A B; do check "unloads on $g" smc_unload $g; done
ktap_end
