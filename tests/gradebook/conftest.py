from __future__ import annotations

import itertools
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.gradebook import Gradebook
from tests.gradebook.postgres import server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.gradebook.postgres import Server

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    # pytest's own folders are closed to the user that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="grader-postgres-"))
    try:
        with server(folder) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.environment)])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place for a new gradebook, on each database in turn."""
    if request.param == "sqlite":
        return str(tmp_path / "gradebook.db")
    running: Server = request.getfixturevalue("postgres")
    return running.new_database(f"gradebook_{next(_numbers)}")


@pytest.fixture
def opened(where: str) -> Iterator[Callable[[], Gradebook]]:
    """Opens the same gradebook as often as one likes."""
    books: list[Gradebook] = []

    def open_again() -> Gradebook:
        books.append(Gradebook(where, create=True))
        return books[-1]

    yield open_again
    for book in books:
        book.close()
