"""What runs inside a student's kernel: it watches and tells, and judges nothing.

The sources of this package are sent to the kernel, where it is called `inside`; it imports nothing
else of ours, and no expected value, tolerance or reference ever comes in here.
"""

from __future__ import annotations

import contextlib
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["answer", "start", "unpack"]


def unpack(sources: Mapping[str, str]) -> None:
    """Make modules of `sources` (name -> text), in order, as submodules of this package."""
    for name, source in sources.items():
        module = types.ModuleType(f"{__name__}.{name}")
        module.__package__ = __name__
        sys.modules[module.__name__] = module
        exec(compile(source, f"<{module.__name__}>", "exec"), module.__dict__)
        setattr(sys.modules[__name__], name, module)


def start(settings: Mapping[str, Any]) -> None:
    """Seed the random numbers and begin to watch."""
    from IPython import get_ipython

    from . import recording

    watcher = recording.Recorder(
        get_ipython(),
        numbers=settings["numbers"],
        steps={int(cell): steps for cell, steps in settings["steps"].items()},
        names=settings["names"],
    )
    watcher.install()
    recording.seed_everything(settings["seed"])
    sys.modules[__name__].__dict__["recorder"] = watcher


def answer(request: Mapping[str, Any]) -> None:
    """Tell what was asked for: steps observed, or training once more."""
    from . import observing

    recorder = sys.modules[__name__].__dict__["recorder"]
    unpack(request.get("sources", {}))
    for part in _parts(request, recorder, observing):
        recorder.emit(request["token"], part)


def _parts(request: Mapping[str, Any], recorder: Any, observing: Any) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    if "observe" in request:
        parts += observing.observe(recorder, request["observe"], request["seed"])
    if "plain" in request:
        plain = None
        with contextlib.suppress(Exception):
            plain = sys.modules[f"{__name__}.rehearsing"].plain_run(recorder, request["plain"])
        parts.append({"kind": "plain", "plain": plain})
    if "transfer" in request:
        run = sys.modules[f"{__name__}.rehearsing"].transfer_run
        parts.append({"kind": "transfer"} | run(recorder, **request["transfer"]))
    return parts
