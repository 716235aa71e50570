"""The recorder can import nothing of the grader: what both have to know is written twice.

A recorder that tells more than the grader reads would cost an honest student the whole step.
"""

from __future__ import annotations

import pytest

from grader.evidence import made, packed, training
from grader.execution import cells
from grader.kernels import shell
from grader.recorder import dealing, observing, optimizers, tensors, watching


@pytest.mark.parametrize(
    ("tells", "reads"),
    [
        (tensors.MOST_PACKED, packed.MOST_NUMBERS),
        (watching.MOST_SNAPSHOTS, training.MOST_SNAPSHOTS),
        (watching.MOST_EVENTS, training.MOST_EVENTS),
        (watching.MOST_BATCH_VALUES, training.MOST_BATCHES),
        (watching.MOST_WATCHED, training.MOST_WATCHED),
        (dealing.MOST_BATCHES, made.MOST_DEALT),
        (observing.MOST_LAYERS, made.MOST_LAYERS),
        (optimizers.MOST_GROUPS, made.MOST_GROUPS),
    ],
)
def test_the_recorder_tells_as_much_as_the_grader_reads(tells: int, reads: int) -> None:
    assert tells == reads


def test_numbers_that_are_told_as_a_list_are_never_too_many() -> None:
    longest = max(tensors.MOST_VALUES, observing.MOST_LOSSES, tensors.FEWEST_PACKED)
    assert longest <= packed.MOST_NUMBERS


def test_the_recorder_keeps_as_much_of_every_series_as_its_record_must_hold() -> None:
    for most in (2 * watching.MOST_SNAPSHOTS, 4 * watching.MOST_SNAPSHOTS):
        tape = watching.Tape(most)
        for number in range(2 * training.FEWEST_KEPT):
            tape.append(number)
        assert len(tape.items()) >= training.FEWEST_KEPT


@pytest.mark.parametrize("name", ["MOST_OUTPUTS", "MOST_OUTPUT_CHARS", "MOST_ANSWER_CHARS"])
def test_a_notebook_may_show_as_much_with_a_kernel_as_without(name: str) -> None:
    assert getattr(shell, name) == getattr(cells, name)
