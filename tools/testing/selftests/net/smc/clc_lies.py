# SPDX-License-Identifier: GPL-2.0
"""What clc_liar.py tells: CLC messages, good and bad, and what must happen.

A case is a row of steps on a connection, and how it must end. Offsets are
those of wire-protocol.md 2.4 to 2.7.
"""
import errno
import os
import socket
import struct

PROPOSAL, ACCEPT, CONFIRM, DECLINE = 1, 2, 3, 4
SMCR = bytes.fromhex("e2d4c3d9")
SMCD = bytes.fromhex("e2d4c3c4")
EID = b"SMC-R".ljust(32)

# wire-protocol.md 2.8
NO_MEMORY = 0x01010000
TIMEOUT_LINK = 0x02010000
NO_SMCR = 0x03030002
NO_ISM_V2 = 0x03030003
NO_UEID = 0x03030008
RELEASE = 0x03030009
MAX_CONNS = 0x0303000a
MAX_LINKS = 0x0303000b
MODE = 0x03040000
NO_ROUTE = 0x030e0000
INDIRECT = 0x030f0000
SYNC = 0x04000000
PEER_DECLINED = 0x05000000


# --- good messages ---------------------------------------------------------

def mapped(address):
    return bytes(10) + b"\xff\xff" + socket.inet_aton(address)


def peer_id():
    return os.urandom(2) + bytes.fromhex("020000000001")


def frame(kind, flags, body):
    return (SMCR + struct.pack(">BHB", kind, len(body) + 12, flags) + body +
            SMCR)


def proposal(me, version=2, v1=2, v2=0, eids=(EID,), release=1, gid=None,
             smcd=b"", ip=b""):
    """v1, v2: 0 R, 1 D, 2 neither, 3 both. ip: IP area, smcd: extension."""
    base = peer_id() + bytes(22) + struct.pack(">H", 40 if ip else 0)
    ext = b""
    if v2 != 2:
        nr_ism = (len(smcd) - 48) // 10 if smcd else 0
        ext = struct.pack(">BBBBHH", len(eids), nr_ism, 0, release << 4, 0,
                          32 + 32 * len(eids) if smcd else 0)
        ext += (gid or mapped(me)) + struct.pack(">BBH", 255, 2, 1)
        ext += bytes(12) + b"".join(eids) + smcd
    sub = bytes(10) + struct.pack(">H", 28 + len(ip) if ext else 0)
    return frame(PROPOSAL, version << 4 | v2 << 2 | v1,
                 base + sub + bytes(28) + ip + ext)


def ip_area(prefix="10.0.0.0", bits=24, nr6=0, six=b""):
    return (socket.inet_aton(prefix) + struct.pack(">BHB", bits, 0, nr6) +
            six)


def agreement(kind, me, first=True, gid=None, eid=EID, conns=255, links=1,
              tail=None):
    """Accept or Confirm. No such QP, RKey or address."""
    body = peer_id() + (gid or mapped(me)) + bytes.fromhex("020000000001")
    body += struct.pack(">I", 0xabcde)[1:] + struct.pack(">I", 0xdeadbeef)
    body += b"\x01" + os.urandom(4) + b"\x23\0"
    body += struct.pack(">QI", 0xffff888000000000, 0x123456) + eid + bytes(8)
    if first:
        body += b"\x80\x21\0\0" + b"liar".ljust(32)
        body += struct.pack(">BBH", conns, links, 1) + bytes(12)
        if tail is None and kind == CONFIRM:
            tail = b"\x01\0\0\0" + mapped(me)
    return frame(kind, 0x28 if first else 0x20, body + (tail or b""))


def decline(diag=NO_SMCR, version=2, flags=0):
    body = peer_id() + struct.pack(">IB", diag, 0x20) + bytes(3)
    return frame(DECLINE, version << 4 | flags,
                 body + (bytes(16) if version > 1 else b""))


def patched(msg, *changes):
    """changes: (offset, bytes); the length stays."""
    msg = bytearray(msg)
    for off, new in changes:
        msg[off:off + len(new)] = new
    return bytes(msg)


# --- steps and ends ---------------------------------------------------------

class Data(bytes):
    """The application's: must arrive at the application."""


class Joined:
    """A message and data in one segment."""

    def __init__(self, msg, data):
        self.msg = msg
        self.data = data


class Urgent(bytes):
    """Its last byte is urgent data of TCP."""


class Drip:
    """A byte at a time."""

    def __init__(self, data, pause):
        self.data = data
        self.pause = pause


