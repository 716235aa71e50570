from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.test_check import look, signs
from tests.notebooks import lesson, save

if TYPE_CHECKING:
    from pathlib import Path


def test_a_whole_look_needs_no_jupyter(tmp_path: Path) -> None:
    wrong = lesson(model="model = ...\nmodel = nn.Linear(1, 2)", loss="loss_fn = nn.L1Loss()")
    result = look(save(wrong, tmp_path / "mine.ipynb"))
    assert result.exit_code == 0
    assert signs(result.stdout)[:3] == "✓!?"
    assert "Only your instructor's run" in result.stdout
