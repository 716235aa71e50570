"""`exit()` and `quit()` end the cell that they stand in, and nothing else.

A kernel's own ones end it a moment later, in the midst of whatever cell is running by then.
"""

from __future__ import annotations

from typing import Any

from IPython.core.autocall import IPyAutocall


class Leave(IPyAutocall):
    """What stands behind the two names; also without brackets, as IPython has it."""

    rewrite = False

    def __call__(self, *_: object, **__: object) -> None:
        """End the cell, as `sys.exit()` does."""
        raise SystemExit


def stay(shell: Any) -> None:
    """Let nothing that a cell says end the kernel by way of IPython."""
    leave: Any = Leave()  # type: ignore[no-untyped-call]
    shell.user_ns.update(exit=leave, quit=leave)
