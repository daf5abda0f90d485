# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What test scripts share. A script runs on the host, talks KTAP on stdout, and
# drives guests that are already there. Its header says what it needs:
#
#   # topology: one | two | host   one guest with rxe on lo; guests A and B with
#                                  rxe on eth0; no guest at all
#   # vm: --smp 2 --mem 4096       more options of "vm up" (own guests then)
#   # kernels: 6.12                only on these series
#   # peer kernel: 6.12            that of guest B, whatever A has
#   # timeout: 300                 seconds for the whole script
#   # may skip: REGEX              results that are allowed to be skipped
#   # log allow: REGEX             kernel log lines that are no failure here
#   # only by name: WHY            not part of the whole: takes long, or is young
#
# By hand: "run NAME" boots guests, runs NAME and ends them. To keep guests, start
# them with "run --up NAME", then call the script itself as often as needed with
# SMC_VM= set as printed.

set -u

TEST_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TEST=$(basename "$0" .sh)
TOP=$(cd "$TEST_DIR/../../../../.." && pwd)
VM=$TOP/scripts/vm
# Programs of this folder, and the tools, at the same path on host and guests.
# shellcheck disable=SC2034
TESTS=$TOP/build/tests
# shellcheck disable=SC2034
TOOLS=$TOP/build/tools
# Writable from host and guests.
# shellcheck disable=SC2034
SHARE_HOST=$TOP/build/vm/${SMC_VM:-none}/share
# shellcheck disable=SC2034
SHARE=/run/vm
TMP=$(mktemp -d "${TMPDIR:-/tmp}/smc-$TEST.XXXXXX")

if [ -z "${SMC_VM-}" ] && ! grep -q '^# topology: host' "$0"; then
	echo "Bail out! SMC_VM is not set; use $TEST_DIR/run $TEST"
	exit 1
fi

# --- commands in guests --------------------------------------------------

# on GUEST COMMAND...: one argument is a shell command line, several are run as
# they stand. ON_TIMEOUT seconds, then status 124; 125 if the guest died.
on() {
	"$VM" exec -n "$SMC_VM" -t "${ON_TIMEOUT:-60}" "$@"
}

# the same with this script's standard input
on_in() {
	"$VM" exec -n "$SMC_VM" -t "${ON_TIMEOUT:-60}" -i "$@"
}

# bg GUEST NAME COMMAND...: in the background; output in $(bg_out NAME)
bg() {
	local guest=$1 name=$2
	shift 2
	rm -f "$TMP/$name.status"
	(
		ON_TIMEOUT=${ON_TIMEOUT:-600} on "$guest" "$@" \
			>"$TMP/$name.out" 2>&1 </dev/null &
		echo $! >"$TMP/$name.pid"
		wait $!
		echo $? >"$TMP/$name.status"
	) &
	until [ -s "$TMP/$name.pid" ]; do :; done
}

bg_out() {
	echo "$TMP/$1.out"
}

# wait_bg NAME [SECONDS]: exit status of the command; 124 and killed if too late
wait_bg() {
	local end=$((SECONDS + ${2:-60} * ${SMC_SLOW:-1} + 1))
	until [ -s "$TMP/$1.status" ]; do
		if [ $SECONDS -ge $end ]; then
			kill_bg "$1"
			return 124
		fi
		sleep 0.05
	done
	return "$(cat "$TMP/$1.status")"
}

kill_bg() {
	[ -s "$TMP/$1.status" ] || kill "$(cat "$TMP/$1.pid")" 2>/dev/null || true
}

# wait_for GUEST CONDITION SECONDS: until a shell command succeeds there
wait_for() {
	ON_TIMEOUT=${3:-20} on "$1" \
		"until { $2; } >/dev/null 2>&1; do sleep 0.05; done" 2>/dev/null
}

# wait_port GUEST PORT [SECONDS]: until something listens
wait_port() {
	wait_for "$1" "ss -Hltn 'sport = :$2' | grep -q ." "${3:-20}"
}

