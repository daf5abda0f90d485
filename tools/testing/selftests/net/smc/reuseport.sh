#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: one
# Listeners that share a port: TCP moves a connection to another one when its
# own is closed (net.ipv4.tcp_migrate_req). What its client was promised in the
# SYN/ACK holds, or the connection ends; no program gets a byte of a handshake.
. "$(dirname "$0")/lib.sh"

# move FROM TO MESSAGE...: kinds of listeners, and what the client says after its
# own was closed. TCP makes no child before there is data, to have that be later.
on_in A 'cat >/tmp/move.py' <<'END'
import os
import sys
from socket import (AF_INET, IPPROTO_TCP, SO_REUSEPORT, SOCK_STREAM, SOL_SOCKET,
                    TCP_DEFER_ACCEPT, TCP_FASTOPEN, socket)
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from clc_lies import decline
ADDR = ("127.0.0.1", 5997)
def listener(kind):
    s = socket(AF_INET, SOCK_STREAM, 0 if kind == "tcp" else 256)
    s.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1)
    s.setsockopt(IPPROTO_TCP, TCP_DEFER_ACCEPT, 30)
    if kind == "fallback":
        s.setsockopt(IPPROTO_TCP, TCP_FASTOPEN, 8)
    s.bind(ADDR)
    s.settimeout(10)
    s.listen()
    return s
def word(what):
    try:
        return what().decode()
    except OSError as e:
        return os.strerror(e.errno) if e.errno else str(e)
def answer():
    s = second.accept()[0]
    s.settimeout(10)
    got = s.recv(99)
    s.send(b"answer")
    return got
def result():
    got = client.recv(99)
    return b"answer" if got.endswith(b"answer") else got
first = listener(sys.argv[2])
client = socket(AF_INET, SOCK_STREAM)
client.settimeout(10)
client.connect(ADDR)
second = listener(sys.argv[3])
first.close()
for what in sys.argv[4:]:
    client.send(decline() if what == "decline" else what.encode())
print(f"server: {word(answer)}; client: {word(result)}")
END

move() {
	on A "timeout 60 $TESTS/synopt /usr/bin/python3 -IS /tmp/move.py \
		$TEST_DIR $*" 2>&1
}

both="server: question; client: answer"

ktap_begin
check "loads" smc_load A
check "prepared" on A 'sysctl -qw net.ipv4.tcp_migrate_req=1'
check_eq "TCP to TCP" "$both" "$(move tcp tcp question)"
check_eq "TCP to SMC" "$both" "$(move tcp smc question)"
check_eq "as a peer without SMC" 1 \
	"$(smc_stat A Fallback.server.0x03010000)"
check_eq "SMC to SMC" "$both" "$(move smc smc decline question)"
check_eq "by a Decline" 1 \
	"$(smc_stat A Fallback.server.0x05000000)"
before=$(smc_stat A ServerError)
# as a program sees a connection that is over when it accepts it
check_eq "SMC to SMC that fell back" "server: Software caused connection abort;\
 client: Connection reset by peer" "$(move smc fallback decline question)"
check_eq "is an error" 1 $(($(smc_stat A ServerError) - before))
check "unloads" smc_unload A
on A 'sysctl -qw net.ipv4.tcp_migrate_req=0'
ktap_end
