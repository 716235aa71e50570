"""One warm source of kernels for all runs in here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.kernels.sources import kernel_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.kernels import KernelSource


@pytest.fixture(scope="session")
def kernels() -> Iterator[KernelSource]:
    source = kernel_source(warm=True)
    yield source
    source.close()