smc_loaded() {
	on "$1" '[ -d /sys/module/smc ]'
}

smc_load() {
	on "$1" '[ -d /sys/module/smc ] && exit
		set -e
		ko=build/$(uname -r)/smc.ko
		for m in $(modinfo -F depends $ko | tr , " "); do
			[ -d /sys/module/$m ] || modprobe $m
		done
		insmod $ko '"${*:2}"
}

smc_unload() {
	on "$1" '[ ! -d /sys/module/smc ] && exit
		[ ! -d /sys/module/smc_diag ] || rmmod smc_diag
		rmmod smc'
}

# smc_stat GUEST NAME: one counter of the module, 0 if there is none
smc_stat() {
	on "$1" "awk -v n=$2 '\$1 == n { v = \$2 } END { print v + 0 }' \
		/proc/net/smc_stat 2>/dev/null || echo 0"
}

# rdma_stat GUEST NAME [DEVICE]: counter of the RDMA device, such as sent_pkts
rdma_stat() {
	on "$1" "cat /sys/class/infiniband/${3:-rxe_*}/ports/1/hw_counters/$2"
}

# --- results -------------------------------------------------------------

ktap_n=(0)
ktap_failed=(0)
ktap_skipped=(0)
ktap_planned=(0)
ktap_name=()
ktap_level=0
ktap_indent=

# ktap_begin [PLAN]
ktap_begin() {
	ktap_planned[0]=${1:-0}
	echo "KTAP version 1"
	[ "${1:-0}" -eq 0 ] || echo "1..$1"
}

ktap_result() {
	ktap_n[ktap_level]=$((ktap_n[ktap_level] + 1))
	echo "$ktap_indent$1 ${ktap_n[ktap_level]} - $2"
}

diag() {
	local line
	printf '%s\n' "$*" | while IFS= read -r line; do
		echo "$ktap_indent# $line"
	done
}

ok() {
	ktap_result ok "$1"
}

# not_ok NAME [DIAGNOSTICS]
not_ok() {
	ktap_failed[ktap_level]=$((ktap_failed[ktap_level] + 1))
	[ $# -eq 1 ] || diag "$2"
	ktap_result "not ok" "$1"
}

# skip NAME REASON
skip() {
	ktap_skipped[ktap_level]=$((ktap_skipped[ktap_level] + 1))
	ktap_result ok "$1 # SKIP $2"
}

# check NAME COMMAND...: passes if the command does; shows output if it does not
check() {
	local name=$1 out status
	shift
	out=$("$@" 2>&1)
	status=$?
	if [ $status -eq 0 ]; then
		ok "$name"
	else
		not_ok "$name" "$(echo "$out" | tail -n 20)
status $status of: $*"
	fi
	return $status
}

# check_eq NAME EXPECTED ACTUAL
check_eq() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "expected: $2
got: $3"
	fi
}

# check_fails NAME COMMAND...: an error of the command's own
check_fails() {
	local name=$1 out status=0
	shift
	out=$("$@" 2>&1) || status=$?
	case $status in
	0) not_ok "$name" "should have failed: $*
$out" ;;
	12[4-7]) not_ok "$name" "status $status: $*
$out" ;;
	*) ok "$name" ;;
	esac
}

# flow_failed NAME [STATUS]: "bg GUEST flow smc_xfer ..." ends because its
# connection does
flow_failed() {
	local status=0
	wait_bg flow 60 || status=$?
	if [ $status -eq "${2:-1}" ] && ! grep -q "is wrong" "$(bg_out flow)"; then
		ok "$1"
	else
		not_ok "$1" "status $status
$(cat "$(bg_out flow)")"
	fi
}

# sub_begin NAME ... sub_end: a group of results that counts as one above
sub_begin() {
	echo "$ktap_indent# Subtest: $1"
	ktap_level=$((ktap_level + 1))
	ktap_indent="$ktap_indent  "
	ktap_name[ktap_level]=$1
	ktap_n[ktap_level]=0
	ktap_failed[ktap_level]=0
	ktap_skipped[ktap_level]=0
	echo "${ktap_indent}KTAP version 1"
}

