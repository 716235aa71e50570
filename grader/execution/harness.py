"""The cells that we add to a run: they start the recorder and ask it what it saw."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.models import Plan, Step, Transfer

MIME = "application/vnd.grader.evidence"
WATCHING = ("watching", "roles", "recording", "observing")
REHEARSING = ("rehearsing",)


@dataclass(frozen=True, slots=True)
class Question:
    """A cell of ours; a true answer carries its `token`."""

    source: str
    token: str


def opening(plan: Plan) -> str:
    """The first cell: unpacks the recorder and lets it begin."""
    steps: dict[str, list[str]] = {}
    for cell, complete in plan.steps.items():
        steps[str(cell)] = [str(step) for step in complete]
    settings = {
        "seed": plan.seed,
        "numbers": {_digest(cell.source): cell.number for cell in plan.cells},
        "steps": steps,
        "names": {role: list(names) for role, names in plan.names.items()},
    }
    return "\n".join(
        (
            "import sys as _sys, types as _types",
            "_sys.modules['inside'] = _types.ModuleType('inside')",
            "_sys.modules['inside'].__path__ = []",
            f"exec({_source('__init__')!r}, _sys.modules['inside'].__dict__)",
            f"_sys.modules['inside'].unpack({_sources(WATCHING)!r})",
            f"_sys.modules['inside'].start({settings!r})",
            "del _sys, _types",
        )
    )


def observe(steps: Sequence[Step], seed: int, token: str) -> Question:
    """Ask what is to be seen of these steps."""
    return _question({"observe": [str(s) for s in steps], "seed": seed, "token": token})


def plain_run(epochs: int, token: str) -> Question:
    """Ask for the plain loop on copies of what the training cell used."""
    return _question({"sources": _sources(REHEARSING), "plain": epochs, "token": token})


def transfer_run(transfer: Transfer, seed: int, token: str) -> Question:
    """Ask for the student's cells once more, on cards with other answers."""
    cells = [(cell.number, cell.source) for cell in transfer.cells]
    request = {"cells": cells, "formula": transfer.formula, "seed": seed}
    return _question({"sources": _sources(REHEARSING), "transfer": request, "token": token})


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


def _question(request: dict[str, Any]) -> Question:
    return Question(f"__import__('inside').answer({request!r})", request["token"])


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode(errors="replace")).hexdigest()


def _sources(names: Sequence[str]) -> dict[str, str]:
    return {name: _source(name) for name in names}


@cache
def _source(name: str) -> str:
    return (resources.files("grader.kernels.inside") / f"{name}.py").read_text("utf-8")
