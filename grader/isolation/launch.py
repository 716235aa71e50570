"""The words that pass between a kernel's driver and its keeper, over one socket."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

MESSAGE_BYTES = 1 << 17
READY = b"ready"
ENDED = b"ended"
FAILED = b"failed"


@dataclass(frozen=True, slots=True)
class Launch:
    """What a kernel is started with; `connection` is the text of its connection file.

    `tier` is how well it is to be shut in (see `grader.isolation.tiers`), `folder` where its own
    folders are.
    """

    argv: tuple[str, ...]
    env: dict[str, str]
    folder: str
    tier: str
    connection: str

    def encode(self) -> bytes:
        """The launch as one message."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, message: bytes) -> Launch:
        """The launch that a message holds."""
        fields = json.loads(message)
        return cls(**{**fields, "argv": tuple(fields["argv"])})


@dataclass(frozen=True, slots=True)
class Ending:
    """How a kernel ended: its exit status (negative: a signal), and why its keeper ended it.

    `cause` is "memory" or "processes" for a limit that was exceeded, "lost" where the keeper itself
    is gone, and "" where the kernel ended by itself or was told to.
    """

    status: int
    cause: str = ""

    def encode(self) -> bytes:
        """The ending as one message."""
        return b"%s %d %s" % (ENDED, self.status, self.cause.encode())

    @classmethod
    def decode(cls, message: bytes) -> Ending:
        """The ending that a message holds."""
        _, status, cause = message.split(b" ")
        return cls(int(status), cause.decode())