RST, FIN = object(), object()


class Want:
    """How it must end. tcp: reasons that may be counted; else an errno."""

    def __init__(self, tcp=None, err=None, after=0, within=20):
        self.tcp = tcp
        self.err = err
        self.after = after
        self.within = within

    def counts(self, side):
        """The counters that it shows in."""
        name = side.capitalize()
        if self.tcp:
            return [name + "Fallback"] + (side == "server") * ["Accepted"]
        why = {errno.EPROTO: ["ClcInvalid"], errno.ETIMEDOUT: ["ClcTimeout"]}
        return [name + "Error"] + why.get(self.err, [])


def tcp(*reasons, **limits):
    return Want(tcp=reasons, **limits)


def error(err, **limits):
    return Want(err=err, **limits)


EPROTO = error(errno.EPROTO)
RESET = error(errno.ECONNRESET)
LATE = error(errno.ETIMEDOUT, after=5.5, within=25)
DECLINED = tcp(PEER_DECLINED)


class Case:
    """side: what the victim is. steps: what the liar does."""

    def __init__(self, name, side, want, *steps):
        self.name = f"{side}: {name}"
        self.side = side
        self.want = want
        self.steps = steps


# --- tables ----------------------------------------------------------------

def at(off, *new):
    return off, bytes(new)


def good_proposal(lie):
    return proposal(lie.me)


def good_confirm(lie):
    """The Confirm for the Accept that came last."""
    return agreement(CONFIRM, lie.me, bool(lie.last[7] & 8), eid=lie.last[64:96],
                     conns=lie.last[140], links=lie.last[141])


def good_accept(lie):
    return agreement(ACCEPT, lie.me)


def with_length(msg, length):
    """Says @length; that many bytes, or those that there are."""
    return patched(msg, (5, struct.pack(">H", length)))


HEADER_LIES = [
    ("eye catcher of HTTP", [(0, b"HTTP")]),
    ("eye catcher off by a bit", [at(3, 0xd8)]),
    ("type 0", [at(4, 0)]),
    ("type 5", [at(4, 5)]),
    ("type 255", [at(4, 255)]),
    ("version 0", [at(7, 0x02)]),
    ("length 0", [at(5, 0, 0)]),
    ("length 7", [at(5, 0, 7)]),
    ("length 8", [at(5, 0, 8)]),
    ("length 27", [at(5, 0, 27)]),
    ("a Decline of its length", [at(4, DECLINE)]),
]

# of a Proposal of 156 bytes, v2 extension at 80, and what must happen;
# GOOD: it is accepted. pitfalls.md 17 to 19: offsets and counts
GOOD = "good"
PROPOSAL_LIES = [
    ("type Accept", [at(4, ACCEPT)], EPROTO),
    ("type Confirm", [at(4, CONFIRM)], EPROTO),
    ("no trailer", [at(152, 0)], EPROTO),
    ("SMC-D eye catcher", [(0, SMCD)], GOOD),
    ("SMC-D trailer", [(152, SMCD)], GOOD),
    ("version 1 that offers nothing", [at(7, 0x12)], EPROTO),
    ("version 3", [at(7, 0x32)], GOOD),
    ("version 15", [at(7, 0xf2)], GOOD),
    ("v2 type D without its extension", [at(7, 0x26)], EPROTO),
    ("v2 type B without its extension", [at(7, 0x2e)], EPROTO),
    ("v2 type N", [at(7, 0x2a)], EPROTO),
    ("v1 offered without IP area", [at(7, 0x20)], EPROTO),
    ("v1 offered, IP area offset 65535",
     [at(7, 0x20), at(38, 0xff, 0xff)], EPROTO),
    ("IP area offset 65535 and no v1", [at(38, 0xff, 0xff)], GOOD),
    ("v2 offset 0", [at(50, 0, 0)], EPROTO),
    ("v2 offset 27", [at(50, 0, 27)], EPROTO),
    ("v2 offset 29", [at(50, 0, 29)], EPROTO),
    ("v2 offset 172", [at(50, 0, 172)], EPROTO),
    ("v2 offset 65535", [at(50, 0xff, 0xff)], EPROTO),
    ("no EIDs", [at(80, 0)], EPROTO),
    ("2 EIDs", [at(80, 2)], EPROTO),
    ("9 EIDs", [at(80, 9)], EPROTO),
    ("255 EIDs", [at(80, 255)], EPROTO),
    ("255 ISM GIDs and no SMC-D", [at(81, 255)], GOOD),
    ("SMC-D offset 65535 and no SMC-D", [at(86, 0xff, 0xff)], GOOD),
    ("release 15", [at(83, 0xf0)], GOOD),
    ("release 0", [at(83, 0)], GOOD),
    ("foreign EID", [at(120, 0x41)], tcp(NO_UEID)),
    ("no connections", [at(104, 0)], tcp(MAX_CONNS)),
    ("15 connections", [at(104, 15)], tcp(MAX_CONNS)),
    ("16 connections", [at(104, 16)], GOOD),
    ("no links", [at(105, 0)], tcp(MAX_LINKS)),
    ("255 links", [at(105, 255)], GOOD),
    ("GID zero", [(88, bytes(16))], tcp(NO_SMCR)),
    ("GID IPv6", [(88, bytes(15) + b"\1")], tcp(NO_SMCR)),
    ("GID in another network", [(88, mapped("192.0.2.1"))], tcp(NO_SMCR)),
    ("GID multicast", [(88, mapped("224.0.0.1"))], tcp(NO_SMCR)),
    ("GID broadcast", [(88, mapped("255.255.255.255"))], tcp(NO_SMCR)),
    ("all reserved bytes set", [(52, b"\xff" * 28), (108, b"\xff" * 12),
                                (84, b"\xff" * 2), at(82, 0xff)], GOOD),
]

