"""What all tests share: warm kernels, and skips that fail under --strict-environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.kernels.sources import kernel_source

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from grader.kernels import KernelSource


@pytest.fixture(scope="session")
def kernels() -> Iterator[KernelSource]:
    """One warm source for all tests of a session that run notebooks."""
    source = kernel_source(warm=True)
    yield source
    source.close()


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
