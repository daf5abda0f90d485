#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: one
# timeout: 600
# may skip: that stay locked keep nobody waiting
# Peers that show the SMC option and do not speak SMC: one connection pays for
# it, the others do not; the time doubles, is over some day, and can be seen and
# ended. The peer is an SMC server whose messages a filter swallows.
. "$(dirname "$0")/lib.sh"

# port 5999 is silent, 5998 is not
on_in A 'cat >/tmp/peers.py' <<'END'
import os
import select
import sys
import threading
import time
from socket import AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY, create_connection, socket
import socket as s
def server(port):
    a = socket(AF_INET6, s.SOCK_STREAM, 256)
    a.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 0)
    a.bind(("::", port))
    a.listen(1000)
    keep = []
    while True:
        keep.append(a.accept()[0])
def client(host, port):
    c = socket(AF_INET6 if ":" in host else s.AF_INET, s.SOCK_STREAM, 256)
    begin = time.monotonic()
    try:
        c.connect((host, port))
        c.send(b"x")
        word = "fine"
    except OSError as e:
        # whoever gives up first
        word = "failed" if e.errno in (104, 110) else e.strerror
    took = time.monotonic() - begin
    print(f"{word}, {'at once' if took < 3 else 'late'}", flush=True)
    c.close()
if sys.argv[1] == "server":
    with open("/tmp/peers.pid", "w") as f:
        f.write(str(os.getpid()))
    threading.Thread(target=server, args=(5998,)).start()
    server(5999)
elif sys.argv[1] == "shutdown":
    # of a connection in its handshake, to programs one in SYN_SENT
    c = socket(s.AF_INET, s.SOCK_STREAM, 256)
    c.setblocking(False)
    word = c.connect_ex(("127.0.0.20", 5999))
    time.sleep(1)
    begin = time.monotonic()
    c.shutdown(s.SHUT_RDWR)
    took = time.monotonic() - begin
    c.setblocking(True)
    c.connect(("127.0.0.20", 5998))
    print(f"{word}, {'at once' if took < 3 else 'late'}, {c.send(b'x')} sent")
elif sys.argv[1] == "again":
    # the peer's TCP ends it in the handshake; then the same socket once more
    for host, blocking in ("127.0.0.21", True), ("127.0.0.22", False):
        c = socket(s.AF_INET, s.SOCK_STREAM, 256)
        c.setblocking(blocking)
        os.system(f"nft add rule inet smctest again ip daddr {host} "
                  "tcp flags \\& psh == psh reject with tcp reset")
        words = [c.connect_ex((host, 5998))]
        if not blocking:
            select.select([c], [c], [c], 20)
            words.append(c.connect_ex((host, 5998)))
        os.system("nft flush chain inet smctest again")
        c.setblocking(True)
        words.append(c.connect_ex((host, 5998)))
        print(*words, c.send(b"x"), "sent")
else:
    for host in sys.argv[3:]:
        threading.Thread(target=client, args=(host, int(sys.argv[2]))).start()
END

client() { # PORT HOST...
	on A "/usr/bin/python3 -IS /tmp/peers.py client $*" 2>&1
}

# failures HOST: how many are noted; nothing if the peer is not there
failures() {
	on A "awk '\$1 == \"$1\" { print \$2 }' /proc/net/smc_peers"
}

# left HOST: seconds
left() {
	on A "awk '\$1 == \"$1\" { print \$4 }' /proc/net/smc_peers"
}

lines() {
	on A "wc -l </proc/net/smc_peers"
}

silent="failed, late"

ktap_begin
check "loads" smc_load A
check_eq "nobody is there at first" "Peer Failures Age Left" \
	"$(on A cat /proc/net/smc_peers)"
check "addresses" on A 'ip addr add 127.0.0.8/8 dev lo
	ip addr add 127.0.0.9/8 dev lo
	nft add table inet smctest
	nft "add chain inet smctest out { type filter hook output priority 0; }"
	nft add rule inet smctest out tcp sport 5999 tcp flags \& psh == psh drop'
bg A server "ulimit -n 4096; exec /usr/bin/python3 -IS /tmp/peers.py server"
wait_port A 5999