# others, made as needed: SMC-D, IP areas
PROPOSALS = [
    ("nothing offered", {"v2": 2}, tcp(NO_ISM_V2)),
    ("SMC-D only", {"v2": 1, "smcd": bytes(48)}, tcp(NO_ISM_V2)),
    ("SMC-D with 8 GIDs", {"v2": 3, "smcd": bytes(128)}, GOOD),
    ("SMC-D with 9 GIDs", {"v2": 3, "smcd": bytes(138)}, EPROTO),
    ("8 EIDs, ours last", {"eids": (b"A" * 32,) * 7 + (EID,)}, GOOD),
    ("9 EIDs that are there", {"eids": (EID,) * 9}, EPROTO),
    ("no EID", {"eids": ()}, tcp(NO_UEID)),
    ("v1 as well", {"v1": 0, "ip": ip_area()}, GOOD),
    ("prefix of 33 bits", {"v1": 0, "ip": ip_area(bits=33)}, EPROTO),
    ("8 IPv6 prefixes",
     {"v1": 0, "ip": ip_area(nr6=8, six=(bytes(16) + b"\x80") * 8)}, GOOD),
    ("9 IPv6 prefixes",
     {"v1": 0, "ip": ip_area(nr6=9, six=(bytes(16) + b"\x80") * 9)}, EPROTO),
    ("255 IPv6 prefixes", {"v1": 0, "ip": ip_area(nr6=255)}, EPROTO),
    ("IPv6 prefix of 129 bits",
     {"v1": 0, "ip": ip_area(nr6=1, six=bytes(16) + b"\x81")}, EPROTO),
]

