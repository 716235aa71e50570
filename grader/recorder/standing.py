"""Runs cells of the reference in place of the student's own, and leaves no text of them behind.

A hostile notebook shares this process and can find out what ran in it all the same. That nothing of
it comes to be seen is the grader's business; here it is only kept out of everybody's way: out of
the history, out of tracebacks, and out of what `inspect` finds.
"""

from __future__ import annotations

import base64
import linecache
import zlib
from typing import TYPE_CHECKING, Any

from IPython.core import inputtransformer2

if TYPE_CHECKING:
    from .recording import Recorder


def unpacked(packed: str) -> str:
    """The source of a cell."""
    return zlib.decompress(base64.b64decode(packed)).decode()


def run(recorder: Recorder, cell: int, source: str) -> None:
    """Run a source as this cell; what it raises is raised."""
    file = f"<step {cell}>"
    # Not the notebook's own: that one may tell what it is given.
    python: Any = inputtransformer2.TransformerManager
    code = compile(python().transform_cell(source), file, "exec", optimize=2)
    del source
    with recorder.aside:
        recorder.enter(cell, file)
    exec(code, recorder.shell.user_ns)


def forget(file: str) -> None:
    """Let nothing find the source of a cell of ours."""
    linecache.cache.pop(file, None)
