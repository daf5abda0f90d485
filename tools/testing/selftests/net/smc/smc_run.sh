#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: one
# smc_run and its library: what they change, and what they leave alone.
. "$(dirname "$0")/lib.sh"

run=$TOOLS/smc_run

status() {
	on A "$@" >"$TMP/out" 2>&1
	echo $?
}

output() {
	on A "$@" 2>&1
}

# what a python program sees of its sockets
python() {
	local wrap=$1
	shift
	on A "$wrap /usr/bin/python3 -c '
import fcntl, os, socket, struct, threading
from socket import *
$1'" 2>&1
}

ktap_begin
check "loads" smc_load A

sub_begin "the command"
check_eq "passes arguments on" "[a  b][][\$x][']" \
	"$(output "$run" printf '[%s]' 'a  b' '' '$x' "'")"
check_eq "passes the exit status on" 42 "$(status "$run" sh -c 'exit 42')"
check_eq "ends its options at --" "-d" "$(output "$run" -- echo -d)"
check_eq "leaves the program's options alone" "-d -t 5" \
	"$(output "$run" echo -d -t 5)"
check_eq "no such program: 127" 127 "$(status "$run" /none/such)"
check_eq "no such program in PATH: 127" 127 "$(status "$run" none-such)"
check_eq "not executable: 126" 126 "$(status "$run" /etc/passwd)"
check_eq "no program: 2" 2 "$(status "$run")"
check_eq "unknown option: 2" 2 "$(status "$run" -q true)"
for size in 0 x 12Q K -5 1.5M; do
	check_eq "bad size $size: 2" 2 "$(status "$run" -t "$size" true)"
done
check_eq "-h: 0" 0 "$(status "$run" -h)"
check "-h explains" grep -q 'Usage: smc_run' "$TMP/out"
check_eq "-v: 0" 0 "$(status "$run" -v)"
check "-v tells a version" grep -q '^smc_run ..*' "$TMP/out"
check_eq "keeps LD_PRELOAD" "$TOOLS/libsmc-preload.so:/other.so" \
	"$(output "LD_PRELOAD=/other.so $run sh -c 'echo \$LD_PRELOAD' 2>/dev/null")"
check_eq "works by a symbolic link" "hello" \
	"$(output "ln -s $run /tmp/link && /tmp/link echo hello")"
check_eq "library missing: 1" 1 \
	"$(status 'mkdir -p /tmp/alone && cp '"$run"' /tmp/alone &&
		/tmp/alone/smc_run true')"
check_eq "keeps several, with blanks" "$TOOLS/libsmc-preload.so:/a.so /b.so" \
	"$(output "LD_PRELOAD='/a.so /b.so' $run sh -c 'echo \$LD_PRELOAD' 2>/dev/null")"
check_eq "runs in itself" hello "$(output "$run" "$run" -d echo hello)"
# seen by the guest at the same place
usr=$TOP/build/usr.$SMC_VM
check "installs" make -s -C "$TOP/tools" O="$usr.obj" PREFIX="$usr" install
check_eq "works where installed" "$usr/lib/libsmc-preload.so" \
	"$(output "$usr/bin/smc_run sh -c 'echo \$LD_PRELOAD'")"
for page in smc_run smc_policy; do
	check "$page has a manual page" test -s "$usr/share/man/man8/$page.8"
done
check "smc_policy is installed" on A "$usr/sbin/smc_policy" --version
rm -rf "$usr" "$usr.obj"
sub_end

sub_begin "sockets"
by_smc() { # NAME PYTHON: a connection made by this code goes by SMC
	local before
	before=$(smc_stat A ClientSmc)
	check_eq "$1" "done" "$(python "$run" "$2")"
	check_eq "$1: by SMC" 1 $(($(smc_stat A ClientSmc) - before))
}
by_smc "IPv4" '
a = create_server(("127.0.0.1", 0))
c = create_connection(a.getsockname()); s = a.accept()[0]
c.sendall(b"done"); print(s.recv(9).decode())'
by_smc "IPv6" '
a = create_server(("::1", 0), family=AF_INET6)
c = socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP); c.connect(a.getsockname())
s = a.accept()[0]
c.sendall(b"done"); print(s.recv(9).decode())'
check_eq "flags are kept" "True 2050 1 / 2 0" "$(python "$run" '
def flags(f):
    s = socket(AF_INET, SOCK_STREAM | f)
    return f"{fcntl.fcntl(s, fcntl.F_GETFL)}"
