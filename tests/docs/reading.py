"""Reads what a document tells its reader to type, and carries it out.

A block is what stands between two fences; an HTML comment just before it says what it is:

    <!-- file: PATH -->            the block is the file
    <!-- cell: NOTEBOOK ID -->     the block is the source of that cell
    <!-- entries: PATH -->         the block's tables take the places of those of the same names
    <!-- ends with N -->           its last command ends with this exit code
    <!-- not run: REASON -->       the block takes minutes, a server or another machine

In `console` blocks lines that begin with `$ ` are commands, and the others are (some of) what they
show, with `...` for anything.
"""

from __future__ import annotations

import os
import re
import subprocess
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
BIN = ROOT / ".venv" / "bin"
_BLOCK = re.compile(
    r"(?:^ *<!-- (?P<note>(?:(?!-->).)*) -->\n)?^ *```(?P<kind>\w*)\n(?P<body>.*?)^ *```$",
    re.M | re.S,
)
_HEADER = re.compile(r"^\[(?P<name>\w+)\]$", re.M)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block, what kind it is, and the comment before it."""

    kind: str
    body: str
    note: str = ""

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands; in `sh` blocks every line, without comments and with continued lines."""
        if self.kind == "console":
            found = [line[2:] for line in self.body.splitlines() if line.startswith("$ ")]
        elif self.kind == "sh":
            found = self.body.replace("\\\n", " ").splitlines()
        else:
            return ()
        bare = (re.sub(r"\s+# .*$", "", line).strip() for line in found)
        return tuple(line for line in bare if line and not line.startswith("#"))

    @property
    def shown(self) -> tuple[str, ...]:
        """What its commands show."""
        if self.kind != "console":
            return ()
        return tuple(line for line in self.body.splitlines() if line and not line.startswith("$ "))

    def told(self, what: str) -> str | None:
        """What the comment says behind `what`."""
        return self.note.removeprefix(what).strip(": ") if self.note.startswith(what) else None


def blocks_of(document: Path) -> tuple[Block, ...]:
    """Every fenced block of a document."""
    text = document.read_text("utf-8")
    found = _BLOCK.finditer(text)
    return tuple(
        Block(m["kind"], textwrap.dedent(m["body"]).rstrip("\n"), (m["note"] or "").strip())
        for m in found
    )


def documents() -> Iterator[Path]:
    """Everything that tells people what to type."""
    yield from sorted(ROOT.glob("README*.md"))
    yield ROOT / "CONTRIBUTING.md"
    yield from sorted((ROOT / "docs").glob("*.md"))


def carry_out(block: Block, folder: Path) -> None:
    """Do what the block says, in a course's folder; AssertionError where it does not come out."""
    if (path := block.told("file")) is not None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(block.body + "\n", "utf-8")
    elif (cell := block.told("cell")) is not None:
        notebook, cell_id = cell.split()
        _write_cell(folder / notebook, cell_id, block.body)
    elif (path := block.told("entries")) is not None:
        _replace_entries(folder / path, block.body)
    else:
        _run(block, folder)


def _write_cell(notebook: Path, cell_id: str, source: str) -> None:
    content = nbformat.read(notebook, as_version=4)
    (cell,) = [cell for cell in content.cells if cell.id == cell_id]
    cell.source = source
    nbformat.write(content, notebook)


def _replace_entries(path: Path, tables: str) -> None:
    text = path.read_text("utf-8")
    headers = list(_HEADER.finditer(tables))
    ends = [header.start() for header in headers[1:]] + [len(tables)]
    for header, end in zip(headers, ends, strict=True):
        old = re.compile(rf"^\[{header['name']}\]\n.*?(?=^\[|^# |\Z)", re.M | re.S)
        assert len(old.findall(text)) == 1, header["name"]
        new = tables[header.start() : end].rstrip() + "\n\n"
        text = old.sub(lambda _, new=new: new, text)  # type: ignore[misc]
    path.write_text(text, "utf-8")


def _run(block: Block, folder: Path) -> None:
    environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "LANG": "C.UTF-8"}
    environment.pop("LANGUAGE", None)
    told = ""
    for place, command in enumerate(block.commands, 1):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        told += done.stdout + done.stderr
        last = place == len(block.commands)
        due = int(block.told("ends with") or 0) if last else 0
        assert done.returncode == due, f"$ {command}\n{done.stdout}{done.stderr}"
    lines = [line.strip() for line in told.splitlines()]
    for shown in block.shown:
        wanted = re.compile(".*".join(re.escape(part) for part in shown.strip().split("...")))
        assert any(wanted.fullmatch(line) for line in lines), f"{shown}\nis not in\n{told}"
