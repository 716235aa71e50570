"""Opens the database of a gradebook: creates it, recognises it, upgrades an older one."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, create_engine, event, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from grader.errors import GradebookError
from grader.gradebook import tables
from grader.gradebook.migrating import VERSION, migrate
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection


# How long to wait while another grader writes.
_PATIENCE_S: Final = 30
_LOCK: Final = 0x67726164  # any number that is ours


def open_database(where: str, *, create: bool) -> Engine:
    """The database at a path or an SQLAlchemy URL; raises GradebookError.

    Without `create`, one that does not exist is an error.
    """
    url = _url_of(where)
    if url.get_backend_name() == "sqlite":
        path = Path(url.database) if url.database not in (None, "", ":memory:") else None
        if path is not None and not create and not path.exists():
            raise GradebookError(
                say(
                    "There is no gradebook at {path}. Grade first, or name it with --gradebook; "
                    "`grader grade` says where it keeps it.",
                    path=where,
                )
            )
        if path is not None and create:
            _make_folder(path.parent, where)
        if path is not None and (not path.exists() or path.stat().st_size == 0):
            _begin_with_wal(path, where)
        engine = _sqlite(url, in_memory=path is None)
    else:
        engine = _server(url)
    try:
        with translated(where), engine.begin() as connection:
            _bring_up_to_date(connection, where)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn a database error into a sentence for the user at the terminal."""
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        if _is_damage(error):
            raise GradebookError(
                say(
                    "The gradebook {path} is damaged: {reason}. Restore a copy of it, or name "
                    "another one with --gradebook, and run the same command again: what is "
                    "missing there is graded anew.",
                    path=readable(where),
                    reason=reason,
                )
            ) from error
        raise GradebookError(
            say(
                "The gradebook {path} cannot be used: {reason}. All marks that it held are "
                "still in it. When that is fixed, run the same command again: it resumes from "
                "there.",
                path=readable(where),
                reason=reason,
            )
        ) from error


def _is_damage(error: SQLAlchemyError) -> bool:
    """Whether it is the file itself that cannot be read."""
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def identity(engine: Engine) -> tuple[int, int] | None:
    """Which file a database is, whatever its name; None if there is none, or no longer."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or name in (None, "", ":memory:"):
        return None
    try:
        status = Path(name).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def readable(where: str) -> str:
    """The place without a password."""
    return _url_of(where).render_as_string(hide_password=True) if "://" in where else where


def _url_of(where: str) -> URL:
    try:
        url = make_url(where if "://" in where else f"sqlite:///{where}")
    except ArgumentError as error:
        raise _unknown(where) from error
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return url


def _unknown(where: str) -> GradebookError:
    return GradebookError(
        say(
            "{path} is neither a file nor a database that can be opened. Give a path, or a URL "
            "such as postgresql://user@host/name.",
            path=where,
        )
    )


def _make_folder(folder: Path, where: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_be_made(where, error.strerror or type(error).__name__) from error


def _cannot_be_made(where: str, reason: str) -> GradebookError:
    return GradebookError(
        say(
            "The gradebook cannot be made at {path}: {reason}. "
            "Choose another place with --gradebook.",
            path=where,
            reason=reason,
        )
    )


def _begin_with_wal(path: Path, where: str) -> None:
    """Make the file, in the mode in which readers and a writer do not wait for each other."""
    try:
        with closing(sqlite3.connect(path, timeout=_PATIENCE_S)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        raise _cannot_be_made(where, str(error)) from error


def _sqlite(url: URL, *, in_memory: bool) -> Engine:
    # A connection of its own for each transaction: none is shared between threads. In memory there
    # is only one connection: everyone has to wait for it.
    size = 1 if in_memory else 5
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0 if in_memory else 50,
        connect_args={"timeout": _PATIENCE_S, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        # In WAL mode only FULL survives a power cut.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Writers take the lock at once: two that both began by reading could not both continue.
        reads = connection.get_execution_options().get("reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _server(url: URL) -> Engine:
    try:
        return create_engine(url, pool_pre_ping=True)
    except NoSuchModuleError as error:
        raise _unknown(url.render_as_string(hide_password=True)) from error
    except ModuleNotFoundError as error:
        raise GradebookError(
            say(
                "{module} is not installed; a gradebook on a database server needs it: "
                "pip install 'torchgrade[cluster]'.",
                module=error.name or str(error),
            )
        ) from error


def _bring_up_to_date(connection: Connection, where: str) -> None:
    if connection.dialect.name == "postgresql":
        # Two graders that begin a gradebook at once do it one after the other.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    found = inspect(connection).get_table_names()
    if not found:
        tables.SCHEMA.create_all(connection)
        connection.execute(tables.about.insert().values(schema_version=VERSION))
        return
    if tables.about.name not in found:
        raise GradebookError(
            say(
                "{path} is the database of another program (it has the tables {tables}). "
                "Choose another place with --gradebook.",
                path=readable(where),
                tables=", ".join(sorted(found)[:5]),
            )
        )
    version = connection.execute(select(tables.about.c.schema_version)).scalar_one()
    if version > VERSION:
        raise GradebookError(
            say(
                "{path} was written by a newer grader (schema {found}; this one knows {known}). "
                "Install the newer grader; nothing was changed.",
                path=readable(where),
                found=version,
                known=VERSION,
            )
        )
    migrate(connection, version, readable(where))
