from __future__ import annotations

import itertools
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

from grader.gradebook import Gradebook
from tests.gradebook.postgres import server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    # pytest's own folders are closed to the user that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="grader-postgres-"))
    try:
        with server(folder) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.environment)])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place for a new gradebook, on each database in turn."""
    if request.param == "sqlite":
        return str(tmp_path / "gradebook.db")
    url: str = request.getfixturevalue("postgres")
    name = f"gradebook_{next(_numbers)}"
    engine = create_engine(
        f"{url}/postgres".replace("postgresql:", "postgresql+psycopg:"),
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return f"{url}/{name}"


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
