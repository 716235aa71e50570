"""Attacks over sockets of all kinds."""

from __future__ import annotations

from tests.slow.attacks.attack import Attack

NETWORKS = (
    Attack(
        row=4,
        does="calls the machine by TCP and UDP",
        cell="""
import socket

for address in ("127.0.0.1", world.address):
    attempt("tcp", lambda: socket.create_connection((address, world.tcp), 1))
    attempt("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(
        b"hello", (address, world.udp)))
attempt("mapped", lambda: socket.create_connection(("::ffff:127.0.0.1", world.tcp), 1))
knock = f"bash -c 'echo > /dev/tcp/127.0.0.1/{world.tcp}' 2>&1 | tail -1"
attempt("!", lambda: get_ipython().system(knock))
""",
        says=("tcp ->",),
    ),
    Attack(
        row=4,
        does="calls a named socket",
        cell="""
import socket

import ctypes

attempt("named", lambda: socket.socket(socket.AF_UNIX).connect(world.named_socket))
for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
    attempt("kind", lambda: socket.socket(socket.AF_UNIX, kind).connect(world.named_socket))
    attempt("sent", lambda: socket.socket(socket.AF_UNIX, kind).sendto(b"x", world.named_socket))
above = ctypes.CDLL(None).socket(ctypes.c_long(1 << 32 | 1), socket.SOCK_DGRAM, 0)
attempt("above", lambda: socket.socket(fileno=above).connect(world.named_socket))
attempt("mail", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(
    b"x", world.named_socket + ".mail"))
for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
    attempt("mail by a pair", lambda: socket.socketpair(socket.AF_UNIX, kind)[0].sendmsg(
        [b"x"], [], 0, world.named_socket + ".mail"))
knock = f"import socket; socket.socket(socket.AF_UNIX).connect({world.named_socket!r})"
attempt("program", lambda: __import__("subprocess").run([sys.executable, "-c", knock], check=True))
""",
        says=("named ->",),
        silent=("named -> None",),
    ),
    Attack(
        row=5,
        does="calls an abstract socket and opens sockets that no network holds",
        cell="""
import socket

attempt("abstract", lambda: socket.socket(socket.AF_UNIX).connect("\\0" + world.abstract_socket))
for family in ("AF_VSOCK", "AF_PACKET", "AF_ALG", "AF_BLUETOOTH", "AF_CAN", "AF_TIPC", "AF_RDS"):
    number = getattr(socket, family, None)
    if number is not None:
        kind = socket.SOCK_SEQPACKET if family == "AF_ALG" else socket.SOCK_STREAM
        kind = socket.SOCK_RAW if family in ("AF_PACKET", "AF_CAN") else kind
        attempt(family, lambda: socket.socket(number, kind))
attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
""",
        says=("abstract ->", "AF_VSOCK ->"),
        silent=("-> <socket",),
    ),
    Attack(
        row=4,
        does="looks a name up and downloads a page",
        cell="""
import socket, urllib.request

attempt("name", lambda: socket.getaddrinfo("example.org", 80))
attempt("page", lambda: urllib.request.urlopen(f"http://{world.address}:{world.tcp}/", timeout=1))
""",
        says=("page ->",),
        silent=("name -> [",),
    ),
)
