from __future__ import annotations

import sys
from contextlib import closing

import pytest

from grader.isolation.tiers import LEFT_OPEN, NONE
from grader.kernels.fresh import FreshKernels
from grader.kernels.sources import kernel_source
from grader.kernels.warm import WarmKernels
from grader.models import Isolation


def test_where_a_process_can_be_forked_kernels_are_warm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    with closing(kernel_source(tiers=(NONE,))) as kernels:
        assert isinstance(kernels, WarmKernels)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_kernels_are_fresh(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    kernels = kernel_source()
    assert isinstance(kernels, FreshKernels)
    assert kernels.new_line() is None
    assert kernels.isolation == Isolation(
        NONE, LEFT_OPEN[NONE], f"room: {platform}; landlock: {platform}"
    )


def test_kernels_are_fresh_on_request() -> None:
    assert isinstance(kernel_source(warm=False), FreshKernels)


def test_a_source_that_was_never_used_closes_at_once() -> None:
    kernel_source(warm=True).close()
    kernel_source(warm=False).close()
