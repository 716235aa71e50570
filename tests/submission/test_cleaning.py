from __future__ import annotations

import ast
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.submission.cleaning import clean


@pytest.mark.parametrize(
    "line",
    [
        "!pip install torch",
        "%pip install -q torch",
        "! pip3 install torch",
        "!apt-get -qq install fonts-wqy-microhei",
        "!sudo apt install x",
        "!python -m pip install torch",
        "%tensorflow_version 2.x",
        "import google.colab",
        "from google.colab import drive, files",
        'drive.mount("/content/drive")',
        "uploaded = files.upload()",
    ],
)
def test_installing_and_colabs_calls_are_passed_over(line: str) -> None:
    assert clean(f"a = 1\n{line}\nb = 2") == "a = 1\npass\nb = 2"


def test_the_indentation_stays_so_that_the_block_is_not_empty() -> None:
    source = 'import sys\nif "google.colab" in sys.modules:\n    %pip install -q torch'
    assert clean(source).endswith(":\n    pass")


def test_a_call_over_several_lines_leaves_the_later_lines_where_they_were() -> None:
    source = dedent(
        """\
        drive.mount(
            "/content/drive",
            force_remount=True,
        )
        x = 1"""
    )
    assert clean(source) == "pass\n\n\n\nx = 1"


def test_other_statements_on_the_line_stay() -> None:
    source = '前 = "卡"; from google.colab import drive; drive.mount("/"); x = 1'
    assert clean(source) == '前 = "卡"; pass; pass; x = 1'


@pytest.mark.parametrize(
    "source",
    ["%matplotlib inline", "!ls", "x = pip", "files.upload", "y = model(drive)", "if (colab"],
)
def test_everything_else_stays_as_it_is(source: str) -> None:
    assert clean(source) == source


_LINES = st.sampled_from(
    [
        "x = 1",
        "if True:",
        "    y = 2",
        "!pip install torch",
        "    %pip install torch",
        "from google.colab import drive",
        'drive.mount("/")',
        "drive.mount(",
        '    "/")',
        '"""',
        "# pass",
        "",
    ]
)


@given(st.lists(_LINES).map("\n".join))
def test_every_line_keeps_its_number_and_python_stays_python(source: str) -> None:
    cleaned = clean(source)
    assert cleaned.count("\n") == source.count("\n")
    try:
        ast.parse(source)
    except SyntaxError:
        return
    ast.parse(cleaned)
