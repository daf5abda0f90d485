# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What interop.sh and interop_self.sh share: all that two different
# implementations, or one on two kernels, have to get right with each other.
#
# INTEROP_FULL=1 is the long run, which wants TIMEOUT=7200 too: 500 MB each way at
# once, 10,000 connections in a row, 300 at once, programs for ten seconds each.
# INTEROP_BYTES=, INTEROP_CONNECTIONS= and INTEROP_AT_ONCE= set these one by one.
# Linux's own server makes one handshake after another, and its clients wait six
# seconds; so the last needs a machine with little else to do.
# The capture of a run that fails is kept in build/check/; INTEROP_KEEP=1 keeps
# any.

. "$(dirname "$0")/lib.sh"

sizes=(20M 500 60 2 2000 1)
[ -z "${INTEROP_FULL-}" ] || sizes=(500M 10000 300 10 20000 20)
bytes=${INTEROP_BYTES:-${sizes[0]}}
connections=${INTEROP_CONNECTIONS:-${sizes[1]}}
at_once=${INTEROP_AT_ONCE:-${sizes[2]}}
seconds=${sizes[3]}
requests=${sizes[4]}
patience=${sizes[5]}
pcap=$TOP/build/check/${SMC_RELEASE:-none}/$TEST.pcap
# What runs where: ours, or stock smc.ko of that kernel
declare -A module

load() { # GUEST
	if [ "${module[$1]}" = ours ]; then
		smc_load "$1"
		return
	fi
	# Our own built-in EID. Idle links are probed early, to see the answer.
	on "$1" "modprobe --ignore-install smc &&
		$TEST_DIR/smc_nl add SMC-R &&
		echo 2 >/proc/sys/net/smc/smcr_testlink_time"
}

unload() { # GUEST
	on "$1" 'n=0
		until [ ! -d /sys/module/smc ] || rmmod smc; do
			n=$((n + 1)); [ $n -lt 100 ] || exit 1
			sleep 0.1
		done' 2>/dev/null
}

address() { # GUEST
	case $1 in A) echo 10.0.0.1 ;; B) echo 10.0.0.2 ;; esac
}

wire_start() {
	mkdir -p "${pcap%/*}"
	"$VM" pcap -n "$SMC_VM" "$pcap"
}

# wire_end [OPTION]: what the capture shows; totals in $wire
wire_end() {
	"$VM" pcap -n "$SMC_VM" stop
	check "the wire shows no mistake" wire_judge "$@"
	wire=$(tail -n 1 "$TMP/judge")
	diag "$wire"
	if [ "${ktap_failed[0]}" -gt 0 ]; then
		mv "$pcap" "${pcap%.pcap}-failed.pcap"
		diag "the capture is in ${pcap%.pcap}-failed.pcap"
	elif [ -z "${INTEROP_KEEP-}" ]; then
		rm -f "$pcap"
	fi
}

wire_judge() {
	"$TEST_DIR/wirecheck" "$@" "$pcap" >"$TMP/judge"
	local status=$?
	cat "$TMP/judge"
	return $status
}

# wire_count NAME: how many of them the capture has
wire_count() {
	sed -n "s/.*, $1 \([0-9][0-9]*\).*/\1/p" <<<"$wire" | grep . || echo 0
}

# --- counters of our own module ------------------------------------------

bad_counters='^(Client|Server)(Fallback|Error)|^(Rx|Llc|Clc)Invalid|^WrError'
bad_counters+='|^StateViolation|^(Llc|Clc)Timeout|^LinkDown'

# counters PATTERN: sums of all our ends
counters() {
	local g
	for g in A B; do
		[ "${module[$g]}" != ours ] || on $g cat /proc/net/smc_stat
	done | awk -v p="$1" '$1 ~ p && !/\./ { n += $2 } END { print n + 0 }'
}

# by_smc NAME COMMAND...: it succeeds, and all its connections are SMC's. MAY_FAIL
# handshakes may fail, of connections that the client has given up.
by_smc() {
	local name=$1 bad good
	shift
	bad=$(counters "$bad_counters")
	good=$(counters '^(Client|Server)Smc')
	check "$name" "$@" || return
	[ "${module[A]}${module[B]}" != stockstock ] || return
	bad=$(($(counters "$bad_counters") - bad))
	diag "$name: $bad fallbacks and errors"
	check "$name: no fallback, no error" [ "$bad" -le "${MAY_FAIL:-0}" ]
	check "$name: by SMC" [ "$(counters '^(Client|Server)Smc')" -gt "$good" ]
}

# --- scenarios; C is the client, S the server ------------------------------

test_program() { # PROGRAM ARGUMENT...
	ON_TIMEOUT=$((150 * patience)) on "$C" "$TESTS/$1" -A af_smc "${@:2}" "$(address "$S")"
}

program() { # COMMAND...
	ON_TIMEOUT=$((60 * patience)) on "$C" "$TOOLS/smc_run" "$@"
}

serve_bg() { # NAME COMMAND...
	ON_TIMEOUT=$((600 * patience)) bg "$S" "$@"
}

serve_one() { # PROGRAM:PORT
	serve_bg "${1%:*}" "$TESTS/smc_${1%:*}" -A af_smc -p "${1#*:}" -s
	wait_port "$S" "${1#*:}"
}

