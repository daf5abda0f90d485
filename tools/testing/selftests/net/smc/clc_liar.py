#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""A peer that lies in the CLC handshake.

  synopt clc_liar.py [options] GROUP HOST PORT

The liar has ordinary TCP sockets and needs no SMC of its own; synopt sees to
the option in SYN and SYN/ACK. There clc_victim.py has a server at HOST:PORT,
and a client that calls whom it is told to.

What is told is in clc_lies.py. What must happen is always one of

  - both go on by TCP, and the application gets each byte of its peer's and no
    other: the victim echoes all it gets, and the liar compares;
  - an error that fits, in time, and the application gets nothing;

and the victim's counters must tell just that. The liar takes a new address
of 10.9.0.0/17 for each lie, because a client avoids those that have failed,
and a server has a limit for each.

GROUP: server     lies to a server, each over in no time
       client     lies to a client, ditto
       slow       those that end by a time limit, all at once
       halfopen   1,000 at once that begin and say no more
       random     mutated good messages; -n ROUNDS, -s SEED
       -k TEXT    only those with this in their name
Prints KTAP.
"""
import argparse
import json
import os
import random
import resource
import select
import socket
import struct
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from clc_lies import (ACCEPT, CONFIRM, DECLINE, LATE, NO_MEMORY, NO_SMCR,
                      PEER_DECLINED, PROPOSAL, RST, FIN, SMCD, SMCR, SYNC,
                      Case, Data, Drip, Joined, Urgent, agreement,
                      client_cases, decline, good_proposal, ip_area, proposal,
                      server_cases, slow_cases, tcp)

VICTIM_NET = "10.9.255.254"     # of the victim, in the net of the addresses


class Wrong(Exception):
    pass


class Lie:
    """A case being played on a connection."""

    def __init__(self, sock):
        self.sock = sock
        self.me = sock.getsockname()[0]
        self.last = b""
        self.data = b""

    def read(self, count):
        got = b""
        while len(got) < count:
            more = self.sock.recv(count - len(got))
            if not more:
                raise ConnectionResetError("end of stream")
            got += more
        return got

    def message(self, kind):
        got = self.read(8)
        if got[:4] not in (SMCR, SMCD) or got[4] != kind:
            raise Wrong(f"message {kind} expected, this came: {got.hex()}")
        self.last = got + self.read(int.from_bytes(got[5:7], "big") - 8)

    def step(self, what):
        if callable(what):
            what = what(self)
        if isinstance(what, Joined):
            self.data += what.data
            what = what.msg + what.data
        if isinstance(what, Data):
            self.data += what
        if isinstance(what, Urgent):
            self.sock.send(what, socket.MSG_OOB)
        elif isinstance(what, bytes):
            self.sock.sendall(what)
        elif isinstance(what, float):
            time.sleep(what)
        elif isinstance(what, int):
            self.message(what)
        elif isinstance(what, Drip):
            for i in range(len(what.data)):
                self.sock.sendall(what.data[i:i + 1])
                time.sleep(what.pause)
        elif what is RST:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 struct.pack("ii", 1, 0))
            self.sock.close()
        elif what is FIN:
            try:
                self.sock.shutdown(socket.SHUT_WR)
            except OSError as e:
                raise ConnectionResetError("reset before") from e

    def expect_tcp(self, reasons):
        """The victim's Decline, if the reason is its own; then the echo."""
        if PEER_DECLINED not in reasons:
            if self.last[4:5] != bytes([DECLINE]):
                self.message(DECLINE)
            diag = int.from_bytes(self.last[16:20], "big")
            if diag not in reasons:
                raise Wrong(f"declined with {diag:#010x}")
            if (diag == SYNC) != bool(self.last[7] & 8):
                raise Wrong(f"wrong out-of-sync flag: {self.last.hex()}")
        self.step(Data(b"this is data"))
        self.sock.shutdown(socket.SHUT_WR)
        got = b""
        while more := self.sock.recv(65536):
            got += more
        if got != self.data:
            raise Wrong(f"sent {self.data}, the echo was {got}")

    def expect_error(self):
        """Nothing but CLC messages, then the end."""
        try:
            while True:
                if self.sock.fileno() < 0:
                    return
                head = self.read(8)
                if head[:4] != SMCR or head[4] == DECLINE:
                    raise Wrong(f"this came: {head.hex()}")
                self.read(int.from_bytes(head[5:7], "big") - 8)
        except ConnectionError:
            pass

    def play(self, case):
        try:
            for what in case.steps:
                self.step(what)
        except ConnectionError:
            if case.want.tcp:
                raise
        if case.want.tcp:
            self.expect_tcp(case.want.tcp)
        else:
            self.expect_error()


