"""The cells that we add to a run: they start the recorder and ask it what it saw."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.execution.outputs import sound
from grader.kernels import delivery as recorder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.models import Cell, Plan, Step, Transfer

MIME = "application/vnd.grader.evidence"
TOUCHED = "application/vnd.grader.touched"


LONGEST_WAY = 60


@dataclass(frozen=True, slots=True)
class Question:
    """A cell of ours; `parts` true answers are expected, and each carries its `token`."""

    source: str
    token: str
    parts: int


def prepare() -> None:
    """Compile what is sent to kernels, once for all the runs of this process and its forks."""
    recorder.all_packed(recorder.REHEARSING)


def opening(plan: Plan, *, prepared: bool) -> str:
    """The first cell: starts the recorder, and unpacks it if the kernel is not `prepared`."""
    steps: dict[str, list[str]] = {}
    for cell, parts in plan.steps.items():
        steps[str(cell)] = [str(step) for step in parts]
    settings = {
        "seed": plan.seed,
        "numbers": {
            _digest(cell.source): cell.number
            for cell in plan.cells
            if cell.number not in plan.stand_ins
        },
        "steps": steps,
        "names": {role: list(names) for role, names in plan.names.items()},
        "shown": sorted(plan.shown),
    }
    beginning = f"__import__({recorder.NAME!r}).start({settings!r})"
    return beginning if prepared else f"{recorder.unpacking()}\n{beginning}"


def observe(
    steps: Sequence[Step],
    seed: int,
    token: str,
    *,
    plain: int | None = None,
    transfer: Transfer | None = None,
    stand_ins: frozenset[int] = frozenset(),
) -> Question:
    """Ask what can be observed of these steps; then, if wanted, for more training.

    `plain`: the plain loop, for so many epochs, on copies of what the training cell used;
    `transfer`: the student's cells once more, on examples with other answers, including the
    reference's cells that replace some of them (`stand_ins`).
    """
    request: dict[str, Any] = {"observe": [str(s) for s in steps], "seed": seed, "token": token}
    if plain is not None:
        request["plain"] = plain
    if transfer is not None:
        cells = [
            (cell.number, _packed(cell.source), True)
            if cell.number in stand_ins
            else (cell.number, cell.source, False)
            for cell in transfer.cells
        ]
        request["transfer"] = {"cells": cells, "formula": transfer.formula, "seed": seed}
    parts = len(steps) + (plain is not None) + (transfer is not None)
    if parts > len(steps):
        request["codes"] = recorder.all_packed(recorder.REHEARSING)
    return Question(f"__import__({recorder.NAME!r}).answer({request!r})", token, parts)


def stand_in(cell: Cell) -> str:
    """A cell that runs one of the reference's cells without its text becoming an input."""
    return f"__import__({recorder.NAME!r}).stand_in({cell.number}, {_packed(cell.source)!r})"


# IPython remembers the latest cell, even one that is kept out of its history.
NOTHING = "None"


def _packed(source: str) -> str:
    return base64.b64encode(zlib.compress(source.encode(errors="replace"))).decode()


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
                # As it is: each character of Chinese would be six, and each of those be kept.
                found.append(sound(json.dumps(said.get("record"), ensure_ascii=False)))
    return tuple(found)


def speaks_for_us(outputs: Sequence[Any]) -> bool:
    """Whether a student's cell emitted something under the recorder's own type."""
    return any(MIME in output.get("data", {}) for output in outputs)


def reached(outputs: Sequence[Any]) -> tuple[str, ...]:
    """By what a student's cell reached for what watches it, as the recorder told at once."""
    told = (output.get("data", {}).get(TOUCHED) for output in outputs)
    return tuple(dict.fromkeys(str(way)[:LONGEST_WAY] for way in told if way is not None))


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode(errors="replace")).hexdigest()