serve() {
	local name
	# Linux's own close() waits two seconds at the most, or not at all when
	# the process ends, and then drops the rest: some bytes may be missing.
	tolerant=()
	[ "${module[$C]}" = ours ] || tolerant=(-u)
	on "$S" 'ulimit -n 65536; scripts/demo.d/program serve smc'
	for name in xfer:5902 crr:5901 many:5903 urgent:5906; do
		serve_one "$name"
	done
	serve_bg churn "$TESTS/smc_churn" "${tolerant[@]}" -A af_smc -p 5904 -s
	wait_port "$S" 5904
	serve_bg xfer6 "$TESTS/smc_xfer" -A af_smc -6 -p 5907 -s
	wait_port "$S" 5907
}

end_servers() {
	on "$S" 'scripts/demo.d/program stop; pkill "^smc_"; true'
}

iperf() { # OPTION...
	program iperf3 -c "$(address "$S")" -t "$seconds" "$@" >"$TMP/iperf3" || {
		cat "$TMP/iperf3"
		return 1
	}
	grep -q receiver "$TMP/iperf3"
}

wrk() { # OPTION...
	program wrk -t 1 -d "${seconds}s" "$@" "http://$(address "$S"):8080/" \
		>"$TMP/wrk" || return
	! grep -E 'Socket errors|Non-2xx|^ *0 requests' "$TMP/wrk"
}

redis() {
	program redis-benchmark -h "$(address "$S")" -t set,get -c 50 \
		-n "$requests" \
		--csv | grep -q '"GET"'
}

real_programs() {
	by_smc "iperf3 there" iperf
	by_smc "iperf3 back" iperf -R
	by_smc "iperf3, 4 streams" iperf -P 4
	by_smc "iperf3, both ways at once" iperf --bidir
	by_smc "curl: 20 MB from nginx" on "$C" scripts/demo.d/program run curl \
		smc "$(address "$S")"
	by_smc "wrk, keep-alive" wrk -c 16
	# wrk ends with four of them under way
	MAY_FAIL=4 by_smc "wrk, a connection for each request" wrk -c 4 \
		-H "Connection: close"
	by_smc "redis, 50 clients" redis
}

data() {
	by_smc "$bytes both ways at once" test_program smc_xfer -b "$bytes" -m 1M
	by_smc "8 connections at once" test_program smc_xfer -j 8 -b 1M -r epoll
	by_smc "slow readers" test_program smc_xfer -z -b 2M
	by_smc "half-close, then $(address "$S") goes on" test_program smc_xfer \
		-b 1K -B 4M
	by_smc "half-close, then $(address "$C") goes on" test_program smc_xfer \
		-b 4M -B 1K
	# Sockets from stock's accept() do not have their listener's SO_OOBINLINE
	[ "${module[$S]}" != ours ] || by_smc "urgent bytes in the stream" \
		test_program smc_xfer -w urgent -b 256K
	by_smc "urgent bytes beside the stream" test_program smc_urgent
	by_smc "$connections connections in a row" test_program smc_crr \
		-n "$connections"
	by_smc "$at_once connections at once" test_program smc_many \
		-n "$at_once" -c "$at_once"
}

endings() {
	local fallbacks
	fallbacks=$(counters Fallback)
	check "every ending" test_program smc_churn "${tolerant[@]}" -j 4 -n 20
	check_eq "every ending: the server saw what it should" "" \
		"$(cat "$(bg_out churn)")"
	check_eq "every ending: no fallback" "$fallbacks" "$(counters Fallback)"
}

# killed WHO GUEST: data flows, then the program there dies
killed() {
	local before
	before=$(rdma_stat "$C" sent_pkts)
	bg "$C" flow "$TESTS/smc_xfer" -A af_smc -p 5902 -b 4000M -m 256K \
		"$(address "$S")"
	check "data flows" wait_for "$C" "[ \$(cat \
		/sys/class/infiniband/rxe_*/ports/1/hw_counters/sent_pkts) \
		-gt $((before + 2000)) ]" $((30 * patience))
	on "$2" 'pkill -9 smc_xfer'
	flow_failed "the $1 is killed, the client ends" \
		"$([ "$2" = "$S" ] && echo 1 || echo 137)"
	if [ "$2" = "$S" ]; then
		serve_one xfer:5902
		return
	fi
	check "the $1 is killed, the server ends" wait_for "$S" \
		'[ $(pgrep -c smc_xfer) -le 2 ]' 30
}

all_scenarios() { # CLIENT SERVER
	C=$1 S=$2
	sub_begin "client $C (${module[$C]}), server $S (${module[$S]})"
	serve
	by_smc "first contact" test_program smc_crr -n 1
	data
	real_programs
	endings
	killed client "$C"
	killed server "$S"
	by_smc "then one more" test_program smc_xfer -b 1M
	end_servers
	sub_end
}

# comes_back GUEST: its module goes, with link groups that are idle; the next
# connections make new ones
comes_back() {
	sub_begin "the module of $1 (${module[$1]}) comes and goes"
	check "unloads" unload "$1"
	check "loads" load "$1"
	serve
	by_smc "connects again" test_program smc_xfer -b 1M
	end_servers
	sub_end
}