class Victim:
    """What the liar knows of it."""

    def __init__(self, host, port):
        self.host = host
        self.port = port
        self.lock = threading.Lock()
        self.next = 0

    def ask(self, request, fd=None):
        fd = fd or socket.create_connection((self.host, self.port + 1), 30)
        with fd, fd.makefile("rw") as f:
            f.write(request + "\n")
            f.flush()
            return [json.loads(line) for line in f]

    def stat(self):
        return self.ask("stat")[0]

    def settled(self):
        """Memory in use, when handshakes and link groups have ended."""
        time.sleep(9)
        return self.ask("memory")[0]

    def new_address(self):
        with self.lock:
            self.next += 1
            return f"10.9.{self.next >> 8 & 0xff}.{self.next & 0xff}"

    def connect(self, one_host=False):
        """As another host each time, since one may not have too much."""
        if one_host:
            fd = socket.create_connection((self.host, self.port), 30)
        else:
            fd = socket.create_connection((VICTIM_NET, self.port), 30,
                                          (self.new_address(), 0))
        fd.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return fd


def lie_to_server(victim, case):
    with victim.connect() as fd:
        Lie(fd).play(case)


class Called:
    """The victim's client calls a new address of ours."""

    def __init__(self, victim, timeout=30):
        self.listener = socket.create_server((victim.new_address(), 0))
        self.listener.settimeout(timeout)
        host, port = self.listener.getsockname()
        self.answer = [(-1, 0)]
        self.thread = threading.Thread(
            target=self.run, args=(victim, f"connect {host} {port}"))
        self.thread.start()
        self.fd = self.listener.accept()[0]
        self.fd.settimeout(timeout)
        self.fd.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run(self, victim, request):
        try:
            self.answer = victim.ask(request)
        except OSError:
            pass

    def result(self):
        """(errno of connect(), bytes that the application got)"""
        self.fd.close()
        self.listener.close()
        self.thread.join()
        return self.answer[0]


def lie_to_client(victim, case):
    call = Called(victim)
    lie = Lie(call.fd)
    try:
        lie.message(PROPOSAL)
        lie.play(case)
    finally:
        err, got = call.result()
    if err != (case.want.err or 0):
        raise Wrong(f"connect() gives {err} {os.strerror(err)}")
    if got != (len(lie.data) if case.want.tcp else 0):
        raise Wrong(f"the application got {got} bytes")


def play(victim, case):
    """Returns what went wrong, or None."""
    start = time.monotonic()
    try:
        if case.side == "server":
            lie_to_server(victim, case)
        else:
            lie_to_client(victim, case)
    except (Wrong, OSError) as e:
        return f"{type(e).__name__}: {e}"
    took = time.monotonic() - start
    if not case.want.after <= took <= case.want.within:
        return f"took {took:.1f} s"
    return None


# --- random lies -----------------------------------------------------------

EDGES = (0, 1, 2, 3, 7, 8, 0x10, 0x20, 0x28, 0x7f, 0x80, 0xfe, 0xff)


def mutate(rng, msg):
    msg = bytearray(msg)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        off = rng.randrange(len(msg))
        how = rng.randrange(8)
        if how < 3:
            msg[off] = rng.choice(EDGES)
        elif how < 5:
            msg[off] ^= 1 << rng.randrange(8)
        elif how == 5:
            msg[5:7] = rng.choice((0, 8, 28, 44, 52, 68, 108, 160, 652, 653,
                                   65535)).to_bytes(2, "big")
        elif how == 6:
            msg = msg[:off + 1]
        else:
            msg[off:off] = rng.randbytes(rng.randrange(1, 40))
    return bytes(msg)


