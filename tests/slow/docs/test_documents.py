from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.docs.reading import BIN, ROOT, blocks_of, carry_out, documents

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = tuple(documents())


@pytest.mark.parametrize(
    "path",
    [p for p in DOCUMENTS if not p.name.startswith("authors") and ".zh." not in p.name],
    ids=lambda path: path.name,
)
def test_what_can_be_run_is_run(path: Path, tmp_path: Path) -> None:
    blocks = [b for b in blocks_of(path) if b.commands and b.told("not run") is None]
    if not blocks:
        return
    for part in ("assignments", "solutions"):
        shutil.copytree(ROOT / part / "01_exact_line", tmp_path / part / "01_exact_line")
    (tmp_path / ".venv").symlink_to(BIN.parent)
    for block in blocks:
        carry_out(block, tmp_path)
