#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: one
# timeout: 1200
# smc_policy: TCP sockets of programs that nobody can preload become SMC
# sockets, by cgroup, user and name, those of others do not. By BPF where the
# kernel has the hook, and by the module's sysctl on all.
. "$(dirname "$0")/lib.sh"

policy=$TOOLS/smc_policy
prog=$TESTS/static_sockets
all_tcp="tcp tcp tcp tcp other other other other"
all_smc="smc smc smc smc other other other other"

# kinds NAME EXPECTED [WRAPPER]: what sockets the static program gets
kinds() {
	check_eq "$1" "$2" "$(on A "${3-} $prog kinds" 2>&1)"
}

run_policy() {
	on A "$policy $*" 2>&1
}

# status EXPECTED-STATUS COMMAND-LINE
exits() {
	check_eq "$1" "$2" "$(on A "$3" >"$TMP/out" 2>&1; echo $?)"
}

# for the shell there
# shellcheck disable=SC2016
in_cgroup='f() { echo $$ >/sys/fs/cgroup/$1/cgroup.procs; shift; exec "$@"; };'
inside="sh -c '$in_cgroup f box/inner \"\$@\"' sh"
beside="sh -c '$in_cgroup f neighbour \"\$@\"' sh"
by_user='setpriv --reuid 12345 --clear-groups'

by_cgroup() {
	check "a rule for a cgroup" run_policy on --cgroup /sys/fs/cgroup/box
	kinds "in a cgroup below it" "$all_smc" "$inside"
	kinds "its neighbour" "$all_tcp" "$beside"
	kinds "outside" "$all_tcp"
	local before
	before=$(smc_stat A ClientSmc)
	check_eq "a static program talks" "done" "$(on A "$inside $prog talk")"
	check_eq "by SMC" 2 $(($(smc_stat A ClientSmc) - before))
	check_eq "its neighbour talks" "done" "$(on A "$beside $prog talk")"
	check_eq "by TCP" 2 $(($(smc_stat A ClientSmc) - before))
	check_eq "status tells the path" 1 \
		"$(run_policy status | grep -cx 'cgroup /sys/fs/cgroup/box')"
	check "another rule, as a relative path" \
		run_policy on --cgroup neighbour
	kinds "the neighbour, too" "$all_smc" "$beside"
	check "take the first away" run_policy off --cgroup box
	kinds "it is TCP again" "$all_tcp" "$inside"
	kinds "the neighbour is not" "$all_smc" "$beside"
	check "a cgroup goes" on A rmdir /sys/fs/cgroup/neighbour
	check_eq "status tells it" 1 "$(run_policy status | grep -c '(gone)')"
	check "rules of cgroups that are gone" run_policy on --user 12345
	check_eq "go with the next command" 0 \
		"$(run_policy status | grep -c cgroup)"
	check "make it again" on A mkdir /sys/fs/cgroup/neighbour
	check "off" run_policy off
}

by_user() {
	check "a rule for a user" run_policy on --user 12345
	kinds "of that user" "$all_smc_but_raw" "$by_user"
	kinds "of another" "$all_tcp"
	check "a name for another" run_policy on --user root
	kinds "of both" "$all_smc"
	check_eq "status tells the name" 1 \
		"$(run_policy status | grep -cx 'user root')"
	check "off" run_policy off
	check "a rule for a program" run_policy on --program static_sockets.old
	kinds "a program of another name" "$all_tcp"
	check "rename it" on A "cp $prog /tmp/static_sockets.old"
	check_eq "a name longer than 15 bytes" "$all_smc" \
		"$(on A /tmp/static_sockets.old kinds)"
	check "off" run_policy off
	check_eq "and TCP again" "$all_tcp" \
		"$(on A /tmp/static_sockets.old kinds)"
}
all_smc_but_raw="smc smc smc smc other other none other"

