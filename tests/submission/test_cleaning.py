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
        "!{sys.executable} -m pip install torch",
        'os.system("pip install torch")',
        'get_ipython().system("pip install torch")',
        'drive.mount("/content/drive")',
        "uploaded = files.upload()",
    ],
)
def test_installing_and_colabs_calls_are_passed_over(line: str) -> None:
    assert clean(f"a = 1\n{line}\nb = 2") == "a = 1\npass\nb = 2"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("import google.colab", ["google"]),
        ("import google.colab as gc", ["gc"]),
        ("from google import colab", ["colab"]),
        ("from google.colab import drive, files as f", ["drive", "f"]),
        ("import math, google.colab", ["google", "math"]),
    ],
)
def test_colabs_modules_are_there_whatever_they_are_called_and_do_nothing(
    line: str, names: list[str]
) -> None:
    values: dict[str, object] = {}
    exec(clean(f"{line}\nanswer = {names[0]}.mount('/content')"), values)  # noqa: S102
    assert set(names) <= set(values)


@pytest.mark.parametrize(
    "asks",
    [
        "try:\n    import google.colab\n    here = True\nexcept ImportError:\n    here = False",
        "here = False\nwith suppress(ImportError):\n    import google.colab\n    here = True",
    ],
)
def test_a_notebook_that_asks_whether_it_is_in_colab_is_not_fooled(asks: str) -> None:
    assert clean(asks) == asks


def test_an_installation_over_several_lines_is_passed_over_as_a_whole() -> None:
    assert clean("!pip install -q \\\n    tqdm\nX = 1") == "pass\n\nX = 1"
    assert clean("told = !pip install tqdm \\\n pandas\nX = 1") == "told = []\n\nX = 1"


def test_a_magic_over_several_lines_is_on_one_so_that_the_others_keep_their_numbers() -> None:
    source = "%config InlineBackend.figure_format = \\\n    'retina'\nX = 1"
    assert clean(source).split("\n")[1:] == ["", "X = 1"]


def test_what_is_indented_as_a_whole_begins_at_the_margin() -> None:
    source = "  from google.colab import drive\n  for x in y:\n      pass"
    assert clean(source).split("\n")[1:] == ["for x in y:", "    pass"]


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
    silent = "from unittest.mock import call as drive"
    assert clean(source) == f'前 = "卡"; {silent}; drive.mount("/"); x = 1'


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