# of an Accept or Confirm of a first contact
AGREEMENT_LIES = [
    ("type Proposal", [at(4, PROPOSAL)], EPROTO),
    ("version 3", [at(7, 0x38)], EPROTO),
    ("version 15", [at(7, 0xf8)], EPROTO),
    ("version 1", [at(7, 0x18)], EPROTO),
    ("technology 2", [at(7, 0x2a)], EPROTO),
    ("technology 3", [at(7, 0x2b)], EPROTO),
    ("RMBE index 0", [at(45, 0)], EPROTO),
    ("MTU code 0", [at(50, 0x20)], EPROTO),
    ("not first contact", [at(7, 0x20)], tcp(SYNC)),
    ("foreign EID", [at(64, 0x41)], tcp(NO_UEID)),
    ("15 connections", [at(140, 15)], tcp(MAX_CONNS)),
    ("no connections", [at(140, 0)], tcp(MAX_CONNS)),
    ("no links", [at(141, 0)], tcp(MAX_LINKS)),
    ("255 links", [at(141, 255)], tcp(MAX_LINKS)),
    ("release 15", [at(105, 0x2f)], tcp(RELEASE)),
]
CONFIRM_LIES = AGREEMENT_LIES + [
    ("type Accept", [at(4, ACCEPT)], EPROTO),
    ("SMC-D", [at(7, 0x29)], EPROTO),
    ("release 0", [at(105, 0x20)], tcp(RELEASE)),
    ("2 GIDs, but 1 there", [at(156, 2)], EPROTO),
    ("255 GIDs", [at(156, 255)], EPROTO),
    ("no trailer", [at(176, 0)], EPROTO),
]
ACCEPT_LIES = AGREEMENT_LIES + [
    ("type Confirm", [at(4, CONFIRM)], EPROTO),
    ("SMC-D", [at(7, 0x29)], tcp(MODE)),
    ("indirect", [at(104, 0)], tcp(INDIRECT)),
    ("GID zero", [(16, bytes(16))], tcp(NO_ROUTE)),
    ("GID in another network", [(16, mapped("192.0.2.1"))], tcp(NO_ROUTE)),
    ("GID multicast", [(16, mapped("224.0.0.1"))], tcp(NO_ROUTE)),
    ("no trailer", [at(156, 0)], EPROTO),
]
# accepted; then no RDMA comes of it
RDMA_LIES = [
    ("no such QP", []),
    ("QP 0", [at(38, 0, 0, 0)]),
    ("QP 0xffffff", [at(38, 0xff, 0xff, 0xff)]),
    ("RKey 0", [at(41, 0, 0, 0, 0)]),
    ("RMBE index 255", [at(45, 255)]),
    ("RMBE of 512 MiB", [at(50, 0xf3)]),
    ("MTU code 15", [at(50, 0x2f)]),
    ("address at the end of memory", [(52, b"\xff" * 8)]),
    ("MAC zero", [(32, bytes(6))]),
    ("MAC broadcast", [(32, b"\xff" * 6)]),
    ("all reserved bytes set", [at(51, 255), at(60, 255), (96, b"\xff" * 8),
                                (106, b"\xff" * 2), (144, b"\xff" * 12)]),
]

# for steps of their own. pitfalls.md 8: Declines; 23: over-long messages;
# 31: a Decline before there is anything
HELLO = Data(b"hello, application")


def decline_cases(side, before):
    """Where a Decline ends it, with what may be around it."""
    d2, d1 = decline(), decline(version=1)

    def case(name, want, *steps):
        return Case(f"{name}{'' if before else ', first'}", side, want,
                    *before, *steps)
    return [
        case("Decline and data", DECLINED, d2, HELLO),
        case("Decline and data in one segment", DECLINED, Joined(d2, HELLO)),
        case("Decline in pieces", DECLINED, Drip(d2, 0.002), HELLO),
        case("Decline of version 1", DECLINED, d1, HELLO),
        case("Decline of version 15", DECLINED, decline(version=15), HELLO),
        case("Decline that says nothing", DECLINED, decline(0), HELLO),
        case("Decline with a reason of its own", DECLINED,
             decline(0xffffffff), HELLO),
        case("Decline, out of sync", DECLINED, decline(SYNC, 2, 8), HELLO),
        case("Decline and another one", DECLINED, d2, Data(d1)),
        case("Decline without trailer", DECLINED, d2[:-4] + b"\0" * 4),
        case("Decline of version 1 and length 44", EPROTO,
             patched(d2, at(7, 0x10))),
        case("Decline of version 2 and length 28", EPROTO,
             patched(d1, at(7, 0x20))),
        case("Decline of 45 bytes", EPROTO, with_length(d2, 45) + b"x"),
        case("RST", RESET, RST),
        case("FIN", RESET, FIN),
        case("RST in a header", RESET, SMCR, 0.05, RST),
        case("FIN in a header", RESET, SMCR, 0.05, FIN),
        case("FIN in a message", RESET, d2[:20], 0.05, FIN),
        case("HTTP", EPROTO, b"GET / HTTP/1.1\r\nHost: victim\r\n\r\n"),
        case("zeros", EPROTO, bytes(4096)),
        case("a byte", EPROTO, Drip(b"abcdefgh", 0.01)),
    ]