everybody() {
	check "on for all" run_policy on
	kinds "all stream sockets of TCP" "$all_smc"
	exits "status: 0" 0 "$policy status"
	check "names how" grep -q "^on, by $1\$" "$TMP/out"
	check_eq "AF_SMC and smc_run as before" "done" \
		"$(on A "$TOOLS/smc_run $prog talk")"
	check "AF_SMC" on A "/usr/bin/python3 -c '
import socket
for f, p in (43, 0), (43, 1), (2, 256), (10, 256):
    socket.socket(f, socket.SOCK_STREAM, p)'"
	kinds "another network namespace" "$all_tcp" "unshare -n"
	check_eq "has no policy" "off" "$(on A "unshare -n $policy status")"
	check_eq "and can have its own" "$all_smc off" \
		"$(on A "unshare -n sh -c '$policy on && $prog kinds &&
			$policy off && $policy status'" | tr '\n' ' ' |
			sed 's/ $//')"
	kinds "which changes nothing here" "$all_smc"
	check_eq "with mounts of its own, too" "$all_smc on $all_tcp off" "$(on A "
		ip netns add mounts
		ip netns exec mounts $policy on >/dev/null
		ip netns exec mounts $prog kinds
		nsenter --net=/run/netns/mounts $policy status | cut -d, -f1 |
			head -n 1
		ip netns exec mounts $policy off >/dev/null
		ip netns exec mounts $prog kinds
		ip netns exec mounts $policy status
		ip netns delete mounts" | tr '\n' ' ' | sed 's/ $//')"
	check "off" run_policy off
	exits "status: 3" 3 "$policy status"
	kinds "TCP again" "$all_tcp"
}

limits() {
	local words
	exits "a user may not switch it on" 1 "$by_user $policy on"
	kinds "and does not" "$all_tcp"
	check "on" run_policy on --user 12345
	exits "a user may not switch it off" 1 "$by_user $policy off"
	kinds "and does not" "$all_smc_but_raw" "$by_user"
	[ "$how" != BPF ] ||
		exits "nor see it" 1 "$by_user $policy status"
	check_eq "but in a namespace of its own" "$all_smc" \
		"$(on A "$by_user unshare -Urn sh -c '$policy on && $prog kinds'")"
	check "off" run_policy off
	check "a rule" run_policy on --user 4
	words=$(seq -f '--user %.0f' 1000 1126 | tr '\n' ' ')
	check "128 rules" run_policy on "$words"
	exits "not 129" 1 "$policy on --user 999"
	check_eq "are kept" 129 "$(run_policy status | wc -l)"
	check "off" run_policy off
}

# under_fire NAME NICE COMMAND-LINE: while four threads make sockets; some time,
# both kinds must be there for as long as it takes to make one
under_fire() {
	on A touch /tmp/churning
	bg A churn nice -n "$2" "$prog" churn /tmp/churning
	ON_TIMEOUT=300 check "$1" on A "$3"
	on A rm /tmp/churning
	check "the program saw no error" wait_bg churn 30
	check "and sockets of both kinds" \
		grep -q '^smc [1-9][0-9]* tcp [1-9]' "$(bg_out churn)"
}

churn() {
	# loading the program takes its time; rules that stay keep it there
	under_fire "on and off 100 times" 15 "
		for i in 1 2 3; do
			$policy on && sleep 0.2 && $policy off || exit 1
		done
		$policy on --user 54321
		sleep 0.5
		for i in \$(seq 50); do
			$policy on --program static_sockets &&
			$policy off --program static_sockets || exit 1
		done
		$policy off"
	check_eq "off in the end" "off" "$(run_policy status)"
}

