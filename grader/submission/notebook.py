"""A notebook file as plain values: its cells with the marks that tell which step they are."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, TypeAdapter, ValidationError

from grader.errors import SubmissionUnreadable
from grader.language.messages import say
from grader.models import Cell, CellKind
from grader.submission.bounds import require_little_code
from grader.submission.opening import read_file
from grader.submission.text import json_of
from grader.syntax import parse

if TYPE_CHECKING:
    from pathlib import Path

    from grader.language.messages import Message

CELL_LIMIT = 500


@dataclass(frozen=True, slots=True)
class MarkedCell:
    """A cell with what its file says about it: ids (the format's and Colab's), step and tags."""

    cell: Cell
    ids: frozenset[str] = frozenset()
    step: str | None = None
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Notebook:
    """All cells of a notebook file, with the assignment and language that it names.

    `remark` says what was odd about the file itself, if anything.
    """

    cells: tuple[MarkedCell, ...]
    sha256: str
    assignment: str | None = None
    language: str | None = None
    remark: Message | None = None


def read_notebook(path: Path) -> Notebook:
    """Read a notebook of format 3 or 4; raises SubmissionUnreadable, saying what to ask for."""
    return parse_notebook(read_file(path))


def parse_notebook(content: bytes) -> Notebook:
    """The same for the content of a notebook's file."""
    document, remark = _parse(content)
    cells = _cells_of(document)
    if len(cells) > CELL_LIMIT:
        raise SubmissionUnreadable(
            say(
                "The notebook has {count} cells; at most {limit} are run. Ask for a shorter "
                "notebook.",
                count=len(cells),
                limit=CELL_LIMIT,
            )
        )
    named = _NotebookFile.model_validate(document).metadata.grader
    marked = tuple(_marked(number, cell) for number, cell in enumerate(_checked(cells), 1))
    require_little_code(each.cell for each in marked)
    return Notebook(
        cells=marked,
        sha256=hashlib.sha256(content).hexdigest(),
        assignment=named.assignment,
        language=named.lang,
        remark=remark,
    )


def _parse(content: bytes) -> tuple[dict[str, Any], Message | None]:
    document, remark = json_of(content)
    if not isinstance(document, dict):
        raise _no_notebook()
    return document, remark


def _cells_of(document: dict[str, Any]) -> list[Any]:
    version = document.get("nbformat")
    if version == 3:
        cells = [cell for sheet in _list(document, "worksheets") for cell in _list(sheet, "cells")]
        return [_upgraded(cell) for cell in cells]
    if version == 4:
        return _list(document, "cells")
    if isinstance(version, int):
        raise SubmissionUnreadable(
            say(
                "The notebook is in format {version}; formats 3 and 4 can be read. "
                "Open it in Jupyter or Colab, save it and hand that in.",
                version=version,
            )
        )
    raise _no_notebook()


def _list(holder: object, key: str) -> list[Any]:
    value = holder.get(key) if isinstance(holder, dict) else None
    if not isinstance(value, list):
        raise _no_notebook()
    return value


def _upgraded(cell: object) -> object:
    """A cell of format 3 in the terms of format 4."""
    if not isinstance(cell, dict):
        return cell
    if cell.get("cell_type") == "heading":
        return {**cell, "cell_type": "markdown"}
    return {"source": cell.get("input"), **cell}


def _no_notebook() -> SubmissionUnreadable:
    return SubmissionUnreadable(
        say("The file is JSON but not a Jupyter notebook. Ask for the .ipynb file as it was saved.")
    )


def _checked(cells: list[Any]) -> list[_CellFile]:
    try:
        return _CELLS.validate_python(cells)
    except ValidationError as error:
        first = min(int(each["loc"][0]) for each in error.errors())
        raise SubmissionUnreadable(
            say(
                "Cell {cell} of the notebook is damaged. Open the notebook in Jupyter or Colab, "
                "save it and hand that in.",
                cell=first + 1,
            )
        ) from error


def _marked(number: int, cell: _CellFile) -> MarkedCell:
    ids = frozenset(id_ for id_ in (cell.id, cell.metadata.id) if id_)
    # Colab's badge links to the student's repository; blank, so that the numbers below it stay.
    source = "" if "view-in-github" in ids else cell.source
    return MarkedCell(
        cell=Cell(number, CellKind(cell.cell_type), source),
        ids=ids,
        step=cell.metadata.grader.step,
        tags=frozenset(cell.metadata.tags),
    )


def _joined(source: object) -> object:
    """Notebooks keep a text whole or as a list of lines; half an emoji is not text at all."""
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = _with_line_ends(source)
    if not isinstance(source, str):
        return source
    lines = source.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\ud800-\udfff]", "\ufffd", lines)


def _with_line_ends(lines: list[str]) -> str:
    """The lines as one text; some tools leave out the ends of lines that belong to a list."""
    whole = "".join(lines)
    ended = [line.endswith(("\n", "\r")) for line in lines[:-1]]
    if all(ended):
        return whole
    completed = "".join(
        line if line.endswith(("\n", "\r")) or after.startswith(("\n", "\r")) else line + "\n"
        for line, after in pairwise([*lines, "\n"])
    )
    # A text may also have been cut anywhere: then line ends inside of it make no sense.
    return completed if not any(ended) or parse(completed) is not None else whole


# Metadata belongs to many tools: what is not in our form was not meant for us.


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _section(value: object) -> object:
    return value if isinstance(value, dict) else {}


_Text = Annotated[str | None, BeforeValidator(_text)]


class _StepMark(BaseModel):
    step: _Text = None


class _CellMetadata(BaseModel):
    grader: Annotated[_StepMark, BeforeValidator(_section)] = _StepMark()
    tags: Annotated[list[str], BeforeValidator(_texts)] = []
    id: _Text = None


class _CellFile(BaseModel):
    cell_type: Literal["code", "markdown", "raw"]
    source: Annotated[str, BeforeValidator(_joined)]
    id: _Text = None
    metadata: Annotated[_CellMetadata, BeforeValidator(_section)] = _CellMetadata()


_CELLS: Final = TypeAdapter(list[_CellFile])


class _NotebookMark(BaseModel):
    assignment: _Text = None
    lang: _Text = None


class _NotebookMetadata(BaseModel):
    grader: Annotated[_NotebookMark, BeforeValidator(_section)] = _NotebookMark()


class _NotebookFile(BaseModel):
    metadata: Annotated[_NotebookMetadata, BeforeValidator(_section)] = _NotebookMetadata()