def random_message(rng, me, likely):
    kind = likely if rng.random() < 0.8 else rng.choice(
        (PROPOSAL, ACCEPT, CONFIRM, DECLINE))
    if kind == PROPOSAL:
        return proposal(me, v1=rng.choice((0, 2, 2)), ip=rng.choice(
            (b"", ip_area(nr6=rng.randrange(9), six=bytes(136)))))
    if kind == DECLINE:
        return decline(rng.choice((0, SYNC, NO_SMCR)), rng.choice((1, 2)),
                       rng.choice((0, 8)))
    return agreement(kind, me, rng.random() < 0.7)


def random_steps(rng, lie, likely):
    """Up to two messages, each good, bad or none; what the victim says is
    checked only for being CLC, or an echo."""
    sent = got = b""
    for _ in range(rng.choice((1, 2, 2))):
        msg = random_message(rng, lie.me, likely)
        if rng.random() < 0.7:
            msg = mutate(rng, msg)
        lie.sock.sendall(msg)
        sent += msg
        if select.select([lie.sock], [], [], 0.15)[0]:
            got += lie.sock.recv(65536)
        likely = CONFIRM
    while got[:4] == SMCR and got[4:5] in (b"\2", b"\3", b"\4"):
        if got in sent:         # the echo of a message
            break
        got = got[max(int.from_bytes(got[5:7], "big"), 8):]
    if got not in sent:
        raise Wrong(f"sent {sent.hex()}, got {got.hex()}")
    lie.step(rng.choice((RST, RST, FIN)))


def random_round(victim, seed, i):
    rng = random.Random(f"{seed} {i}")
    try:
        if rng.random() < 0.7:
            with victim.connect() as fd:
                random_steps(rng, Lie(fd), PROPOSAL)
            return
        call = Called(victim)
        try:
            call.fd.recv(65536)
            random_steps(rng, Lie(call.fd), ACCEPT)
        finally:
            call.result()
    except ConnectionError:
        pass


