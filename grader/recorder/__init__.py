"""What runs inside a student's kernel: it watches and reports, and judges nothing.

The sources of this package are sent to the kernel, where it is called `inside`; it imports nothing
else of ours, and never contains an expected value, a tolerance or a reference.
"""

from __future__ import annotations

import base64
import contextlib
import marshal
import sys
import types
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["answer", "stand_in", "start", "unpack"]


def unpack(codes: Mapping[str, str]) -> None:
    """Make modules of `codes` (name -> packed code), in order, in this package."""
    make({n: marshal.loads(zlib.decompress(base64.b64decode(code))) for n, code in codes.items()})


def make(codes: Mapping[str, types.CodeType]) -> None:
    """Make modules of `codes` (name -> code), in order, in this package."""
    for name, code in codes.items():
        module = types.ModuleType(f"{__name__}.{name}")
        module.__package__ = __name__
        sys.modules[module.__name__] = module
        exec(code, module.__dict__)
        setattr(sys.modules[__name__], name, module)


def start(settings: Mapping[str, Any]) -> None:
    """Seed the random numbers and begin to watch."""
    from IPython import get_ipython

    from . import leaving, recording, silent, steady

    shell = get_ipython()
    silent.silence()
    leaving.stay(shell)
    steady.steady(shell)
    watcher = recording.Recorder(
        shell,
        numbers=settings["numbers"],
        steps={int(cell): steps for cell, steps in settings["steps"].items()},
        names=settings["names"],
        shown=settings["shown"],
    )
    watcher.install()
    steady.seed_everything(settings["seed"])
    sys.modules[__name__].__dict__["recorder"] = watcher


def stand_in(cell: int, packed: str) -> None:
    """Run a cell of the reference instead of the student's own, and leave no text of it."""
    from . import standing

    standing.forget(sys._getframe(1).f_code.co_filename)
    standing.run(sys.modules[__name__].__dict__["recorder"], cell, standing.unpacked(packed))


def answer(request: Mapping[str, Any]) -> None:
    """Report what was asked for, part by part: steps observed, training once more."""
    from . import observing

    recorder = sys.modules[__name__].__dict__["recorder"]
    unpack(request.get("codes", {}))
    for part in _parts(request, recorder, observing):
        recorder.emit(request["token"], part)


def _parts(request: Mapping[str, Any], recorder: Any, observing: Any) -> Iterator[dict[str, Any]]:
    if "observe" in request:
        yield from observing.observe(recorder, request["observe"], request["seed"])
    if "plain" in request:
        plain = None
        with contextlib.suppress(Exception):
            plain = sys.modules[f"{__name__}.rehearsing"].plain_run(recorder, request["plain"])
        yield {"kind": "plain", "plain": plain}
    if "transfer" in request:
        run = sys.modules[f"{__name__}.rehearsing"].transfer_run
        yield {"kind": "transfer"} | run(recorder, **request["transfer"])
