from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.exchange.sheet import Sheet

if TYPE_CHECKING:
    from pathlib import Path

CELL = st.text(st.sampled_from(list("ab ,;\"'\n\r=李")), max_size=8)


@given(st.text(st.sampled_from(list('ab,;"\n\r\t李\ufeff')), max_size=80))
def test_what_is_not_touched_stays_to_the_byte(text: str) -> None:
    assert Sheet(text, "utf-8").to_bytes() == text.encode()


@given(CELL, st.sampled_from([",", ";", "\t"]))
def test_what_is_written_is_read_again_and_nothing_else_changes(text: str, delimiter: str) -> None:
    head = delimiter.join(["a", "b", "c"])
    sheet = Sheet(f'{head}\r\n1{delimiter}"2"{delimiter}3\r\n', "utf-8")
    sheet[1, 1] = text
    again = Sheet(sheet.to_bytes().decode(), "utf-8")
    assert again[1, 1] == text
    assert (again[1, 0], again[1, 2], again.row(0)) == ("1", "3", ["a", "b", "c"])


def test_a_quoted_cell_may_hold_anything() -> None:
    sheet = Sheet('a,b\n"x, ""y""\nz",2\n', "utf-8")
    assert (sheet[1, 0], sheet[1, 1], len(sheet)) == ('x, "y"\nz', "2", 2)


def test_a_sheet_of_chinese_windows_goes_back_as_it_came(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_bytes("姓名,成绩\r\n李小明,\r\n".encode("gb18030"))
    sheet = Sheet.read(path)
    sheet[1, 1] = "95"
    assert sheet.to_bytes() == "姓名,成绩\r\n李小明,95\r\n".encode("gb18030")


@pytest.mark.parametrize("row", ["x", "x,1"])
def test_a_short_row_is_made_longer(row: str) -> None:
    sheet = Sheet(f"a,b,c\n{row}\n", "utf-8")
    sheet[1, 2] = "9"
    assert sheet[1, 2] == "9"
    assert sheet[1, 0] == "x"
