#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: two
# vm: --mem 1024
# timeout: 1800
# only by name: takes ten minutes
# Packets that are lost, late, twice, in disorder or wrong; a wire that is cut, a
# peer that stands still or is gone, a filter that lets TCP through but no RDMA:
# data is complete and right, or the connection ends with an error at both ends
# within the time that Documentation/administration.rst tells, and new ones work.
#
# BYTES=16M makes the transfers under impairment longer; PARTS="delay killed"
# chooses.
. "$(dirname "$0")/lib.sh"

bytes=${BYTES:-1M}

# What ends a connection; see "When does what give up?" in administration.rst
testlink=1				# net.smc.smcr_testlink_time, here
by_test=$((2 * testlink + 6))		# two intervals, three tests of 2 s
by_port=6				# three tests, at once
by_rkey=2				# Confirm RKey
by_keepalive=$((1 + 3 * 1 + 1))		# what smc_hold -k asks for
handshake=6				# CLC messages
first_contact=$((2 + 4 + 1))		# wait for another, Confirm Link, Decline
host=10					# for emulation and a busy host

lost='ECONNABORTED|ECONNRESET'

wire() {
	"$VM" wire -n "$SMC_VM" "$@"
}

# A wire that is cut has no carrier; beyond a switch nobody sees that
cut() { # wire|beyond
	if [ "$1" = wire ]; then
		wire down
	else
		both 'tc qdisc change dev eth0 root netem limit 20000 loss 100% ||
			tc qdisc replace dev eth0 root netem limit 20000 loss 100%' 2>/dev/null
	fi
}

# back to where IP gets through: what follows is about SMC
mend() {
	wire up
	both 'tc qdisc change dev eth0 root netem limit 20000 loss 0%' 2>/dev/null
	wait_for A 'ping -c 1 -W 1 10.0.0.2' 20
	wait_for B 'ping -c 1 -W 1 10.0.0.1' 20
}

# both COMMAND: the same in both guests
both() {
	local g
	for g in A B; do on $g "$@"; done
}

# New modules, no link groups, no programs. Sockets may still have to end.
fresh() { # [TESTLINK-OF-A [OF-B]]
	local g time=${1:-$testlink}
	no_servers
	no_netem
	for g in A B; do
		on "$g" "n=0
			while [ -d /sys/module/smc ] && ! rmmod smc; do
				n=\$((n + 1)); [ \$n -lt 200 ] || exit 1
				sleep 0.1
			done 2>/dev/null" || not_ok "smc.ko of $g is not in use"
		smc_load "$g"
		on "$g" "echo $time >/proc/sys/net/smc/smcr_testlink_time"
		time=${2:-$time}
	done
}

servers() {
	bg B xfer "$TESTS/smc_xfer" -A af_smc -p 5902 -s
	bg A xfer_back "$TESTS/smc_xfer" -A af_smc -p 5902 -s
	bg B crr "$TESTS/smc_crr" -A af_smc -p 5901 -s
	bg A crr_back "$TESTS/smc_crr" -A af_smc -p 5901 -s
	bg B churn "$TESTS/smc_churn" -u -A af_smc -p 5904 -s
	bg B many "$TESTS/smc_many" -A af_smc -p 5903 -s
	for port in 5901 5902 5903 5904; do wait_port B "$port"; done
	for port in 5901 5902; do wait_port A "$port"; done
}

no_servers() {
	both 'pkill smc_'
}

# new NAME SECONDS [FROM]: new connections work within that time; smc_crr makes one
# more than it is told
new() {
	local from=${3:-A} to=10.0.0.2
	[ "$from" = A ] || to=10.0.0.1
	ON_TIMEOUT=$(($2 + host)) check "$1" on "$from" \
		"$TESTS/smc_crr" -A af_smc -p 5901 -n 1 "$to"
}

