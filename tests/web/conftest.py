from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.course import Class, marked_class

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def marked(tmp_path: Path) -> Iterator[Class]:
    found = marked_class(tmp_path)
    yield found
    found.book.close()
