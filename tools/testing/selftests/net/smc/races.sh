#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: one
# vm: --smp 2
# timeout: 300
# Many threads share a few sockets, while devices, addresses and settings come
# and go. RACES_SECONDS= for a longer run, RACES_SEED= for another or the same.
. "$(dirname "$0")/lib.sh"

seed=${RACES_SEED:-$(($(date +%s) % 100000))}
slow=${SMC_SLOW:-1}
seconds=${RACES_SECONDS:-$((50 * slow))}
# what a slow kernel gets done meanwhile is a matter of the host
least=$((seconds / (slow * slow)))

# Each line is a command of its own and puts back what it takes away.
commands() {
	for _ in 1 2 3; do
		cat <<'END'
rdma link delete rxe_lo; sleep 0.2; rdma link add rxe_lo type rxe netdev lo; echo flush >/proc/net/smc_peers
rdma link delete rxe_d; sleep 0.2; rdma link add rxe_d type rxe netdev dummy0; echo flush >/proc/net/smc_peers
rdma link delete rxe_lo; rdma link add rxe_lo type rxe netdev lo; echo flush >/proc/net/smc_peers
ip link set dummy0 down; sleep 0.2; ip link set dummy0 up; ip addr replace fd09::1/64 dev dummy0 nodad; echo flush >/proc/net/smc_peers
ip addr del 10.9.9.1/24 dev dummy0; sleep 0.1; ip addr replace 10.9.9.1/24 dev dummy0
ip addr del fd09::1/64 dev dummy0; sleep 0.1; ip addr replace fd09::1/64 dev dummy0 nodad
END
	done
	cat <<'END'
ip addr replace 127.0.0.9/8 dev lo; sleep 0.1; ip addr del 127.0.0.9/8 dev lo
ip link set dummy0 mtu 1000; sleep 0.1; ip link set dummy0 mtu 1500
sysctl -qw net.smc.wmem=16384 net.smc.rmem=16384; sleep 0.5; sysctl -qw net.smc.wmem=131072 net.smc.rmem=131072
sysctl -qw net.smc.wmem=1048576; sleep 0.5; sysctl -qw net.smc.wmem=131072
sysctl -qw net.smc.autocorking_size=0; sleep 0.3; sysctl -qw net.smc.autocorking_size=65536
sysctl -qw net.smc.smcr_max_conns_per_lgr=16; sleep 0.5; sysctl -qw net.smc.smcr_max_conns_per_lgr=255
sysctl -qw net.smc.limit_smc_hs=1; sleep 0.5; sysctl -qw net.smc.limit_smc_hs=0
sysctl -qw net.smc.tcp2smc=1; sleep 0.5; sysctl -qw net.smc.tcp2smc=0
echo 1 >/sys/module/smc/parameters/v1_any_gid; echo 1 >/sys/module/smc/parameters/versions; sleep 0.5; echo 3 >/sys/module/smc/parameters/versions; echo 0 >/sys/module/smc/parameters/v1_any_gid
printf 'add RACES\nlgrs\nseid off\nlinks\ndevs\nstats\nseid on\neids\ndel RACES\nfallbacks\nlgrs\nlinks\n' | tools/testing/selftests/net/smc/smc_nl batch >/dev/null
printf 'seid off\nflush\nlgrs\nseid on\n' | tools/testing/selftests/net/smc/smc_nl batch >/dev/null
rmmod smc
rmmod rdma_rxe
for f in /proc/net/smc_*; do cat $f; done >/dev/null
ss -tin >/dev/null
echo flush >/proc/net/smc_peers
echo flush >/proc/net/smc_peers
echo flush >/proc/net/smc_peers
END
}

races() { # ARGUMENT...
	ON_TIMEOUT=$((seconds + 90)) on A "$TESTS/smc_races" -S "$seed" \
		-t "$seconds" -b $((30 * slow)) "$@" >"$TMP/races" 2>&1
}

counter() {
	awk -v n="$1" '$1 == "#" && $2 == n { print $3 }' "$TMP/races"
}

# what the run has to have done, or it has tested nothing
busy() { # NAME LEAST
	check "$1: at least $2" [ "0$(counter "$1")" -ge "$2" ]
}

unloads() {
	wait_for A 'rmmod smc' $((70 * slow)) && return
	on A 'lsmod | grep smc; ps axo pid,stat,wchan:30,args | grep -v " \["
		ss -tanoepi; for f in /proc/net/smc_*; do head $f; done' 2>&1
	return 1
}

ktap_begin
check_eq "processors" 2 "$(on A nproc)"
check "loads" smc_load A
relay "changes of mind, IPv4" A "$TESTS/sock_races" -A af_smc
relay "changes of mind, IPv6" A "$TESTS/sock_races" -A ulp -6
check "unloads after that" wait_for A 'rmmod smc' 20
check "loads again" smc_load A
commands >"$SHARE_HOST/commands"
check "a second device" on A 'ip link add dummy0 type dummy
	ip addr add 10.9.9.1/24 dev dummy0
	ip addr add fd09::1/64 dev dummy0 nodad
	ip link set dummy0 up
	sysctl -qw net.ipv4.tcp_syn_retries=2
	rdma link add rxe_d type rxe netdev dummy0'
check "unharmed, seed $seed" races -c "$SHARE/commands"
diag "$(cat "$TMP/races")"
for what in connected accepted sent received streams; do
	busy $what $((least / 2))
done
check "SMC was used" [ "$(smc_stat A ServerSmc)" -ge $((least * 2)) ]
# while there are still routes for what closed sockets have left to say
check "unloads" unloads
on A 'rdma link delete rxe_d; ip link delete dummy0'
ktap_end
