from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hatchling.builders.wheel import WheelBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """What `make wheel` builds, without the environment that pip builds it in."""
    folder = tmp_path_factory.mktemp("wheel")
    path = next(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"]))
    with zipfile.ZipFile(path) as archive:
        yield archive


def lines_of(cell: dict[str, Any]) -> set[str]:
    return {line.strip() for line in "".join(cell["source"]).splitlines()}


def solved_lines() -> set[str]:
    """What stands in references where handouts have a gap."""
    solved = re.compile(r"### BEGIN SOLUTION\n(.*?)### (?:STUB|END SOLUTION)", re.DOTALL)
    return {
        line.strip()
        for path in ROOT.glob("solutions/*/reference.*.ipynb")
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        for gap in solved.findall("".join(cell["source"]))
        for line in gap.splitlines()
        if line.strip()
    }


def test_the_wheel_is_called_torchgrade_and_holds_command_package_and_lessons(
    wheel: zipfile.ZipFile,
) -> None:
    assert wheel.filename is not None
    assert Path(wheel.filename).name.startswith("torchgrade-")
    lessons = [path.parent.name for path in ROOT.glob("assignments/*/assignment.toml")]
    handouts = {f"grader/lessons/{lesson}/handout.zh.ipynb" for lesson in lessons}
    assert {"torchgrade.py", "grader/__init__.py", *handouts} <= set(wheel.namelist())


def test_the_wheel_holds_no_folder_and_no_file_of_solutions(wheel: zipfile.ZipFile) -> None:
    kept_back = re.compile(r"(^|/)(solutions|bank|scaffolds)/|reference\.\w+\.ipynb|^(demo|tests)/")
    assert [name for name in wheel.namelist() if kept_back.search(name)] == []


def test_no_notebook_in_the_wheel_holds_a_solved_step(wheel: zipfile.ZipFile) -> None:
    solved = solved_lines()
    assert "loss.backward()" in solved
    for name in wheel.namelist():
        if name.endswith(".ipynb"):
            for cell in json.loads(wheel.read(name))["cells"]:
                assert lines_of(cell).isdisjoint(solved), name
