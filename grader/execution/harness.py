"""The cells that we add to a run: they start the recorder and ask it what it saw."""

from __future__ import annotations

import base64
import hashlib
import json
import marshal
import zlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.models import Plan, Step, Transfer

MIME = "application/vnd.grader.evidence"
WATCHING = ("watching", "roles", "recording", "observing", "silent")
REHEARSING = ("rehearsing",)


@dataclass(frozen=True, slots=True)
class Question:
    """A cell of ours; `parts` true answers are due, and each carries its `token`."""

    source: str
    token: str
    parts: int


def prepare() -> None:
    """Compile the recorder, once for all the runs of this process and of those it forks."""
    _codes(("__init__", *WATCHING, *REHEARSING))


def opening(plan: Plan) -> str:
    """The first cell: unpacks the recorder and lets it begin."""
    steps: dict[str, list[str]] = {}
    for cell, parts in plan.steps.items():
        steps[str(cell)] = [str(step) for step in parts]
    settings = {
        "seed": plan.seed,
        "numbers": {_digest(cell.source): cell.number for cell in plan.cells},
        "steps": steps,
        "names": {role: list(names) for role, names in plan.names.items()},
        "shown": sorted(plan.shown),
    }
    return "\n".join(
        (
            "import sys as _sys, types as _types",
            "_sys.modules['inside'] = _types.ModuleType('inside')",
            "_sys.modules['inside'].__path__ = []",
            "import base64 as _base64, marshal as _marshal, zlib as _zlib",
            f"_code = _zlib.decompress(_base64.b64decode({_code('__init__')!r}))",
            "_code = _marshal.loads(_code)",
            "exec(_code, _sys.modules['inside'].__dict__)",
            f"_sys.modules['inside'].unpack({_codes(WATCHING)!r})",
            f"_sys.modules['inside'].start({settings!r})",
            "del _sys, _types, _base64, _marshal, _zlib, _code",
        )
    )


def observe(
    steps: Sequence[Step],
    seed: int,
    token: str,
    *,
    plain: int | None = None,
    transfer: Transfer | None = None,
) -> Question:
    """Ask what is to be seen of these steps; then, if wanted, for more training.

    `plain`: the plain loop, for so many epochs, on copies of what the training cell used;
    `transfer`: the student's cells once more, on cards with other answers.
    """
    request: dict[str, Any] = {"observe": [str(s) for s in steps], "seed": seed, "token": token}
    if plain is not None:
        request["plain"] = plain
    if transfer is not None:
        cells = [(cell.number, cell.source) for cell in transfer.cells]
        request["transfer"] = {"cells": cells, "formula": transfer.formula, "seed": seed}
    parts = len(steps) + (plain is not None) + (transfer is not None)
    if parts > len(steps):
        request["codes"] = _codes(REHEARSING)
    return Question(f"__import__('inside').answer({request!r})", token, parts)


def answers(outputs: Sequence[Any], question: Question) -> tuple[str, ...]:
    """The records among a cell's outputs that carry the question's token, as JSON texts."""
    found = []
    for output in outputs:
        text = output.get("data", {}).get(MIME)
        if isinstance(text, str):
            try:
                said = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if isinstance(said, dict) and said.get("token") == question.token:
                found.append(json.dumps(said.get("record")))
    return tuple(found)


def speaks_for_us(outputs: Sequence[Any]) -> bool:
    """Whether a student's cell emitted something under the recorder's own type."""
    return any(MIME in output.get("data", {}) for output in outputs)


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode(errors="replace")).hexdigest()


def _codes(names: Sequence[str]) -> dict[str, str]:
    return {name: _code(name) for name in names}


@cache
def _code(name: str) -> str:
    """A module's code, compiled once for all kernels, which run the same interpreter.

    Packed, since IPython hashes every cell's source in Python, 0.1 ms a kilobyte.
    """
    source = (resources.files("grader.kernels.inside") / f"{name}.py").read_text("utf-8")
    code = compile(source, f"<inside.{name}>", "exec", optimize=2)
    return base64.b64encode(zlib.compress(marshal.dumps(code))).decode()