check_eq "three connections at once fail" "$silent
$silent
$silent" "$(client 5999 127.0.0.9 127.0.0.9 127.0.0.8)"
check_eq "that is one failure" "1 1" \
	"$(failures 127.0.0.9) $(failures 127.0.0.8)"
wait=$(left 127.0.0.9)
check "for a minute" test "${wait:-0}" -gt 20 -a "${wait:-0}" -le 60
before=$(smc_stat A Avoided)
check_eq "the next one is made at once" "fine, at once" \
	"$(client 5999 127.0.0.9)"
check_eq "by TCP" 1 $(($(smc_stat A Avoided) - before))
before=$(smc_stat A ClientSmc)
check_eq "other peers are not concerned" "fine, at once" \
	"$(client 5998 127.0.0.1)"
check_eq "and speak SMC" 1 $(($(smc_stat A ClientSmc) - before))
check_eq "an IPv6 peer" "$silent" "$(client 5999 ::1)"
check_eq "is there too" 1 "$(failures ::1)"
check_eq "another network namespace has none" 1 \
	"$(on A 'unshare -n cat /proc/net/smc_peers' | wc -l)"

check_eq "shutdown() in the handshake ends it" "115, at once, 1 sent" \
	"$(on A '/usr/bin/python3 -IS /tmp/peers.py shutdown' 2>&1)"

on A 'nft "add chain inet smctest again { type filter hook output priority 1; }"'
check_eq "a reset in the handshake is an error, and leaves nothing" \
	"104 0 1 sent
115 104 0 1 sent" "$(on A '/usr/bin/python3 -IS /tmp/peers.py again' 2>&1)"

check "a minute passes" wait_for A "awk '\$1 ~ /^127/ && \$4 > 0 { exit 1 }' \
	/proc/net/smc_peers" 120
before=$(smc_stat A ClientSmc)
check_eq "a peer that is better now" "fine, at once" "$(client 5998 127.0.0.8)"
check_eq "speaks SMC" 1 $(($(smc_stat A ClientSmc) - before))
check_eq "and is forgotten" "" "$(failures 127.0.0.8)"
check_eq "of one that is not, one connection pays" "fine, at once
fine, at once
$silent" "$(client 5999 127.0.0.9 127.0.0.9 127.0.0.9)"
check_eq "it has failed twice" 2 "$(failures 127.0.0.9)"
wait=$(left 127.0.0.9)
check "for two minutes" test "${wait:-0}" -gt 70 -a "${wait:-0}" -le 120

check_fails "users cannot flush" on A \
	"setpriv --reuid 12345 --clear-groups sh -c 'echo flush >/proc/net/smc_peers'"
check_fails "nonsense is refused" on A "echo flash >/proc/net/smc_peers"
check_eq "they are still there" 5 "$(lines)"
check "another namespace's flush" on A \
	"unshare -n sh -c 'echo flush >/proc/net/smc_peers'"
check_eq "is none of ours" 5 "$(lines)"
check "flush" on A "echo flush >/proc/net/smc_peers"
check_eq "nobody is there" 1 "$(lines)"
before=$(smc_stat A ClientSmc)
check_eq "and is asked again" "fine, at once" "$(client 5998 127.0.0.9)"
check_eq "by SMC" 1 $(($(smc_stat A ClientSmc) - before))

ON_TIMEOUT=120 client 5999 127.0.{1..4}.{1..100} >"$TMP/many"
check_eq "400 silent peers" 400 "$(grep -cx "$silent" "$TMP/many")"
n=$(lines)
check "take no more room than there is" test "$n" -gt 100 -a "$n" -le 257

on A 'echo flush >/proc/net/smc_peers'
for what in clients listeners; do
	name="$what that stay locked keep nobody waiting"
	if on A '[ -e /proc/sys/vm/unprivileged_userfaultfd ]'; then
		check_eq "$name" "560 held, at once" "$(ON_TIMEOUT=60 on A \
			"ulimit -n 4096; $TESTS/smc_held $what 560 5999 5998" 2>&1)"
	else
		skip "$name" "no userfaultfd() in this kernel"
	fi
done

on A 'kill $(cat /tmp/peers.pid); nft delete table inet smctest
	ip addr del 127.0.0.8/8 dev lo; ip addr del 127.0.0.9/8 dev lo'
check "unloads" wait_for A 'rmmod smc' 20
ktap_end
