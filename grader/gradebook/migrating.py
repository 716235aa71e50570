"""Brings an older gradebook up to date, version by version.

Each migration makes the tables as they were in its version, whatever `tables.py` says today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
    inspect,
    text,
)
from sqlalchemy.schema import CreateColumn

from grader.errors import GradebookError
from grader.gradebook import tables
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    Migration = Callable[[Connection], None]


def _add_decisions(connection: Connection) -> None:
    """To version 2: what people decide in a review.

    Some gradebooks of version 1 have the table already: those that were made when it was new.
    """
    then = MetaData()
    Table("student", then, Column("id", String, primary_key=True))
    Table("override", then, Column("id", Integer, primary_key=True))
    decision = Table(
        "decision",
        then,
        Column("id", Integer, primary_key=True),
        Column("student", ForeignKey("student.id"), nullable=False),
        Column("assignment", String, nullable=False),
        Column("kind", String, nullable=False),
        Column("override", ForeignKey("override.id")),
        Column("text", Text, nullable=False),
        Column("by", Text, nullable=False),
        Column("at", String, nullable=False),
        Column("undone_by", Text),
        Index("decision_of_work", "student", "assignment", "id"),
    )
    decision.create(connection, checkfirst=True)


def _add_choices(connection: Connection) -> None:
    """To version 3: which of several notebooks counts, and who is on a class list."""
    added: dict[str, tuple[Column[Any], ...]] = {
        "student": (Column("listed", Boolean, nullable=False, server_default=false()),),
        "decision": (
            Column("version", String(64)),
            Column("among", Text),
            Column("doubt", LargeBinary),
        ),
    }
    for table, columns in added.items():
        there = {column["name"] for column in inspect(connection).get_columns(table)}
        for column in columns:
            if column.name not in there:
                Table(table, MetaData(), column)
                made = CreateColumn(column).compile(dialect=connection.dialect)
                connection.execute(text(f"ALTER TABLE {table} ADD COLUMN {made}"))


VERSION: Final = 3
# How to get from a version to the next one. Version 1 is the first.
MIGRATIONS: Final[Mapping[int, Migration]] = {1: _add_decisions, 2: _add_choices}


def migrate(connection: Connection, version: int, path: str) -> None:
    """Bring a gradebook from `version` to VERSION, all in one transaction or not at all."""
    for step in range(version, VERSION):
        if step not in MIGRATIONS:
            raise GradebookError(
                say(
                    "{path} was written by an older grader (schema {found}) that this one cannot "
                    "bring up to date. Nothing was changed; open it with a grader in between.",
                    path=path,
                    found=version,
                )
            )
        MIGRATIONS[step](connection)
        connection.execute(tables.about.update().values(schema_version=step + 1))