# the module's own way, also where BPF is at hand
knob=/proc/sys/net/smc/tcp2smc
sysctl() {
	check_eq "0 at first" 0 "$(on A cat $knob)"
	check "1" on A "echo 1 >$knob"
	kinds "is all" "$all_smc"
	check_eq "is kept" 1 "$(on A cat $knob)"
	for word in x 2 user= user=x user=-1 user=4294967295 cgroup= \
		program= program=1234567890123456 'user=1,' ',user=1' 1,0; do
		check_fails "'$word' is refused" on A "echo $word >$knob"
	done
	check_eq "and changes nothing" 1 "$(on A cat $knob)"
	check "a list" on A "echo user=12345,program=x y,user=7 >$knob"
	kinds "fits a user" "$all_smc_but_raw" "$by_user"
	kinds "not another" "$all_tcp"
	check_eq "is kept as it was" "user=12345,program=x y,user=7" \
		"$(on A cat $knob)"
	check_eq "status names this way" "on, by sysctl" \
		"$(run_policy status | head -n 1)"
	check "off ends it" run_policy off
	check_eq "0 again" 0 "$(on A cat $knob)"
	check "on again" on A "echo 1 >$knob"
	check_eq "MPTCP is as before" "done" "$(on A "/usr/bin/python3 -c '
from socket import *
a = socket(AF_INET, SOCK_STREAM, 262); a.bind((\"127.0.0.1\", 0)); a.listen()
c = socket(AF_INET, SOCK_STREAM, 262); c.connect(a.getsockname())
s = a.accept()[0]; c.send(b\"done\"); print(s.recv(9).decode())'" 2>&1)"
	check "a namespace ends with a policy" on A \
		"unshare -n sh -c 'echo 1 >$knob'"
	check "unloads while it is on" smc_unload A
	kinds "TCP without the module" "$all_tcp"
	check "loads" smc_load A
	check_eq "0 after that" 0 "$(on A cat $knob)"
	under_fire "on and off 2000 times" 0 "for i in \$(seq 1000); do
			echo 1 >$knob && echo 0 >$knob || exit 1
		done
		sleep 0.5; echo 1 >$knob; sleep 0.5; echo 0 >$knob"
	# callers must not be left in code that is gone
	under_fire "unloads" 0 "for i in 1 2 3 4 5; do
			echo 1 >$knob; sleep 0.2; n=0
			until rmmod smc 2>/dev/null; do
				n=\$((n + 1)); [ \$n -lt 20 ] || echo 0 >$knob
				[ \$n -lt 200 ] || exit 1
			done
			insmod build/\$(uname -r)/smc.ko; sleep 0.2
		done"
}

ktap_begin
check "loads" smc_load A
check "cgroups" on A 'mkdir -p /sys/fs/cgroup/box/inner /sys/fs/cgroup/neighbour'
if on A "grep -q ' update_socket_protocol$' /proc/kallsyms"; then
	how=BPF
else
	how=sysctl
fi

exits "off at first: 3" 3 "$policy status"
exits "no command: 2" 2 "$policy"
exits "unknown command: 2" 2 "$policy maybe"
exits "unknown option: 2" 2 "$policy on --group x"
exits "status with a rule: 2" 2 "$policy status --user 0"
exits "no such cgroup: 1" 1 "$policy on --cgroup none/such"
exits "not a cgroup: 1" 1 "$policy on --cgroup /tmp"
exits "no such user: 1" 1 "$policy on --user nobody-such"
exits "no program name: 1" 1 "$policy on --program a/b"
exits "help: 0" 0 "$policy --help"
exits "still off: 3" 3 "$policy status"
for part in everybody by_cgroup by_user limits churn; do
	sub_begin "$part, $how"
	$part $how
	sub_end
done
sub_begin "the module goes"
check "on" run_policy on
check "unloads" smc_unload A
kinds "sockets are TCP" "$all_tcp"
exits "on needs the module: 1" 1 "$policy on"
check "loads" smc_load A
if [ $how = BPF ]; then
	kinds "the policy was kept" "$all_smc"
	check "off" run_policy off
fi
check_eq "nothing is left pinned" "" "$(on A ls /sys/fs/bpf)"
sub_end
sub_begin "sysctl"
sysctl
sub_end
check "unloads" smc_unload A
ktap_end
