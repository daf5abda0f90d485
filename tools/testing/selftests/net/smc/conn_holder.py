#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Hold connections open, for a look at what they cost.

  conn_holder.py KIND serve PORT
  conn_holder.py KIND HOST PORT COUNT FOLDER BYTES

KIND: tcp or af_smc. The server accepts and reads nothing. The client makes COUNT
connections, then FOLDER/idle, and waits for FOLDER/go; puts BYTES into each, as
far as they go without waiting; makes FOLDER/busy and waits for FOLDER/end.
"""
import ctypes
import os
import socket
import sys
import time

AF_SMC = 43


def stream(kind):
    if kind == "tcp":
        return socket.socket()
    fd = ctypes.CDLL(None, use_errno=True).socket(AF_SMC,
                                                  socket.SOCK_STREAM, 0)
    if fd < 0:
        raise OSError(ctypes.get_errno(), "socket(AF_SMC)")
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fd)


def serve(kind, port):
    fd = stream(kind)
    fd.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    fd.bind(("0.0.0.0", port))
    fd.listen(1024)
    held = []
    while True:
        held.append(fd.accept()[0])


def stage(folder, reached, awaited):
    with open(os.path.join(folder, reached), "w", encoding="ascii"):
        pass
    while not os.path.exists(os.path.join(folder, awaited)):
        time.sleep(0.1)


def client(kind, host, port, count, folder, size):
    held = []
    for _ in range(count):
        held.append(stream(kind))
        held[-1].connect((host, port))
    stage(folder, "idle", "go")
    for fd in held:
        fd.setblocking(False)
        left = size
        try:
            while left:
                left -= fd.send(bytes(min(left, 4096)))
        except BlockingIOError:
            pass
    stage(folder, "busy", "end")


def main(kind, host, port, *args):
    if host == "serve":
        serve(kind, int(port))
    count, folder, size = args
    client(kind, host, int(port), int(count), folder, int(size))


main(*sys.argv[1:])
