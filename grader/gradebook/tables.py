"""What a gradebook holds, as tables; `migrating.VERSION` counts their changes."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

SCHEMA: Final = MetaData()

# One row: which schema this gradebook has.
about = Table("grader_gradebook", SCHEMA, Column("schema_version", Integer, nullable=False))

student = Table(
    "student",
    SCHEMA,
    Column("id", String, primary_key=True),
    Column("name", Text),
    Column("email", Text),
    Column("section", Text),
    # Whether a class list names them.
    Column("listed", Boolean, nullable=False, server_default=false()),
)

# What learning platforms call a student; `assignment` is "" where the name holds for a course.
handle = Table(
    "handle",
    SCHEMA,
    Column("platform", String, primary_key=True),
    Column("assignment", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("student", ForeignKey("student.id"), nullable=False, index=True),
)

# The bytes that were handed in, without personal data; one copy of each.
notebook = Table(
    "notebook",
    SCHEMA,
    Column("sha256", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

# Every version of a student's work; `seen_at` is when it last was the one that counts.
submission = Table(
    "submission",
    SCHEMA,
    Column("id", Integer, primary_key=True),
    Column("student", ForeignKey("student.id"), nullable=False),
    Column("assignment", String, nullable=False),
    Column("sha256", ForeignKey("notebook.sha256")),
    Column("version", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("handed_in_at", String),
    Column("marked_late", Boolean, nullable=False, default=False),
    Column("doubt", LargeBinary),
    Column("seen_at", String, nullable=False),
    UniqueConstraint("student", "assignment", "version"),
)

# One run of a notebook; `key` tells what was run, and how it was watched.
evidence = Table(
    "evidence",
    SCHEMA,
    Column("submission", ForeignKey("submission.id"), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("execution", LargeBinary, nullable=False),
)

# Every mark that was ever made; the last one of a submission counts. `run` is the evidence of the
# notebook as it was handed in.
mark = Table(
    "mark",
    SCHEMA,
    Column("id", Integer, primary_key=True),
    Column("submission", ForeignKey("submission.id"), nullable=False),
    Column("maker", String(64), nullable=False),
    Column("assignment_digest", String(64), nullable=False),
    Column("grader_version", String, nullable=False),
    Column("made_at", String, nullable=False),
    Column("points", Float, nullable=False),
    Column("max_points", Float, nullable=False),
    Column("withheld", Boolean, nullable=False),
    Column("detail", LargeBinary, nullable=False),
    Column("run", String(64)),
    Index("mark_of_submission", "submission", "id"),
)

# What making a mark again changed, check by check.
change = Table(
    "change",
    SCHEMA,
    Column("id", Integer, primary_key=True),
    Column("mark", ForeignKey("mark.id"), nullable=False, index=True),
    Column("check_id", String, nullable=False),
    Column("before", Float, nullable=False),
    Column("after", Float, nullable=False),
)

# Points that people gave; the last one for a check counts, and none is ever removed.
override = Table(
    "override",
    SCHEMA,
    Column("id", Integer, primary_key=True),
    Column("student", ForeignKey("student.id"), nullable=False),
    Column("assignment", String, nullable=False),
    Column("check_id", String, nullable=False),
    Column("points", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", String, nullable=False),
    Index("override_of_work", "student", "assignment", "id"),
)

# What a person decided in a review, one row each; what was undone stays, with who undid it.
decision = Table(
    "decision",
    SCHEMA,
    Column("id", Integer, primary_key=True),
    Column("student", ForeignKey("student.id"), nullable=False),
    Column("assignment", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("override", ForeignKey("override.id")),
    Column("text", Text, nullable=False, default=""),
    Column("by", Text, nullable=False),
    Column("at", String, nullable=False),
    Column("undone_by", Text),
    # Which of a student's notebooks counts, of which ones, and the doubt that this ended.
    Column("version", String(64)),
    Column("among", Text),
    Column("doubt", LargeBinary),
    Index("decision_of_work", "student", "assignment", "id"),
)

# Who is working: a grader that finds another one starts at the other end.
session = Table(
    "session",
    SCHEMA,
    Column("id", Integer, primary_key=True),
    Column("began_at", String, nullable=False),
    Column("ended_at", String),
)
