"""`exit()` and `quit()` end the cell that they are in, and nothing else.

A kernel's own versions end it a moment later, in the middle of whatever cell is running by then.
"""

from __future__ import annotations

from typing import Any

from IPython.core.autocall import IPyAutocall


class Leave(IPyAutocall):
    """What the two names refer to; also without brackets, as in IPython."""

    rewrite = False

    def __call__(self, *_: object, **__: object) -> None:
        """End the cell, as `sys.exit()` does."""
        raise SystemExit


def stay(shell: Any) -> None:
    """Keep anything in a cell from ending the kernel through IPython."""
    leave: Any = Leave()  # type: ignore[no-untyped-call]
    shell.user_ns.update(exit=leave, quit=leave)
