"""Sockets of every kind that wait for somebody to come out of a room."""

from __future__ import annotations

import select
import socket
import uuid
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


EVERY_ADDRESS: Final = "0.0.0.0"  # noqa: S104 - whoever comes, on whatever way


class Listeners:
    """A TCP, a UDP, two named and an abstract Unix socket; whoever comes is remembered once."""

    def __init__(self, path: Path) -> None:
        self.abstract_name = f"canary-{uuid.uuid4().hex[:8]}"
        self._sockets = {
            "TCP was reached": _bound(socket.AF_INET, socket.SOCK_STREAM, (EVERY_ADDRESS, 0)),
            "UDP was reached": _bound(socket.AF_INET, socket.SOCK_DGRAM, (EVERY_ADDRESS, 0)),
            "a named socket was reached": _bound(socket.AF_UNIX, socket.SOCK_STREAM, str(path)),
            "a named mailbox was reached": _bound(
                socket.AF_UNIX, socket.SOCK_DGRAM, f"{path}.mail"
            ),
            "an abstract socket was reached": _bound(
                socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self.abstract_name
            ),
        }
        path.chmod(0o777)
        Path(f"{path}.mail").chmod(0o777)
        self.tcp_port: int = self._sockets["TCP was reached"].getsockname()[1]
        self.udp_port: int = self._sockets["UDP was reached"].getsockname()[1]

    @property
    def address(self) -> str:
        """An address of this machine that is not its loopback, where it has one."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
            probe.connect(("192.0.2.1", 9))  # sends nothing
            return str(probe.getsockname()[0])
        return "127.0.0.1"

    def reached(self) -> Iterator[str]:
        """Which sockets somebody came to since the last time."""
        ready, _, _ = select.select(list(self._sockets.values()), [], [], 0)
        for what, listening in self._sockets.items():
            if listening in ready:
                yield what
                _empty(listening)

    def close(self) -> None:
        """Close them all."""
        for listening in self._sockets.values():
            listening.close()


def _bound(family: int, kind: int, address: object) -> socket.socket:
    listening = socket.socket(family, kind)
    listening.bind(address)  # type: ignore[arg-type]
    if kind == socket.SOCK_STREAM:
        listening.listen(64)
    listening.setblocking(False)
    return listening


def _empty(listening: socket.socket) -> None:
    with suppress(BlockingIOError):
        while True:
            if listening.type == socket.SOCK_DGRAM:
                listening.recv(1000)
            else:
                listening.accept()[0].close()
