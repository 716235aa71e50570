from __future__ import annotations

from pathlib import Path

import pytest

from grader.isolation import walls
from grader.isolation.tiers import LANDLOCK, NONE, TIERS
from grader.kernels.trying import best_isolation
from tests.kernels.keeping import told
from tests.kernels.running import linux_only

pytestmark = [linux_only, pytest.mark.environment]

STATUS = "rows = dict(line.split(':', 1) for line in open('/proc/self/status'))"
ATTEMPT = """
import os, socket
def answer(attempt, *arguments):
    try:
        attempt(*arguments)
    except OSError as error:
        return error.strerror
    return "done"
"""


@pytest.fixture(scope="module", params=TIERS)
def tier(request: pytest.FixtureRequest) -> str:
    tier: str = request.param
    return available(tier)


@pytest.fixture(scope="module", params=[tier for tier in TIERS if tier != NONE])
def walled(request: pytest.FixtureRequest) -> str:
    tier: str = request.param
    return available(tier)


@pytest.fixture(scope="module")
def landlock() -> str:
    return available(LANDLOCK)


def available(tier: str) -> str:
    found = best_isolation((tier,))
    if found.tier != tier:
        pytest.skip(f"no {tier} can be had here: {found.why}")
    return tier


def test_a_program_begins_in_an_empty_folder_of_its_own(tier: str) -> None:
    folder, content = told("[os.getcwd(), os.listdir()]", tier, after="import os")
    assert Path(folder).name == "work"
    assert content == []


def test_a_program_finds_how_it_is_to_be_reached(tier: str) -> None:
    text = "open(os.environ['JUPYTER_RUNTIME_DIR'] + '/kernel.json').read()"
    assert told(text, tier, after="import os") == "how to reach it"


def test_a_program_may_look_at_itself(tier: str) -> None:
    mine = "os.stat('/proc/self').st_uid == os.getuid() and len(os.listdir('/proc/self/fd')) > 2"
    assert told(mine, tier, after="import os") is True


def test_behind_walls_no_privilege_is_left_and_none_can_be_gained(walled: str) -> None:
    names = ("CapPrm", "CapEff", "NoNewPrivs", "Seccomp")
    found = told(f"[int(rows[name], 16) for name in {names}]", walled, after=STATUS)
    assert found == [0, 0, 1, 2]


def test_landlock_lets_a_program_write_into_its_own_folder_only(
    landlock: str, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "notes.txt"
    elsewhere.write_text("1")
    attempts = (
        "[answer(open, 'mine', 'w'),"
        f" answer(open, {str(elsewhere)!r}), answer(open, {str(elsewhere)!r}, 'w'),"
        f" answer(os.listdir, {str(tmp_path)!r}), answer(os.chown, 'mine', -1, os.getgid())]"
    )
    refused = "Permission denied"
    expected = ["done", refused, refused, refused, "Operation not permitted"]
    assert told(attempts, landlock, after=ATTEMPT) == expected


def test_landlock_lets_a_program_call_nobody(landlock: str) -> None:
    call = "answer(socket.create_connection, ('127.0.0.1', 9))"
    found = told(call, landlock, after=ATTEMPT)
    assert found == "Address family not supported by protocol"


def test_where_no_network_is_a_kernels_own_there_is_no_door() -> None:
    assert walls.NoWalls.doors == walls.LandlockWalls.doors == ()
