"""Keeps the fast tests fast: one that starts a kernel, or what keeps or drives kernels, fails."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# Whose tests may start kernels: see CONTRIBUTING.md.
WITH_KERNELS = tuple(Path(__file__).parent / name for name in ("slow", "real"))
# Our own programs by their module, Jupyter's, and the command itself, which starts any of them.
_STARTS_KERNELS = re.compile(r"grader\.\w.*|ipykernel_launcher|.*/bin/grader")


class KernelGuard:
    """Hears of every process that this one starts; while it watches, a kernel is refused."""

    def __init__(self) -> None:
        self.watches = False
        self.refused: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.watches and event == "subprocess.Popen":
            words = arguments[1]
            for word in words if isinstance(words, (list, tuple)) else ():
                if _STARTS_KERNELS.fullmatch(str(word)):
                    self.refused.append(str(word))
                    raise KernelStarted(str(word))


class KernelStarted(RuntimeError):
    """A fast test starts a kernel."""

    def __init__(self, program: str) -> None:
        super().__init__(f"this test starts {program}: move it to the same folder below tests/slow")


_guard = KernelGuard()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Watch from the first fixture to the last."""
    # This may be a test within a test.
    before = _guard.watches, _guard.refused
    _guard.watches = not any(item.path.is_relative_to(folder) for folder in WITH_KERNELS)
    _guard.refused = []
    try:
        return (yield)
    finally:
        _guard.watches, _guard.refused = before


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Fail also where the code that is tested swallowed the refusal."""
    try:
        return (yield)
    finally:
        if _guard.refused:
            raise KernelStarted(_guard.refused[0])
