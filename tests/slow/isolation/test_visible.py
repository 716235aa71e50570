from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import pytest

from grader.isolation import visible
from grader.isolation.tiers import ROOM
from grader.isolation.visible import hidden_here
from tests.kernels.keeping import told
from tests.kernels.running import linux_only

pytestmark = linux_only
PACKAGES = Path(sysconfig.get_path("purelib"))

SYSTEMS = Path("/usr")


@pytest.mark.environment
@pytest.mark.usefixtures("sealed")
def test_a_hidden_folder_is_empty_in_a_room_and_python_works_there() -> None:
    package = PACKAGES / "nbclient"
    listing = (
        f"[sorted(os.listdir({str(package)!r})), os.path.exists({str(PACKAGES)!r} + '/IPython')]"
    )
    found, others = told(listing, ROOM, after="import os", hidden=hidden_here([package]))
    assert found == []
    assert others is True


@pytest.mark.environment
@pytest.mark.usefixtures("sealed")
def test_nothing_of_a_machine_is_seen_in_a_room_but_programs_and_python() -> None:
    outside = [str(each) for each in (*SYSTEMS.iterdir(), *(SYSTEMS / "local").iterdir())]
    outside = [path for path in outside if not path.endswith((*visible.PARTS, "local"))]
    assert told(f"list(filter(os.path.lexists, {outside}))", ROOM, after="import os") == []
    around = {each.name for each in Path(sys.prefix).iterdir()} - set(visible.OF_PYTHON)
    there = f"sorted(set(os.listdir({sys.prefix!r})) & {around or set()})"
    assert told(there, ROOM, after="import os") == []
