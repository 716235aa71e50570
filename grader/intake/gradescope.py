"""A Gradescope export: submission_metadata.yml says whose each folder is."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import yaml

from grader.errors import UsageError
from grader.intake.candidate import Known
from grader.intake.platforms import Told, told_apart
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator

METADATA: Final = "submission_metadata.yml"
# How Gradescope calls the folder that an export comes in.
EXPORT: Final = re.compile(r"^assignment_\d+_export$")
SUBMISSION: Final = re.compile(r"^submission_\d+$")
# No group is larger, and no name, number or time longer.
_MOST_SUBMITTERS: Final = 100
_LONGEST: Final = 200


def read_index(metadata: bytes) -> dict[str, tuple[Told, ...]]:
    """Who handed in each folder, by an export's index; a group's hand-in is each member's.

    Nothing in it becomes an object, and what one entry says wrongly spoils that entry only: its
    hand-in has its folder's name then. Raises UsageError where it is no YAML at all.
    """
    try:
        # The nodes as they stand: nothing is built of them, so that no alias can multiply.
        root = yaml.compose(metadata, yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(
            say(
                "{file} cannot be read: {reason}. Export the submissions again.",
                file=METADATA,
                reason=str(error).partition("\n")[0][:_LONGEST],
            )
        ) from error
    entries = {
        folder: tuple(_told(folder, value))
        for folder, value in _fields(root).items()
        if SUBMISSION.match(folder)
    }
    if not entries:
        raise UsageError(
            say(
                "{file} cannot be read: {reason}. Export the submissions again.",
                file=METADATA,
                reason=say("it names no submission"),
            )
        )
    return told_apart(entries)


def _told(folder: str, entry: yaml.Node) -> Iterator[Told]:
    fields = _fields(entry)
    moment = _moment(_text(fields.get(":created_at")))
    submitters = fields.get(":submitters")
    people = submitters.value if isinstance(submitters, yaml.SequenceNode) else []
    for person in people[:_MOST_SUBMITTERS]:
        said = {trait: _text(value) for trait, value in _fields(person).items()}
        name, login, email = said.get(":name"), said.get(":sid"), said.get(":email")
        owner = name or email or login
        if owner:
            known = Known(
                "gradescope",
                email or login or folder,
                name=name or None,
                email=email or None,
                login=login or None,
            )
            yield Told(owner, known, handed_in_at=moment)


def _fields(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {
        key.value[:_LONGEST]: value for key, value in node.value if isinstance(key, yaml.ScalarNode)
    }


def _text(node: yaml.Node | None) -> str:
    if not isinstance(node, yaml.ScalarNode) or node.tag == "tag:yaml.org,2002:null":
        return ""
    return str(node.value)[:_LONGEST].strip()


def _moment(text: str) -> datetime | None:
    # As Ruby writes it: 2026-11-20 10:00:00.123456000 Z
    spelled = re.sub(r"(\.\d{6})\d+", r"\1", text.replace(" UTC", "Z").replace(" Z", "Z"))
    try:
        value = datetime.fromisoformat(re.sub(r" (?=[+-]\d)", "", spelled))
    except ValueError:
        return None
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