def random_rounds(victim, seed, first, last, jobs=20):
    wrong = []
    rounds = iter(range(first, last))
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                i = next(rounds, None)
            if i is None:
                return
            try:
                random_round(victim, seed, i)
            except (Wrong, OSError) as e:
                wrong.append(f"round {i}: {type(e).__name__}: {e}")
    threads = [threading.Thread(target=work) for _ in range(jobs)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return wrong


# --- results ---------------------------------------------------------------

class Ktap:
    def __init__(self):
        self.n = 0
        self.failed = 0
        print("KTAP version 1", flush=True)

    def result(self, name, wrong):
        self.n += 1
        for line in str(wrong or "").splitlines():
            print("# " + line)
        self.failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {self.n} - {name}", flush=True)

    def end(self):
        print(f"1..{self.n}")
        return 1 if self.failed else 0


def counted(before, after):
    """What handshakes have ended in; each reason of a fallback counts."""
    names = ("ClientFallback", "ServerFallback", "ClientError", "ServerError",
             "ClcInvalid", "ClcTimeout", "Accepted")
    return {k: v - before.get(k, 0) for k, v in after.items()
            if (k in names or k.startswith("Fallback.")) and
            v != before.get(k, 0)}


def wrong_counts(victim, before, cases):
    """The victim counts each end once; what it still does may take a while."""
    total, allowed = {}, set()
    for case in cases:
        for k in case.want.counts(case.side):
            total[k] = total.get(k, 0) + 1
        allowed |= {f"Fallback.{case.side}.{reason:#010x}"
                    for reason in case.want.tcp or ()}
    for _ in range(50):
        got = counted(before, victim.stat())
        rest = {k: v for k, v in got.items() if not k.startswith("Fallback.")}
        if rest == total:
            break
        time.sleep(0.1)
    odd = {k for k in got if k.startswith("Fallback.")} - allowed
    if rest != total or odd:
        return f"counted {got}, expected {total} and of {sorted(allowed)}"
    return None


def run_quick(ktap, victim, cases):
    for case in cases:
        before = victim.stat()
        ktap.result(case.name, play(victim, case) or
                    wrong_counts(victim, before, [case]))


def run_slow(ktap, victim, cases):
    before = victim.stat()
    wrong = {}

    def work(case):
        wrong[case] = play(victim, case)
    threads = [threading.Thread(target=work, args=(case,)) for case in cases]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for case in cases:
        ktap.result(case.name, wrong.get(case, "no result"))
    ktap.result("counters of all these", wrong_counts(victim, before, cases))


def half_open(victim, i):
    """Every other says nothing; of the rest half all but the Confirm."""
    fd = victim.connect(True)
    if i % 2:
        msg = good_proposal(Lie(fd))
        fd.sendall(msg[:100] if i % 4 == 1 else msg)
    return fd


def ending(fd):
    """What becomes of it: DECLINE, RST, or None: it stays"""
    first = b""
    with fd:
        try:
            while got := fd.recv(65536):
                first = first or got
                if first[4] == DECLINE:
                    fd.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass
        except OSError:
            return None
    return DECLINE if first[4:5] == bytes([DECLINE]) else RST


def run_halfopen(ktap, victim, count=1000):
    """Each link group in first contact costs a QP and a megabyte: so many
    with one host must not be."""
    before = victim.stat()
    start = time.monotonic()
    fds = [half_open(victim, i) for i in range(count)]
    opened = time.monotonic() - start
    qps = victim.ask("memory")[0]["qps"]
    ends = [ending(fd) for fd in fds]
    took = time.monotonic() - start
    declined = ends.count(DECLINE)
    print(f"# {opened:.1f} s to open, {took:.1f} s until all have ended, "
          f"{declined} declined, {qps} QPs")
    ktap.result(f"{count} half-open ones come to an end",
                None in ends and f"{ends.count(None)} do not")
    ktap.result("in time", took > opened + 15 and f"took {took:.1f} s")
    ktap.result("few link groups", qps > 30 and f"{qps} QPs")
    ktap.result("counters of all these", wrong_counts(
        victim, before,
        [Case("", "server", LATE)] * (count - declined) +
        [Case("", "server", tcp(NO_MEMORY))] * declined))


def run_random(ktap, victim, rounds, seed):
    """Memory is compared when all kinds of slabs and queues are warm."""
    warm = max(rounds // 5, 100)
    wrong = random_rounds(victim, seed, 0, warm)
    before = victim.settled()
    wrong += random_rounds(victim, seed, warm, warm + rounds)
    after = victim.settled()
    print(f"# before {before}\n# after {after}")
    ktap.result(f"{warm} + {rounds} random rounds, seed {seed}",
                "\n".join(wrong[:5]))
    # good connections beside it come and go: when more than a few are there at
    # a time, the next ones get rings of another size, in a region of its own
    for name, slack in (("slab", 1 << 20), ("used", 8 << 20), ("sockets", 4),
                        ("qps", 0), ("mrs", 4)):
        grown = after[name] - before[name]
        ktap.result(f"no more {name} than before", grown > slack and
                    f"{grown} more: {before} {after}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=1000, dest="rounds")
    parser.add_argument("-s", type=int, default=1, dest="seed")
    parser.add_argument("-k", default="", dest="only")
    parser.add_argument("group", choices=("server", "client", "slow",
                                          "halfopen", "random"))
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    args = parser.parse_args()

    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    ktap = Ktap()
    victim = Victim(args.host, args.port)
    groups = {"server": (server_cases, run_quick),
              "client": (client_cases, run_quick),
              "slow": (slow_cases, run_slow)}
    # addresses of its own for each group, since they are avoided for a while
    victim.next = (list(groups) + ["random"]).index(
        args.group) << 12 if args.group != "halfopen" else 0
    if args.group in groups:
        cases, run = groups[args.group]
        run(ktap, victim, [c for c in cases() if args.only in c.name])
    elif args.group == "halfopen":
        run_halfopen(ktap, victim)
    else:
        run_random(ktap, victim, args.rounds, args.seed)
    return ktap.end()


if __name__ == "__main__":
    sys.exit(main())
