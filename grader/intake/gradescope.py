"""A Gradescope export: submission_metadata.yml says whose each folder is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import yaml

from grader.errors import UsageError
from grader.intake.candidate import Known
from grader.intake.platforms import Told
from grader.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

METADATA: Final = "submission_metadata.yml"


class _Loader(yaml.SafeLoader):
    """Reads Ruby's mappings as plain ones; nothing in a file can make an object."""


def _mapping(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return None


_Loader.add_multi_constructor("!ruby/", _mapping)


def told_by(metadata: bytes, names: Sequence[str]) -> tuple[Told, ...]:
    """Whose the files are; one that was handed in by a group is each member's."""
    try:
        document = yaml.load(metadata, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise UsageError(
            say(
                "{file} cannot be read: {reason}. Export the submissions again.",
                file=METADATA,
                reason=str(error).partition("\n")[0],
            )
        ) from error
    entries = document if isinstance(document, dict) else {}
    return tuple(_told(entries, names))


def _told(entries: dict[object, Any], names: Sequence[str]) -> Iterator[Told]:
    by_folder = {str(key): value for key, value in entries.items() if isinstance(value, dict)}
    for name in names:
        folder = next((p for p in PurePosixPath(name).parts if p in by_folder), None)
        if folder is None:
            continue
        entry = by_folder[folder]
        submitters = entry.get(":submitters") or [{}]
        for person in submitters:
            said = {
                trait: str(person[f":{trait}"])
                for trait in ("name", "sid", "email")
                if person.get(f":{trait}")
            }
            owner = said.get("name") or said.get("email") or said.get("sid") or folder
            known = Known(
                "gradescope",
                said.get("email") or said.get("sid") or folder,
                name=said.get("name"),
                email=said.get("email"),
                login=said.get("sid"),
            )
            yield Told(name, owner, known, handed_in_at=_moment(entry.get(":created_at")))


def _moment(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