def server_cases():
    def case(name, want, *steps):
        return Case(name, "server", want, *steps)

    def ends(want):
        return ([ACCEPT, decline()], DECLINED) if want is GOOD else ([], want)

    cases = decline_cases("server", [])
    cases += decline_cases("server", [good_proposal, ACCEPT])
    for name, lies in HEADER_LIES:
        cases.append(case(f"Proposal, {name}", EPROTO,
                          lambda lie, c=lies: patched(proposal(lie.me), *c)))
        cases.append(case(f"Confirm, {name}", EPROTO, good_proposal, ACCEPT,
                          lambda lie, c=lies: patched(good_confirm(lie), *c)))
    for name, lies, want in PROPOSAL_LIES:
        steps, want = ends(want)
        cases.append(case(f"Proposal, {name}", want, lambda lie, c=lies:
                          patched(proposal(lie.me), *c), *steps))
    for name, args, want in PROPOSALS:
        steps, want = ends(want)
        cases.append(case(f"Proposal, {name}", want, lambda lie, a=args:
                          proposal(lie.me, **a), *steps))
    for name, lies, want in CONFIRM_LIES:
        cases.append(case(f"Confirm, {name}", want, good_proposal, ACCEPT,
                          lambda lie, c=lies: patched(good_confirm(lie), *c)))
    for length in (51, 52, 100, 155, 157, 651, 652, 653, 4000, 65535):
        cases.append(case(
            f"Proposal says {length} bytes", EPROTO,
            lambda lie, n=length: with_length(
                proposal(lie.me), n).ljust(n, b"\0")))
    cases += [
        case("RFC form of version 1", tcp(NO_SMCR, 0x03070000), lambda lie:
             frame(PROPOSAL, 0x10, bytes(32) + ip_area())),
        case("data before the Accept comes", EPROTO, good_proposal, HELLO,
             ACCEPT),
        case("data before the Decline comes", tcp(NO_UEID),
             lambda lie: proposal(lie.me, eids=()), HELLO),
        case("Proposal twice", EPROTO, good_proposal, good_proposal, ACCEPT),
        case("Confirm and no Proposal", EPROTO,
             lambda lie: agreement(CONFIRM, lie.me)),
        case("Accept for the Accept", EPROTO, good_proposal, ACCEPT,
             good_accept),
        case("Proposal in pieces", DECLINED, lambda lie:
             Drip(proposal(lie.me), 0.002), ACCEPT, decline()),
        case("Accept echoed", EPROTO, good_proposal, ACCEPT,
             lambda lie: lie.last),
        case("Confirm, then RST", RESET, good_proposal, ACCEPT, good_confirm,
             RST),
        case("Confirm, then Decline", DECLINED, good_proposal, ACCEPT,
             good_confirm, decline(), HELLO),
        case("refused Confirm and Decline at once", tcp(RELEASE),
             good_proposal, ACCEPT, lambda lie:
             patched(good_confirm(lie), at(105, 0x20)) + decline(),
             DECLINE, HELLO),
        case("Confirm twice", EPROTO, good_proposal, ACCEPT, good_confirm,
             good_confirm),
        case("Confirm, then HTTP", EPROTO, good_proposal, ACCEPT,
             good_confirm, b"GET / HTTP/1.1\r\n\r\n"),
    ]
    return cases


