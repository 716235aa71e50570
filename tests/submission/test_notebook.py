from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from grader.errors import SubmissionUnreadable
from grader.models import CellKind
from grader.submission.notebook import CELL_LIMIT, read_notebook
from tests.notebooks import code, lesson, markdown, notebook, save


def refusal(path: Path) -> str:
    with pytest.raises(SubmissionUnreadable) as refused:
        read_notebook(path)
    return str(refused.value)


def written(tmp_path: Path, document: object) -> Path:
    path = tmp_path / "anna.ipynb"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def format_4(*cells: object, **other: Any) -> dict[str, Any]:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **other}


@pytest.mark.parametrize(
    "content",
    [
        b"print('hello')",
        b"PK\x03\x04 a zip",
        b"\xff\xfe\x00",
        b'{"nbformat": 4, "cells": [',
        b"[" * 100_000,
        b'{"nbformat": ' + b"9" * 10_000 + b"}",
    ],
    ids=["code", "binary", "bad text", "cut off", "too deep", "too long a number"],
)
def test_what_is_not_json_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "anna.ipynb"
    path.write_bytes(content)
    assert "not valid JSON" in refusal(path)


@pytest.mark.parametrize(
    "document",
    [
        [],
        "text",
        None,
        {},
        {"nbformat": "4", "cells": []},
        {"nbformat": 4},
        {"nbformat": 4, "cells": {}},
        {"nbformat": 3},
        {"nbformat": 3, "worksheets": [7]},
    ],
)
def test_json_that_is_no_notebook_is_refused(tmp_path: Path, document: object) -> None:
    assert "not a Jupyter notebook" in refusal(written(tmp_path, document))


@pytest.mark.parametrize(
    "cell",
    [
        7,
        None,
        {"cell_type": "code"},
        {"cell_type": "code", "source": {"a": 1}},
        {"cell_type": "code", "source": ["a", 1]},
        {"cell_type": "film", "source": ""},
    ],
)
def test_a_damaged_cell_is_named(tmp_path: Path, cell: object) -> None:
    good = {"cell_type": "markdown", "source": "fine"}
    assert "Cell 2 of the notebook is damaged" in refusal(written(tmp_path, format_4(good, cell)))


def test_a_notebook_of_format_3_is_read(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "heading", "level": 1, "source": ["Lesson"]},
        {"cell_type": "code", "language": "python", "input": ["x = 1\n", "x"], "outputs": []},
    ]
    read = read_notebook(written(tmp_path, {"nbformat": 3, "worksheets": [{"cells": cells}]}))
    assert [marked.cell.kind for marked in read.cells] == [CellKind.MARKDOWN, CellKind.CODE]
    assert read.cells[1].cell.source == "x = 1\nx"


@pytest.mark.parametrize("version", [1, 2, 5])
def test_a_format_of_another_time_is_refused_by_its_number(tmp_path: Path, version: int) -> None:
    assert f"format {version}" in refusal(written(tmp_path, {"nbformat": version}))


def test_a_file_of_100_mb_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "anna.ipynb"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    assert "100 MB" in refusal(path)


def test_5000_cells_are_refused(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "source": "1"}] * 5000
    assert f"5000 cells; at most {CELL_LIMIT}" in refusal(written(tmp_path, format_4(*cells)))


def test_an_empty_file_is_refused_as_a_broken_upload(tmp_path: Path) -> None:
    (tmp_path / "anna.ipynb").touch()
    assert "empty" in refusal(tmp_path / "anna.ipynb")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    solution = save(lesson(), tmp_path / "reference.ipynb")
    (tmp_path / "anna.ipynb").symlink_to(solution)
    assert "link" in refusal(tmp_path / "anna.ipynb")


def test_a_pipe_does_not_hold_the_grader_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "anna.ipynb")
    assert "not an ordinary file" in refusal(tmp_path / "anna.ipynb")


def test_a_folder_called_like_a_notebook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "anna.ipynb").mkdir()
    assert "not an ordinary file" in refusal(tmp_path / "anna.ipynb")


def test_refusing_leaves_no_file_open(tmp_path: Path) -> None:
    (tmp_path / "anna.ipynb").mkdir()
    opened = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        refusal(tmp_path / "anna.ipynb")
    assert len(list(Path("/proc/self/fd").iterdir())) == opened


def test_a_name_with_a_typo_is_not_called_a_matter_of_permissions(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "ana.ipynb")


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = save(lesson(), tmp_path / "anna.ipynb")
    path.chmod(0)
    reader = os.geteuid()
    if reader == 0:  # the superuser may read every file
        os.seteuid(65534)
    try:
        assert "cannot be opened" in refusal(path)
    finally:
        if reader == 0:
            os.seteuid(0)


def test_lines_are_joined_whatever_system_wrote_them(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": ["a = 1\r\n", "b = 2\r", "c = 3"]}
    (marked,) = read_notebook(written(tmp_path, format_4(cell))).cells
    assert marked.cell.source == "a = 1\nb = 2\nc = 3"


@pytest.mark.parametrize(
    "source",
    [
        ["# a", "for i in x:", "    b = 2"],
        ["# a\n", "for i in x:", "    b = 2"],
        ["# a", "for i in x:\r\n", "    b = 2"],
        ["# a", "\n", "for ", "i in x:\n", "    b = ", "2"],
    ],
)
def test_line_ends_that_a_tool_left_out_are_put_back(tmp_path: Path, source: list[str]) -> None:
    cell = {"cell_type": "code", "source": source}
    (marked,) = read_notebook(written(tmp_path, format_4(cell))).cells
    assert marked.cell.source == "# a\nfor i in x:\n    b = 2"


def test_half_an_emoji_becomes_a_mark_of_something_lost(tmp_path: Path) -> None:
    path = tmp_path / "anna.ipynb"
    path.write_bytes(rb'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "\ud83d"}]}')
    assert read_notebook(path).cells[0].cell.source == "\ufffd"


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = written(tmp_path, format_4())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_notebook(path).cells == ()


def test_foreign_metadata_does_no_harm(tmp_path: Path) -> None:
    cell = {
        "cell_type": "code",
        "source": "1",
        "id": 5,
        "metadata": {
            "grader": "x",
            "tags": [1, "step:data"],
            "executionInfo": {"user": {"x": "y"}},
        },
    }
    document = format_4(cell, {**cell, "metadata": 3}, metadata={"grader": {"assignment": []}})
    read = read_notebook(written(tmp_path, document))
    assert read.assignment is None
    assert [marked.tags for marked in read.cells] == [{"step:data"}, set()]


def test_colabs_badge_is_blanked_and_keeps_its_number(tmp_path: Path) -> None:
    badge = markdown("[open in colab](https://example.org/anna)", id="view-in-github")
    read = read_notebook(save(notebook(badge, code("x = 1")), tmp_path / "anna.ipynb"))
    assert [(m.cell.number, m.cell.source) for m in read.cells] == [(1, ""), (2, "x = 1")]


def test_a_notebook_says_which_assignment_it_is(tmp_path: Path) -> None:
    read = read_notebook(save(lesson(language="zh"), tmp_path / "anna.ipynb"))
    assert (read.assignment, read.language) == ("01_exact_line", "zh")
