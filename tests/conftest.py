"""What all tests share: warm runner, room, and skips that fail under --strict-environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hypothesis
import pytest

from grader.execution.runner import notebook_runner
from grader.isolation.tiers import ROOM
from grader.kernels.trying import best_isolation

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from grader.execution.runner import NotebookRunner
    from grader.models import Isolation

pytest_plugins = ["tests.kernel_guard"]

# How long an example takes depends on what else the machine does, and is no property of the code.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def runner() -> Iterator[NotebookRunner]:
    """One warm source for all tests of a session that run notebooks."""
    source = notebook_runner(warm=True)
    yield source
    source.close()


@pytest.fixture(scope="session")
def sealed() -> Isolation:
    """The isolation of a room; skips where none can be built (mark the test `environment`)."""
    found = best_isolation((ROOM,))
    if found.tier != ROOM:
        pytest.skip(f"no room can be built here: {found.why}")
    return found


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--strict-environment",
        action="store_true",
        help="fail, instead of skipping, tests for which the machine lacks something",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    strict = item.config.getoption("--strict-environment")
    if strict and report.skipped and item.get_closest_marker("environment"):
        report.outcome = "failed"
        report.longrepr = f"skipped under --strict-environment: {report.longrepr}"
    return report
