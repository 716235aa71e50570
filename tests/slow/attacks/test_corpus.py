"""Hostile notebooks: none gets at anything, each end has its name, the next mark is right."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.evidence import DataPart, read_evidence
from grader.execution.runner import notebook_runner
from grader.isolation.tiers import LANDLOCK, NONE, ROOM
from tests.kernels.running import linux_only
from tests.notebooks import SETUP
from tests.slow.attacks.corpus import CORPUS
from tests.slow.attacks.processes import watched
from tests.slow.attacks.siege import ATTACK_CELL, FORMULA, HONEST, everything_said, lesson

if TYPE_CHECKING:
    from tests.slow.attacks.attack import Attack
    from tests.slow.attacks.siege import Siege

pytestmark = [pytest.mark.environment, linux_only]

RECORDS = 8

CASES = [
    pytest.param(tier, attack, id=f"{tier}-{attack.row}-{attack.does.replace(' ', '-')}")
    for tier in (ROOM, LANDLOCK, NONE)
    for attack in CORPUS
    if tier in attack.tiers
]


@pytest.mark.parametrize(("siege", "attack"), CASES, indirect=["siege"], scope="module")
def test_an_attack_gets_at_nothing_and_the_next_mark_is_right(siege: Siege, attack: Attack) -> None:
    began = time.monotonic()
    with watched() as peaks:
        suffered = siege.suffer(attack)
    took = time.monotonic() - began
    said = everything_said(suffered)
    own_folder = suffered.runs[0].outputs[0].content.strip()

    # Nothing was read, written, reached or left behind.
    allowed = {b for gap in siege.runner.isolation.missing for b in attack.gaps.get(gap, ())}
    assert siege.world.breaches(said) == allowed
    assert not Path(own_folder).exists()

    # Its end has its name, and what was right before it stays right.
    error = next((run.error for run in suffered.runs if run.cell == ATTACK_CELL), None)
    assert (suffered.outcome, error.name if error else "") in attack.ends, said[-2000:]
    assert DataPart in read_evidence(suffered.records, FORMULA)
    if attack.cut is not None:
        assert any(run.cut for run in suffered.runs) == attack.cut
    if attack.suspected is not None:
        assert bool(suffered.suspicions) == attack.suspected, suffered.suspicions
    for word in attack.says:
        assert word in said
    for word in attack.silent:
        assert word not in said
    if attack.most is not None:
        assert peaks.processes <= attack.most.processes, peaks
        assert peaks.tasks <= attack.most.tasks, peaks
        assert peaks.open_files <= attack.most.open_files, peaks
        assert peaks.memory <= attack.most.memory, peaks
    assert took < attack.within_s

    assert siege.next_student() == siege.honest


def test_honest_work_has_all_its_records() -> None:
    runner = notebook_runner()
    assert len(runner.run(lesson(SETUP), HONEST).records) == RECORDS
    runner.close()
