#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: host
# scripts/vm tells passed, failed, timed out, dead and unclean apart.
. "$(dirname "$0")/lib.sh"

status() {
	"$@" >/dev/null 2>&1 </dev/null
	echo $?
}

# verdict: that of the kernel's words so far, and these if there are any
verdict() {
	local status=0
	"$VM" check -n "$SMC_VM" 2>&1 </dev/null || status=$?
	echo $status
}

ktap_begin
SMC_VM=lab-$$
if ! check "a guest starts" "$VM" up -n "$SMC_VM"; then
	ktap_end
fi
trap 'trap - EXIT; "$VM" down -n "$SMC_VM"; ktap_abort' EXIT

check_eq "passed" 0 "$(status on A true)"
check_eq "failed" 7 "$(status on A 'exit 7')"
check_eq "no such program" 127 "$(status on A nonexistent program)"
check_eq "killed by a signal" 137 "$(status on A 'kill -9 $$')"
check_eq "arguments stay as they are" "a  b|\$c" "$(on A printf '%s|%s' 'a  b' '$c')"
check_eq "standard input" hello "$(echo hello | on_in A cat)"
check_eq "standard error" "x" "$(on A 'echo x >&2' 2>&1 >/dev/null)"
check_eq "much output" 3000000 "$(on A head -c 3000000 /dev/zero | wc -c)"
bg A sleeper 'sleep 2; exit 5'
check_eq "another command meanwhile" 0 "$(status on A true)"
check_eq "status of a background command" 5 "$(status wait_bg sleeper)"
check_eq "timed out" 124 "$(ON_TIMEOUT=1 status on A sleep 100)"
check_fails "nothing is left of it" on A pgrep -x sleep
check_fails "Debian's smc.ko does not load by itself" on A modprobe smc
check_fails "the host's files are not written" on A "touch $TOP/Makefile"
check_eq "clean so far" 0 "$(verdict)"
on A 'echo "<4>WARNING: CPU: 0 PID: 1 at lab" >/dev/kmsg'
check_eq "a warning is found" 3 "$(status "$VM" check -n "$SMC_VM")"
check_eq "once" 0 "$(verdict)"
"$VM" pause -n "$SMC_VM" A
check_eq "a paused guest does nothing" 124 "$(ON_TIMEOUT=1 status on A true)"
"$VM" resume -n "$SMC_VM" A
check_eq "then it goes on" 0 "$(status on A true)"
"$VM" kill -n "$SMC_VM" A
check_eq "a killed guest is dead" 125 "$(status on A true)"
check_eq "and that is no fault" 0 "$(verdict)"
check_eq "it boots again" 0 "$(status "$VM" restart -n "$SMC_VM" A)"
check_eq "and works" 0 "$(status on A true)"
check_eq "guest died" 125 "$(status on A 'echo c >/proc/sysrq-trigger')"
check_eq "and stays so" 125 "$(status on A true)"
check_eq "the end tells it too" 3 "$(status "$VM" down -n "$SMC_VM")"
trap ktap_abort EXIT
ktap_end
