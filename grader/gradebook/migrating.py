"""Brings an older gradebook up to date, version by version.

Each migration makes the tables as they were in its version, whatever `tables.py` says today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

from grader.errors import GradebookError
from grader.gradebook import tables
from grader.messages import say

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


VERSION: Final = 2
# How to get from a version to the next one. Version 1 is the first.
MIGRATIONS: Final[Mapping[int, Migration]] = {1: _add_decisions}


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
