"""The import contracts hold for every module there is: none keeps a list that could miss one."""

import tomllib
from pathlib import Path

import pytest

import grader

PACKAGE = Path(grader.__file__).parent
MODULES = sorted(str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py"))
CONTRACTS = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))["tool"][
    "importlinter"
]["contracts"]
FLOORS, *FORBIDDEN = CONTRACTS


def test_every_room_has_its_floor() -> None:
    assert (FLOORS["containers"], FLOORS["exhaustive"]) == (["grader"], True)


def test_what_runs_in_a_students_kernel_is_on_the_ground_and_sees_none_of_ours() -> None:
    assert "recorder" in FLOORS["layers"][-1].split(" | ")


@pytest.mark.parametrize("contract", FORBIDDEN, ids=[each["id"] for each in FORBIDDEN])
def test_what_is_forbidden_is_forbidden_to_all_but_those_that_are_named(
    contract: dict[str, object],
) -> None:
    assert contract["source_modules"] == ["grader"]


@pytest.mark.parametrize("module", MODULES)
def test_no_module_is_longer_than_400_lines(module: str) -> None:
    assert len((PACKAGE / module).read_text("utf-8").splitlines()) <= 400