import ctypes
c = ctypes.CDLL(None)
a, b = c.socket(2, 1 | 0o2004000, 0), c.socket(2, 1, 0)
g = fcntl.fcntl
print(a >= 0, g(a, 3), g(a, 1), "/", g(b, 3), g(b, 1))')"
check_eq "others are not touched" "no SMC" "$(python "$run -d" '
socket(AF_UNIX, SOCK_STREAM); socket(AF_INET, SOCK_DGRAM)
socket(AF_INET6, SOCK_DGRAM); socket(AF_NETLINK, SOCK_RAW)
socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); print("no SMC")')"
errors='
import ctypes
c = ctypes.CDLL(None, use_errno=True)
out = []
for args in (2, 4, 0), (2, 1, 17), (2, 1 | 1 << 30, 0), (99, 1, 0):
    c.socket(*args); out.append(ctypes.get_errno())
print(*out)'
check_eq "errors are the program's own" "$(python "" "$errors")" \
	"$(python "$run" "$errors")"
check_eq "-d tells of each" 2 "$(python "$run -d" '
socket(); socket(AF_INET6); socket(AF_UNIX)' | grep -c ': SMC, fd')"
check_eq "sizes of buffers" "131072 524288" "$(python "$run -t 64K -r 256K" '
s = socket(); print(*(s.getsockopt(SOL_SOCKET, o) for o in (SO_SNDBUF, SO_RCVBUF)))')"
check_eq "sizes beyond the sysctls" "8388608" "$(python "$run -t 4M" '
print(socket().getsockopt(SOL_SOCKET, SO_SNDBUF))')"
check_eq "environment instead of options" "131072" \
	"$(python "SMC_SNDBUF=64k LD_PRELOAD=$TOOLS/libsmc-preload.so" '
print(socket().getsockopt(SOL_SOCKET, SO_SNDBUF))')"
check_eq "a wrong size in the environment is ignored" 1 \
	"$(python "SMC_SNDBUF=lots SMC_DEBUG=1 LD_PRELOAD=$TOOLS/libsmc-preload.so" '
socket()' | grep -c 'is no buffer size, ignored')"
check_eq "threads at once" "200" "$(python "$run" '
n = []
b = threading.Barrier(20)
def f():
    b.wait()
    for i in range(10):
        n.append(socket())
t = [threading.Thread(target=f) for i in range(20)]
[x.start() for x in t]; [x.join() for x in t]
print(len(n))')"
check_eq "the first sockets of many threads at once" "0" "$(python "$run" '
import ctypes
c = ctypes.CDLL(None)    # no lock of Python held in the call
bad = []
b = threading.Barrier(32)
def f():
    b.wait()
    fd = c.socket(2, 1, 0)
    u = socket(fileno=fd).getsockopt(6, 31, 16)
    if not u.startswith(b"smc"): bad.append(u)
t = [threading.Thread(target=f) for i in range(32)]
[x.start() for x in t]; [x.join() for x in t]
print(len(bad))')"
check_eq "fork while threads make sockets" "0 0 0 0 0 0 0 0" "$(python "$run" '
stop = []
def f():
    while not stop:
        socket().close()
t = [threading.Thread(target=f) for i in range(4)]
[x.start() for x in t]
out = []
for i in range(8):
    pid = os.fork()
    if not pid:
        os._exit(0 if socket().getsockopt(6, 31, 16).startswith(b"smc") else 1)
    out.append(os.waitpid(pid, 0)[1])
stop.append(1)
[x.join() for x in t]
print(*out)')"
check_eq "a setuid program is run, with TCP" "0 b''" "$(output "
	cp /usr/bin/python3 /tmp/setuid && chmod 4755 /tmp/setuid &&
	setpriv --reuid 12345 --clear-groups $run /tmp/setuid -IS -c '
import os, socket
print(os.geteuid(), socket.socket().getsockopt(6, 31, 16).rstrip(bytes(1)))'")"
check_eq "children inherit it" 1 \
	"$(output "$run" -d sh -c "sh -c 'curl -s http://127.0.0.1:1/'" |
		grep -c ': SMC, fd')"
sub_end

sub_begin "without the module"
check "unloads" smc_unload A
check_eq "the program gets TCP" "6 done" "$(python "$run" '
a = create_server(("127.0.0.1", 0))
c = create_connection(a.getsockname()); s = a.accept()[0]
c.sendall(b"done"); print(c.getsockopt(SOL_SOCKET, SO_PROTOCOL), s.recv(9).decode())')"
check_eq "-d tells it" 1 "$(python "$run -d" 'socket()' |
	grep -c 'no SMC .*, TCP instead')"
sub_end
ktap_end
