#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# The lab itself: two guests reach each other by IP and by RDMA.
. "$(dirname "$0")/lib.sh"

ktap_begin
for to in 10.0.0.2 fd00::2; do
	check "A reaches $to with full frames" \
		on A ping -q -c 2 -i 0.2 -M "do" -s 8900 $to
done

before=$(rdma_stat A sent_pkts)
bg B server ib_write_lat -d rxe_eth0 -F -n 100
wait_port B 18515
check "RDMA writes between A and B" \
	on A ib_write_lat -d rxe_eth0 -F -n 100 10.0.0.2
check "the server has ended well" wait_bg server
check "RDMA packets are counted" [ "$(rdma_stat A sent_pkts)" -gt "$before" ]

check "guests write to the share" on B "echo hello >$SHARE/$TEST"
check_eq "the host reads it" hello "$(cat "$SHARE_HOST/$TEST")"
ktap_end
