#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""The victim of clc_liar.py.

  clc_victim.py PORT

PORT: an SMC socket that echoes. PORT + 1: a request a connection by TCP, the
answer in JSON:

  connect HOST PORT   by SMC, then echo: [errno, bytes that came]
  stat                counters of the module, and "Accepted", our own
  memory              what must not grow
"""
import ctypes
import json
import socket
import subprocess
import sys
import threading

AF_SMC = 43


def smc_socket():
    fd = ctypes.CDLL(None, use_errno=True).socket(AF_SMC,
                                                  socket.SOCK_STREAM, 0)
    if fd < 0:
        raise OSError(ctypes.get_errno(), "socket(AF_SMC)")
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fd)


def echo(fd):
    """All that comes until the end of the stream; how many bytes."""
    total = 0
    try:
        while data := fd.recv(65536):
            total += len(data)
            fd.sendall(data)
    except OSError:
        pass
    fd.close()
    return total


def in_thread(func, *args):
    threading.Thread(target=func, args=args, daemon=True).start()


class Victim:
    def __init__(self, port):
        self.port = port
        self.accepted = 0

    def serve(self):
        fd = smc_socket()
        fd.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        fd.bind(("0.0.0.0", self.port))
        fd.listen(4096)
        while True:
            child = fd.accept()[0]
            self.accepted += 1
            in_thread(echo, child)

    def connect(self, host, port):
        fd = smc_socket()
        err = fd.connect_ex((host, int(port)))
        if err:
            fd.close()
        return err, 0 if err else echo(fd)

    def stat(self):
        with open("/proc/net/smc_stat", encoding="ascii") as f:
            words = [line.split() for line in f]
        return dict([(k, int(v)) for k, v in words],
                    Accepted=self.accepted)

    def memory(self):
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as f:
            f.write("3")
        with open("/proc/slabinfo", encoding="ascii") as f:
            slabs = [line.split() for line in f][2:]
        with open("/proc/meminfo", encoding="ascii") as f:
            info = dict(line.split()[:2] for line in f)
        with open("/proc/net/sockstat", encoding="ascii") as f:
            tcp_line = next(x.split() for x in f if x.startswith("TCP:"))
        rdma = subprocess.run(["rdma", "resource"], text=True, check=True,
                              capture_output=True).stdout.split()
        return {"slab": sum(int(s[1]) * int(s[3]) for s in slabs),
                "used": -1024 * int(info["MemAvailable:"]),
                "sockets": int(tcp_line[tcp_line.index("inuse") + 1]) +
                int(tcp_line[tcp_line.index("orphan") + 1]),
                "qps": int(rdma[rdma.index("qp") + 1]),
                "mrs": int(rdma[rdma.index("mr") + 1])}

    def control(self, fd):
        with fd, fd.makefile("rw") as f:
            words = f.readline().split()
            f.write(json.dumps(getattr(self, words[0])(*words[1:])) + "\n")

    def run(self):
        in_thread(self.serve)
        control = socket.create_server(("0.0.0.0", self.port + 1),
                                       backlog=1024)
        while True:
            in_thread(self.control, control.accept()[0])


Victim(int(sys.argv[1])).run()