# smc_again NAME [FROM]: connections are SMC again
smc_again() {
	local from=${2:-A} before
	new "$1: a new connection" $((handshake + first_contact)) "$from"
	both 'echo flush >/proc/net/smc_peers'
	before=$(smc_stat "$from" ClientSmc)
	new "$1: the next one" "$first_contact" "$from"
	check_eq "$1: is SMC" 2 $(($(smc_stat "$from" ClientSmc) - before))
}

# --- connections that wait ---

hold_port=5910

# hold_start [-k] ROLE...: one connection of each, all SMC
hold_start() {
	local option=
	[ "$1" != -k ] || { option=-k; shift; }
	hold_port=$((hold_port + 1))
	hold_count=$#
	hold_smc=$(smc_stat B ServerSmc)
	# of the last time
	rm -f "$TMP"/hold_*
	bg B hold_server "$TESTS/smc_hold" -A af_smc -p "$hold_port" ${option:+"$option"} \
		-n $# -s
	wait_port B "$hold_port"
	bg A hold_client "$TESTS/smc_hold" -A af_smc -p "$hold_port" ${option:+"$option"} \
		10.0.0.2 "$@"
	until grep -q ready "$(bg_out hold_client)" 2>/dev/null ||
	      [ -s "$TMP/hold_client.status" ]; do sleep 0.05; done
	hold_smc=$(($(smc_stat B ServerSmc) - hold_smc))
	[ "$hold_smc" -eq $# ] || not_ok "$* are SMC" "$hold_smc of $#"
}

hold_finish() {
	on A 'pkill -USR1 smc_hold'
}

# hold_ends NAME END SECONDS [SIDE...]: all end so, within that time
hold_ends() {
	local name=$1 end=$2 limit=$3 side start=$SECONDS
	shift 3
	[ $# -gt 0 ] || set -- client server
	for side; do
		if ! wait_bg hold_"$side" $((limit + host - SECONDS + start)); then
			not_ok "$name: the $side ends within $limit s" \
				"$(cat "$(bg_out hold_"$side")")"
		elif [ "$(grep -cE "^[a-z]+ ($end) [0-9.]+$" \
			"$(bg_out hold_"$side")")" -ne "$hold_count" ]; then
			not_ok "$name: the $side ends with $end" \
				"$(cat "$(bg_out hold_"$side")")"
		else
			ok "$name: the $side's ends ($end)"
			diag "$(grep -v ready "$(bg_out hold_"$side")" |
				tr '\n' ';')"
		fi
	done
}

# --- impairments ---

netem() { # GUEST NETEM...
	local guest=$1
	shift
	on "$guest" "tc qdisc replace dev eth0 root netem limit 20000 $*"
}

no_netem() {
	both 'tc qdisc del dev eth0 root 2>/dev/null'
}

# whole NAME PROGRAM: all has arrived, and right
whole() {
	wait_bg "$2" 120
	check_eq "$1" "0 " "$? $(grep -v '^ok' "$(bg_out "$2")" | head -n 3)"
}

# impaired NAME NETEM-OF-A NETEM-OF-B: transfers before, during, new ones; first
# contact as well. The device sends again what is lost, as TCP does.
impaired() {
	local name=$1 of_a=$2 of_b=$3
	fresh 30
	servers
	bg A before "$TESTS/smc_xfer" -A af_smc -p 5902 -b "$bytes" -z -S 2 \
		10.0.0.2
	[ -z "$of_a" ] || check "$name: from A" netem A "$of_a"
	[ -z "$of_b" ] || check "$name: from B" netem B "$of_b"
	bg A during "$TESTS/smc_xfer" -A af_smc -p 5902 -b "$bytes" -j 2 \
		-w iov -r epoll 10.0.0.2
	bg B back "$TESTS/smc_xfer" -A af_smc -p 5902 -b "$bytes" -S 3 10.0.0.1
	ON_TIMEOUT=90 check "$name: new connections" on A \
		"for i in 1 2 3; do $TESTS/smc_crr -A af_smc -p 5901 -n 8 \
			10.0.0.2 && exit; done; exit 1"
	ON_TIMEOUT=90 check "$name: ends of connections" on A \
		"$TESTS/smc_churn" -u -A af_smc -p 5904 -j 4 -n 4 10.0.0.2
	whole "$name: data sent before" before
	whole "$name: data sent during it" during
	whole "$name: data sent back" back
	check_eq "$name: what the server saw" "" "$(cat "$(bg_out churn)")"
	diag "$name: SMC $(smc_stat B ServerSmc), TCP $(smc_stat B \
		ServerFallback), links lost $(smc_stat A LinkDown) $(smc_stat \
		B LinkDown)"
	no_netem
	smc_again "after $name"
}

loss() {
	impaired "loss" "loss 10%" "loss 2%"
}

# In slots, not with jitter: that would reorder, of which rxe resends all that came
# after. 55,000 packets for 4 MB were seen then, and 30 s without one byte of a
# connection.
delay() {
	impaired "delay" "delay 20ms slot 2ms 8ms" "delay 10ms"
}

reordering() {
	impaired "reordering" "delay 10ms reorder 90% 50%" \
		"delay 10ms reorder 95%"
}

duplicates() {
	impaired "duplicates" "duplicate 20%" "duplicate 20%"
}

corruption() {
	impaired "corruption" "corrupt 2%" "corrupt 2%"
}

# So much that nothing may get through for a while: complete, or an error at both
# ends; which of them is chance
heavy_loss() {
	fresh
	servers
	hold_start echo read
	bg A during "$TESTS/smc_xfer" -A af_smc -p 5902 -b "$bytes" 10.0.0.2
	netem A "loss 60%"
	netem B "loss 60%"
	sleep 5
	no_netem
	hold_finish
	hold_ends "heavy loss" "ok|$lost" "$by_test"
	wait_bg during $((by_test + host))
	check_eq "heavy loss: the transfer ends" 0 $(($? == 124))
	smc_again "after heavy loss"
}

# --- the wire ---

# data is on its way, and will be for some time
flow() {
	bg A during "$TESTS/smc_xfer" -A af_smc -p 5902 -b 40M -z -j 2 10.0.0.2
	wait_for A '[ $(awk "/^TxBytes/ { print \$2 }" /proc/net/smc_stat) \
		-gt 500000 ]' 30
}

send_errors() {
	echo $(($(rdma_stat A send_err) + $(rdma_stat B send_err)))
}

# rxe of 6.12 takes a packet that Linux refuses while it exchanges a queueing
# discipline for the end of the queue pair; losing the carrier does that, too.
short_cut() { # wire|beyond
	local end=ok errors
	fresh 30
	both 'tc qdisc replace dev eth0 root netem limit 20000'
	servers
	hold_start read poll echo
	flow
	errors=$(send_errors)
	cut "$1"
	# a queue pair bears 2.1 s, and to mend takes time
	sleep 0.7
	mend
	new "short cut ($1): a new connection after it" "$handshake"
	hold_finish
	errors=$(($(send_errors) - errors))
	if [ "$1" = wire ] && [ "$errors" -gt 0 ]; then
		diag "rxe could not send: its queue pair has failed"
		end="ok|$lost"
	fi
	hold_ends "short cut ($1)" "$end" "$by_test"
	wait_bg during 60
	[ "$end" = ok ] || return
	check_eq "short cut ($1): the transfer goes on" 0 $?
	grep -v ' ok' "$(bg_out during)" | sed 's/^/# /'
	check_eq "short cut ($1): no link was lost" "0 0" \
		"$(smc_stat A LinkDown) $(smc_stat B LinkDown)"
}

short_cuts() {
	short_cut wire
	short_cut beyond
}

long_cut() {
	fresh
	servers
	hold_start read poll write echo
	cut wire
	hold_ends "long cut" "$lost" "$by_test"
	mend
	smc_again "after a long cut"

	# nobody sends: Test Link
	fresh
	servers
	hold_start read poll
	cut beyond
	hold_ends "long cut, idle" "$lost" "$by_test"
	mend
	smc_again "after a long cut, idle" B

	# it is sent at once if there is no carrier; the other end has one
	fresh 0
	hold_start read
	cut wire
	hold_ends "no carrier, no Test Link" "$lost" "$by_port" client
	mend
	on B 'pkill smc_hold'
	wait_bg hold_server 5
}

close_in_cut() {
	fresh
	servers
	hold_start close close read
	cut wire
	hold_finish
	check "close() in a cut: returns at once" wait_for A \
		'! pgrep smc_hold || [ $(ss -Htn state established \
			dport = :'"$hold_port"' | wc -l) -le 1 ]' 2
	# data was sent, but nobody will ever know whether it arrived
	hold_ends "close() in a cut" "ok|$lost" "$by_test"
	check_eq "close() in a cut: the server has errors" "" \
		"$(grep -E '(close|read) ok' "$(bg_out hold_server)")"
	mend
	smc_again "after close() in a cut"
}

unload_in_cut() {
	fresh
	hold_start read
	cut wire
	on A 'pkill -9 smc_hold'
	# TCP's FIN has to be given up first, unless the wire is back
	on A 'rmmod smc' 2>/dev/null
	hold_ends "unload in a cut" "$lost" "$by_test" server
	check "unload in a cut: the server's side unloads" on B \
		'n=0; until rmmod smc; do n=$((n + 1)); [ $n -lt 100 ] || exit 1
			sleep 0.1; done 2>/dev/null'
	mend
	check "unload in a cut: and the other, once the wire is back" on A \
		'n=0; until [ ! -d /sys/module/smc ] || rmmod smc; do
			n=$((n + 1)); [ $n -lt 300 ] || exit 1
			sleep 0.1; done 2>/dev/null'
}

# Only A has noticed; what do both find next?
one_sided() {
	fresh "$testlink" 60
	servers
	hold_start read
	cut beyond
	hold_ends "one side's group ends" "$lost" "$by_test" client
	mend
	new "one side's group ends: a client whose server has it still" \
		"$handshake"
	hold_ends "one side's group ends: by being out of sync" "$lost" 2 server
	smc_again "one side's group has ended"

	# a new connection needs memory that the other does not confirm
	fresh "$testlink" 60
	servers
	hold_start read read read read
	cut beyond
	hold_ends "no memory is confirmed" "$lost" "$by_test" client
	mend
	new "no memory is confirmed: a client whose server has the group still" \
		$((handshake + by_rkey))
	hold_ends "no memory is confirmed: the link is tested" "$lost" \
		$((by_rkey + by_port)) server
	smc_again "no memory was confirmed"

	fresh "$testlink" 60
	servers
	hold_start read
	cut beyond
	hold_ends "the server's group ends" "$lost" "$by_test" client
	mend
	smc_again "a client that has the group still" B
	on B 'pkill smc_hold'
	wait_bg hold_server 5
}

keepalive() {
	fresh 0
	hold_start -k read poll
	cut beyond
	hold_ends "keepalive, no Test Link" "ETIMEDOUT|$lost" "$by_keepalive"
	mend
}

# --- a guest that stands still, or is gone ---

paused() {
	fresh
	servers
	hold_start read poll echo
	flow
	"$VM" pause -n "$SMC_VM" B
	sleep 3
	"$VM" resume -n "$SMC_VM" B
	new "paused for 3 s: a new connection" "$handshake"
	hold_finish
	hold_ends "paused for 3 s" ok "$by_test"
	wait_bg during 60
	check_eq "paused for 3 s: the transfer goes on" 0 $?

	for g in B A; do
		fresh
		servers
		hold_start read poll write echo
		if [ "$g" = B ]; then
			"$VM" pause -n "$SMC_VM" B
			hold_ends "B stands still" "$lost" "$by_test" client
			"$VM" resume -n "$SMC_VM" B
			hold_ends "B goes on" "$lost" "$by_test" server
		else
			"$VM" pause -n "$SMC_VM" A
			hold_ends "A stands still" "$lost" "$by_test" server
			"$VM" resume -n "$SMC_VM" A
			hold_ends "A goes on" "$lost" "$by_test" client
		fi
		smc_again "after $g stood still"
	done
}

killed() {
	local before
	fresh
	hold_start read poll write echo
	"$VM" kill -n "$SMC_VM" B
	hold_ends "B is gone" "$lost" "$by_test" client
	check "B boots again" "$VM" restart -n "$SMC_VM" B
	smc_load B
	servers
	before=$(smc_stat A ClientFirstContact)
	new "B is back: a new connection" "$handshake"
	check_eq "B is back: by a new link group" 1 \
		$(($(smc_stat A ClientFirstContact) - before))
}

# A is not told that the other has begun a new life
reborn() {
	local before
	fresh 60
	hold_start read
	"$VM" restart -n "$SMC_VM" B
	smc_load B
	servers
	before=$(smc_stat A ClientFirstContact)
	new "B reborn: a new connection" "$handshake"
	check_eq "B reborn: is SMC, by a new link group" 1 \
		$(($(smc_stat A ClientFirstContact) - before))
	before=$(smc_stat B ClientSmc)
	new "B reborn: a new connection from it" "$handshake" B
	check_eq "B reborn: is SMC" 2 $(($(smc_stat B ClientSmc) - before))
	on A 'pkill smc_hold'
	wait_bg hold_client 10
}

# --- filters ---

block() { # GUEST
	on "$1" 'nft add table ip smctest
		nft "add chain ip smctest in { type filter hook input priority 0; }"
		nft add rule ip smctest in udp dport 4791 drop'
}

unblock() {
	both 'nft delete table ip smctest 2>/dev/null'
}

# the time that two connections take, in tenths of a second
time_two() {
	on A "s=\$(date +%s%N)
		$TESTS/smc_crr -A af_smc -p 5901 -n 1 10.0.0.2 >/dev/null || exit
		echo \$(((\$(date +%s%N) - s) / 100000000))"
}

filtered() { # NAME GUEST...
	local name=$1 g times='' each
	shift
	fresh
	servers
	hold_start read poll write echo
	for g; do block "$g"; done
	# on the group that is there, as it seems; each wants memory registered
	bg A during "for k in 16K 32K 64K 256K 512K 1M 2M; do
		timeout 20 $TESTS/smc_xfer -A af_smc -p 5902 -b 100K -k \$k 10.0.0.2 &
		done; wait"
	hold_ends "$name" "$lost" "$by_test"
	wait_bg during $((handshake + by_test + host))
	check_eq "$name: those that came late end" 0 $(($? == 124))
	both 'echo flush >/proc/net/smc_peers'
	new "$name: a new connection" "$first_contact"
	for g in 1 2 3; do times="$times $(time_two)"; done
	read -r -a each <<<"$times"
	diag "$name: tenths of a second$times"
	check "$name: the next ones are TCP without delay" \
		eval '[ ${#each[@]} -eq 3 ]' \
		"$(printf ' && [ %s -lt 25 ]' "${each[@]}")"
	unblock
	both 'echo flush >/proc/net/smc_peers'
	smc_again "$name, no more"
}

filters() {
	filtered "no RDMA to B" B
	filtered "no RDMA to A" A
	filtered "no RDMA at all" A B
}

ktap_begin
check "netem is there" both 'modprobe sch_netem'
for part in ${PARTS:-loss delay reordering duplicates corruption heavy_loss \
		short_cuts long_cut close_in_cut unload_in_cut one_sided \
		keepalive paused filters killed reborn}; do
	$part
done
no_servers
for g in A B; do check "unloads on $g" wait_for $g 'rmmod smc' 30; done
ktap_end
