"""What the hostile notebooks' tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.slow.attacks.siege import Siege

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def siege(request: pytest.FixtureRequest) -> Iterator[Siege]:
    siege = Siege(request.param)
    if siege.runner.isolation.tier != request.param:
        reason = siege.runner.isolation.why
        siege.raise_siege()
        pytest.skip(f"no {request.param} can be had here: {reason}")
    yield siege
    siege.raise_siege()