sub_end() {
	local n=${ktap_n[ktap_level]} failed=${ktap_failed[ktap_level]}
	local skipped=${ktap_skipped[ktap_level]} name=${ktap_name[ktap_level]}

	echo "${ktap_indent}1..$n"
	ktap_level=$((ktap_level - 1))
	ktap_indent=${ktap_indent#  }
	if [ "$failed" -gt 0 ] || [ "$n" -eq 0 ]; then
		not_ok "$name"
	elif [ "$skipped" -eq "$n" ]; then
		skip "$name" "all of it"
	else
		ok "$name"
	fi
}

# relay NAME GUEST COMMAND...: its KTAP as a group of results
relay() {
	local line notes='' name=$1
	shift
	sub_begin "$name"
	ON_TIMEOUT="${ON_TIMEOUT:-250}" on "$@" >"$TMP/ktap" 2>&1
	while IFS= read -r line; do
		case $line in
		'ok '*) ok "${line#ok * - }" ;;
		'not ok '*)
			not_ok "${line#not ok * - }" "$notes"
			notes=
			;;
		'# '*) notes="$notes${notes:+
}${line#\# }" ;;
		'KTAP version'* | 1..*) ;;
		*) not_ok "its output is clean" "$line" ;;
		esac
	done <"$TMP/ktap"
	tail -n 1 "$TMP/ktap" | grep -q '^1\.\.' ||
		not_ok "it runs to its end" "$(tail -n 5 "$TMP/ktap")"
	sub_end
}

# ktap_end: the last command of a script
ktap_end() {
	trap - EXIT
	[ "${ktap_planned[0]}" -gt 0 ] || echo "1..${ktap_n[0]}"
	ktap_cleanup
	[ "${ktap_failed[0]}" -eq 0 ] || exit 1
	[ "${ktap_skipped[0]}" -lt "${ktap_n[0]}" ] || exit 4
	exit 0
}

ktap_cleanup() {
	local f
	for f in "$TMP"/*.pid; do
		[ -e "$f" ] && kill_bg "$(basename "$f" .pid)"
	done
	wait
	rm -rf "$TMP"
}

# a script that ends early has failed, whatever it has printed so far
ktap_abort() {
	local status=$?
	while [ $ktap_level -gt 0 ]; do sub_end; done
	not_ok "runs to its end" "left with status $status"
	ktap_end
}
trap ktap_abort EXIT
trap 'exit 143' TERM INT

# --- between tests, called by the runner ---------------------------------

# guest_reset GUEST: end what a test left behind; fails if smc.ko stays
guest_reset() {
	on "$1" 'kill -9 -1 2>/dev/null
		for d in $(ls /sys/class/net); do
			tc qdisc del dev $d root 2>/dev/null
		done
		nft flush ruleset 2>/dev/null
		rm -rf /run/vm/*
		sh scripts/vm-guest/net || exit 1
		n=0
		while [ -d /sys/module/smc_diag ] && ! rmmod smc_diag ||
		      [ -d /sys/module/smc ] && ! rmmod smc; do
			n=$((n + 1))
			[ $n -lt 40 ] || exit 1
			sleep 0.1
		done 2>/dev/null
		exit 0'
}

# guest_leaks GUEST: fails and shows what was allocated and is held by nobody.
# kmemleak leaves objects alone that are younger than five seconds, and judges
# only those that have not changed since the scan before.
guest_leaks() {
	on "$1" 'leaks=/sys/kernel/debug/kmemleak
		[ -e $leaks ] || exit 0
		sleep 6
		for i in 1 2; do echo scan >$leaks || exit 1; done
		found=$(cat $leaks)
		[ -n "$found" ] || exit 0
		echo "$found"
		echo clear >$leaks
		exit 1'
}
