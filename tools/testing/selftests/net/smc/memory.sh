#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# timeout: 600
# may skip: stock
# Bytes of kernel memory that a connection costs at each of its ends, idle and with
# 64 KiB that nobody reads: ours, Linux's own smc.ko (6.12), and TCP. For SMC the
# rings, as they are told of by netlink, are shown separately: they are the same
# for idle and busy ones. RMBEs that are for future connections count, too.
#
# COUNT= of connections. The bounds are for what is not rings. What is in slabs is
# exact. All else jumps by some 8 MB for a while now and then, with stock too, and
# is not known to be anybody's: so it has a bound that only a gross mistake passes,
# and a tighter one for the lesser of idle and busy.
. "$(dirname "$0")/lib.sh"

count=${COUNT:-200}
bytes=65536
port=5961
# bytes for each end of a connection: in slabs; and all but rings
most_slab=5500
most_all=80000
most_lesser=60000
# one ring to send; RMBs are twice the size of the one before
most_rings=$((131072 + 2 * 131072))

load() { # VARIANT
	local g
	for g in A B; do
		case $1 in
		ours) smc_load "$g" ;;
		stock) on "$g" "modprobe --ignore-install smc &&
			$TEST_DIR/smc_nl add SMC-R" ;;
		esac || return
	done
}

unload() {
	local g
	for g in A B; do
		wait_for "$g" '[ ! -d /sys/module/smc ] || rmmod smc' 20 || return
	done
}

snap() { # NAME
	local g pids=() status=0
	for g in A B; do
		ON_TIMEOUT=$((120 * ${SMC_SLOW:-1})) on "$g" "$TEST_DIR/kmem snap >$SHARE/$1.$g" &
		pids+=($!)
	done
	for g in "${pids[@]}"; do wait "$g" || status=$?; done
	check_eq "$1: looked at" 0 $status
}

# bytes of all rings there
rings() { # GUEST
	on "$1" "[ ! -d /sys/module/smc ] || $TEST_DIR/smc_nl lgrs" |
		grep -o '[a-z]*_alloc=[0-9]*' | cut -d= -f2 |
		awk '{ n += $1 } END { print n + 0 }'
}

# cost VARIANT BEFORE AFTER RINGS-BEFORE GUEST: a line; bytes without rings to
# $cost, of these in slabs to $slab, of TCP sockets to $socket, of rings to $ring
cost() {
	local total
	on "$5" "$TEST_DIR/kmem bytes $SHARE/$2.$5 $SHARE/$3.$5 $count" \
		>"$TMP/bytes"
	total=$(awk '$1 == "total" { print $2 }' "$TMP/bytes")
	slab=$(awk '$1 == "slab" { print $2 }' "$TMP/bytes")
	socket=$(awk '$1 == "slab:TCP" { print $2 }' "$TMP/bytes")
	ring=$((($(rings "$5") - $4) / count))
	cost=$((total - ring))
	diag "$1, $3, $([ "$5" = A ] && echo client || echo server):" \
		"$slab bytes in slabs, $cost in all$([ $ring = 0 ] || echo " and $ring of rings")"
	diag "$(grep -v '^total' "$TMP/bytes" | awk '$2 >= 64 || $2 <= -64 {
		printf "%s %s, ", $1, $2 } END { print "" }')"
}

declare -A got slabs_of rings_of sockets_of
# measure VARIANT: fills got[VARIANT idle A] and the like
measure() {
	local variant=$1 kind=af_smc g state dir=/run/vm
	local -A before
	[ "$variant" != tcp ] || kind=tcp
	bg B holder "$TEST_DIR/conn_holder.py" $kind serve $port
	wait_port B $port
	# link groups, caches and the first rings are there
	rm -f "$SHARE_HOST"/{go,idle,busy,end}
	bg A first "$TEST_DIR/conn_holder.py" $kind 10.0.0.2 $port 1 $dir 1
	wait_for A "[ -e $dir/idle ]" 20
	snap none
	for g in A B; do before[$g]=$(rings $g); done
	rm -f "$SHARE_HOST/idle"
	bg A held "$TEST_DIR/conn_holder.py" $kind 10.0.0.2 $port "$count" \
		$dir $bytes
	check "$variant: $count connections" wait_for A "[ -e $dir/idle ]" 60
	for state in idle busy; do
		snap $state
		for g in A B; do
			cost "$variant" none $state "${before[$g]}" $g
			got[$variant $state $g]=$cost
			slabs_of[$variant $state $g]=$slab
			rings_of[$variant $state $g]=$ring
			sockets_of[$variant $state $g]=$socket
		done
		touch "$SHARE_HOST/go"
		wait_for A "[ -e $dir/busy ]" 60
	done
	touch "$SHARE_HOST/end"
	wait_bg held 30
	wait_bg first 30
	on B 'pkill -f conn_holder'
	port=$((port + 1))
}

at_most() { # NAME BOUND BYTES
	check "$1: at most $2" [ "$3" -le "$2" ]
}

ktap_begin
for g in A B; do
	on $g 'sysctl -qw net.ipv4.tcp_max_tw_buckets=0'
	on "$g" "$TEST_DIR/kmem snap >/dev/null" # its own memory
done
measure tcp
check "ours loads" load ours
measure ours
for g in A B; do
	check_eq "all by SMC on $g" $((count + 1)) $(($(smc_stat $g ClientSmc) +
		$(smc_stat $g ServerSmc)))
	for state in idle busy; do
		at_most "$state, in slabs, $g" $most_slab \
			"${slabs_of[ours $state $g]}"
		at_most "$state, in all, $g" $most_all "${got[ours $state $g]}"
	done
	lesser=${got[ours idle $g]}
	[ "$lesser" -le "${got[ours busy $g]}" ] || lesser=${got[ours busy $g]}
	at_most "idle or busy, in all, $g" $most_lesser "$lesser"
	check "a socket is there, $g" [ "${sockets_of[ours idle $g]:-0}" -gt 1500 ]
	at_most "rings, $g" $most_rings "${rings_of[ours idle $g]}"
done
check "ours unloads" unload
case ${SMC_KERNEL:-} in
6.12)
	check "stock loads" load stock
	measure stock
	for g in A B; do
		check "idle, $g: less than stock" [ "${slabs_of[ours idle $g]}" \
			-lt "${slabs_of[stock idle $g]}" ]
	done
	check "stock unloads" unload
	;;
*) skip "stock" "makes no link over rxe on this kernel" ;;
esac
ktap_end