def client_cases():
    def case(name, want, *steps):
        return Case(name, "client", want, *steps)

    # longer than any buffer: the tail is dropped. pitfalls.md 23
    def long_accept(lie, length=2000):
        msg = agreement(ACCEPT, lie.me, False)
        return with_length(msg, length).ljust(length, b"\xaa")

    cases = decline_cases("client", [])
    for name, lies in HEADER_LIES:
        cases.append(case(f"Accept, {name}", EPROTO, lambda lie, c=lies:
                          patched(good_accept(lie), *c)))
    for name, lies, want in ACCEPT_LIES:
        cases.append(case(f"Accept, {name}", want, lambda lie, c=lies:
                          patched(good_accept(lie), *c)))
    for length in (47, 48, 67, 68, 107, 108, 143, 159, 161):
        cases.append(case(
            f"Accept says {length} bytes", EPROTO,
            lambda lie, n=length: with_length(
                good_accept(lie), n).ljust(n, b"\0")))
    cases += [
        case("Accept of 2,000 bytes", tcp(SYNC), long_accept, HELLO),
        case("Accept of 65,535 bytes", tcp(SYNC),
             lambda lie: long_accept(lie, 65535), HELLO),
        case("RST in an Accept of 65,535 bytes", RESET,
             lambda lie: long_accept(lie, 65535)[:3000], 0.05, RST),
        case("FIN in an Accept of 65,535 bytes", RESET,
             lambda lie: long_accept(lie, 65535)[:3000], 0.05, FIN),
        case("Accept of 2,000 bytes in pieces", tcp(SYNC), lambda lie:
             Drip(long_accept(lie, 700), 0.001), HELLO),
        case("no FCE where one is due", EPROTO, lambda lie: patched(
            agreement(ACCEPT, lie.me, False), at(7, 0x28))),
        case("the Proposal echoed", DECLINED, lambda lie: lie.last),
        case("another Proposal", DECLINED, good_proposal),
        case("Confirm instead of Accept", EPROTO,
             lambda lie: agreement(CONFIRM, lie.me)),
        case("Accept in pieces, foreign EID", tcp(NO_UEID), lambda lie:
             Drip(agreement(ACCEPT, lie.me, eid=b"A" * 32), 0.002), HELLO),
        case("data behind an Accept that is declined", tcp(NO_UEID),
             lambda lie: agreement(ACCEPT, lie.me, eid=b"A" * 32), HELLO),
        case("Accept, then RST", RESET, good_accept, CONFIRM, RST),
        case("Accept, then Decline", DECLINED, good_accept, CONFIRM,
             decline(), HELLO),
        case("Accept, Decline at once", DECLINED, good_accept, decline(),
             CONFIRM, HELLO),
        case("Accept twice", EPROTO, good_accept, CONFIRM, good_accept),
        case("Accept, then HTTP", EPROTO, good_accept, CONFIRM,
             b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    ]
    return cases


def crossing_cases(side, before):
    """After the Confirm both ends may decline. pitfalls.md 8

    The liar takes the victim's Decline, and sends its own all the same.
    """
    limits = {"after": 2, "within": 25}

    def case(name, *steps):
        return Case(f"Declines cross, {name}", side,
                    tcp(TIMEOUT_LINK, **limits), *before, DECLINE, *steps)
    d2 = decline()
    return [
        case("no data", d2),
        case("data behind", d2, HELLO),
        case("data in the same segment", Joined(d2, HELLO)),
        case("version 1", decline(version=1), HELLO),
        case("after 3 bytes a pause", d2[:3], 0.3, d2[3:], HELLO),
        case("after 7 bytes a pause", d2[:7], 0.3, d2[7:], HELLO),
        case("after 30 bytes a pause", d2[:30], 0.3, d2[30:], HELLO),
        case("a byte at a time", Drip(d2, 0.02), HELLO),
        case("none, data like its start", Data(d2[:4]), 0.2, HELLO),
        case("none, data like its header", Data(d2[:6]), 0.2, HELLO),
    ]


def slow_cases():
    cases = []
    for side, before, good in (
            ("server", [], good_proposal),
            ("server", [good_proposal, ACCEPT], good_confirm),
            ("client", [], good_accept)):
        what = good.__name__.removeprefix("good_").capitalize()
        cases += [Case(f"{what}: {name}", side, LATE, *before, *steps)
                  for name, steps in (
            ("nothing comes", []),
            ("7 bytes", [SMCR + b"\1\0\x9c"]),
            ("all but a byte", [lambda lie, g=good: g(lie)[:-1]]),
            ("a byte a second",
             [lambda lie, g=good: Drip(g(lie), 1)]),
            ("65,535 bytes said, fewer sent",
             [lambda lie, g=good: with_length(g(lie), 65535)]),
            ("65,535 bytes a piece at a time",
             [lambda lie, g=good: Drip(
                 with_length(g(lie), 65535) + bytes(4000), 0.01)]),
            ("its last byte urgent", [lambda lie, g=good: Urgent(g(lie))]),
        )]
    limits = {"after": 1.5, "within": 25}
    for name, lies in RDMA_LIES:
        cases.append(Case(
            f"Confirm, {name}", "server", tcp(TIMEOUT_LINK, 0x09990001,
                                              0x09990002, **limits),
            good_proposal, ACCEPT,
            lambda lie, c=lies: patched(good_confirm(lie), *c)))
        cases.append(Case(
            f"Accept, {name}", "client", tcp(TIMEOUT_LINK, 0x09990001,
                                             0x09990002, **limits),
            lambda lie, c=lies: patched(good_accept(lie), *c), CONFIRM))
    # the victim has given up, but waits for the liar to say so first
    garbage = error(errno.EPROTO, after=2, within=25)
    cases.append(Case("Confirm, HTTP after 2.4 s", "server", garbage,
                      good_proposal, ACCEPT, good_confirm, 2.4,
                      b"GET / HTTP/1.1\r\n\r\n"))
    cases.append(Case("Accept, HTTP after 4.5 s", "client", garbage,
                      good_accept, CONFIRM, 4.5, b"HTTP/1.1 400 No\r\n\r\n"))
    cases += crossing_cases("server", [good_proposal, ACCEPT, good_confirm])
    cases += crossing_cases("client", [good_accept, CONFIRM])
    return cases
