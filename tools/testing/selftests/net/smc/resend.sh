#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# only by name: the check of the capture does not know all that a lossy wire shows
# timeout: 300
# A wire that loses packets, so that software RoCE has to send much again, from
# the middle of writes and across registrations of memory. What it does wrong
# then must cost neither a link nor a byte.
#
# RESEND_ROUNDS=: of transfers (3); RESEND_KO=: another module, to compare
. "$(dirname "$0")/lib.sh"

rounds=${RESEND_ROUNDS:-3}
pcap=$TOP/build/check/${SMC_RELEASE:-none}/$TEST.pcap

sum() { # COUNTER: of both ends
	echo $(($(smc_stat A "$1") + $(smc_stat B "$1")))
}

resent() {
	local g c n=0
	for g in A B; do
		for c in duplicate_request out_of_seq_request; do
			n=$((n + $(rdma_stat $g $c)))
		done
	done
	echo $n
}

transfer() { # SEED
	ON_TIMEOUT=100 on A "$TESTS/smc_xfer" -A af_smc -p 5902 -S "$1" -j 4 \
		-b 1M -m 64K 10.0.0.2
}

ktap_begin
for g in A B; do
	if [ -n "${RESEND_KO-}" ]; then
		check "another module loads on $g" on $g "for m in \$(modinfo \
			-F depends $RESEND_KO | tr , ' '); do modprobe \$m; done
			insmod $RESEND_KO"
	else
		check "loads on $g" smc_load $g
	fi
done
mkdir -p "${pcap%/*}"
check "the capture starts" "$VM" pcap -n "$SMC_VM" "$pcap"
bg B xfer "$TESTS/smc_xfer" -A af_smc -p 5902 -s
bg B many "$TESTS/smc_many" -A af_smc -p 5903 -s
for port in 5902 5903; do wait_port B $port; done
check "a link group" on A "$TESTS/smc_xfer" -A af_smc -p 5902 -b 1K 10.0.0.2
before=$(resent)
for g in A B; do
	check "packets are lost on $g" on $g "modprobe sch_netem &&
		tc qdisc replace dev eth0 root netem loss 3% delay 2ms"
done
for seed in $(seq "$rounds"); do
	check "streams, seed $seed" transfer "$seed"
done
ON_TIMEOUT=100 check "200 connections" on A "$TESTS/smc_many" -A af_smc -p 5903 \
	-n 200 -c 32 -r 1 10.0.0.2
for g in A B; do
	on $g 'tc qdisc del dev eth0 root'
	diag "$g: $(on $g "grep -v ' 0$' /proc/net/smc_stat" | tr '\n' ' ')"
done
check "much was sent again" [ $(($(resent) - before)) -gt 20 ]
diag "packets that came again: $(($(resent) - before))"
check_eq "no link failed" 0 "$(sum LinkDown)"
check_eq "no connection was aborted" 0 "$(sum ConnAborted)"
check_eq "nothing was invalid" "0 0" "$(sum RxInvalid) $(sum LlcInvalid)"
check "it was SMC" [ "$(smc_stat B ServerSmc)" -ge $((4 * rounds + 190)) ]
"$VM" pcap -n "$SMC_VM" stop
check "the wire shows no mistake" "$TEST_DIR/wirecheck" --self "$pcap"
diag "$("$TEST_DIR/wirecheck" --self "$pcap" | tail -n 1)"
on B 'pkill smc_'
for g in A B; do check "unloads on $g" smc_unload $g; done
if [ "${ktap_failed[0]}" -gt 0 ]; then
	mv "$pcap" "${pcap%.pcap}-failed.pcap"
else
	rm "$pcap"
fi
ktap_end
