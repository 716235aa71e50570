"""Whether a notebook is honest work: it runs in plain torch, and learns what the reference learns.

The grader has no say in it: otherwise it would be asked whether it agrees with itself.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, TypeAdapter

from grader.errors import AssignmentError
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROLES: Final = ("X", "y", "model", "loss_fn", "optimizer", "losses")
PROGRAM: Final = "grader.authoring.plain_host"
# Many starts of the reference show how differently the same work can end; this often is wide.
STARTS: Final = 12
_QUOTED: Final = re.compile(r"'([^']*)'")
WIDE: Final = 3.0


class Ended(BaseModel):
    """What a notebook left behind: its first error, its list of losses, its model's last loss."""

    model_config = ConfigDict(frozen=True)

    error: str | None
    losses: tuple[float, ...] | None
    loss: float | None

    @property
    def kind(self) -> str | None:
        """The error without the classes of the objects that it happened to."""
        if self.error is None:
            return None
        words = _QUOTED.findall(self.error)
        return f"{self.error.partition(':')[0]} {words[-1] if words else ''}"

    @property
    def last(self) -> float:
        """Its model's loss, else the last one that it wrote down; infinite if there is neither."""
        if self.loss is not None:
            return self.loss
        return self.losses[-1] if self.losses else math.inf


_ANSWER: Final = TypeAdapter(Ended | None)


class PlainTorch:
    """Programs that run notebooks without a grader; safe to use from `jobs` threads at once.

    `warm` is a notebook that shows what the others import. `given` are cells that come before any
    work, and are run once for all notebooks that have them.
    """

    def __init__(self, warm: Sequence[str], given: Sequence[str], jobs: int) -> None:
        self._programs = [_program() for _ in range(jobs)]
        self._idle = SimpleQueue[subprocess.Popen[str]]()
        for program in self._programs:
            _write(program, {"warm": warm, "given": given})
            self._idle.put(program)

    def run(self, cells: Sequence[str], names: Mapping[str, str], seed: int = 0) -> Ended | None:
        """How the cells end, run from top to bottom; None if Python itself ended, or time was up.

        `names` are what the notebook calls what the handout calls X, y, model ...
        """
        task = {
            "cells": list(cells),
            "names": {role: names.get(role, role) for role in ROLES},
            "seed": seed,
        }
        with self._program() as program:
            _write(program, task)
            return _ANSWER.validate_json(_read(program))

    @contextmanager
    def _program(self) -> Iterator[subprocess.Popen[str]]:
        program = self._idle.get()
        try:
            yield program
        finally:
            self._idle.put(program)

    def close(self) -> None:
        """End the programs."""
        for program in self._programs:
            program.kill()
            program.communicate()


class Yardstick:
    """How the reference ends, from many starts: the measure of every other notebook."""

    def __init__(self, reference: Sequence[str], plain: PlainTorch) -> None:
        ends = [plain.run(reference, {}, seed) for seed in range(STARTS)]
        losses = [end.last for end in ends if end is not None and end.error is None]
        if len(losses) < STARTS or not all(map(math.isfinite, losses)):
            raise AssignmentError(
                say(
                    "The reference does not run in plain torch, or has no loss in the end: {error}",
                    error=next((end.error for end in ends if end and end.error), "-"),
                )
            )
        self._most = WIDE * max(losses)

    def is_honest(self, ended: Ended | None) -> bool:
        """Whether it ran to its end, and learned as much as the reference does."""
        return ended is not None and ended.error is None and ended.last <= self._most


def _program() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # A process that had several threads cannot be forked.
        env={**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MPLBACKEND": "agg"},
        # A person who stops the command wants its report, which may need an answer still.
        start_new_session=True,
        text=True,
    )


def _write(program: subprocess.Popen[str], task: Mapping[str, object]) -> None:
    assert program.stdin is not None  # noqa: S101
    program.stdin.write(json.dumps(task) + "\n")
    program.stdin.flush()


def _read(program: subprocess.Popen[str]) -> str:
    assert program.stdout is not None  # noqa: S101
    return program.stdout.readline()
