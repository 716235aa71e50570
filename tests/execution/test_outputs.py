from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import from_dict

from grader.execution.outputs import (
    MOST_CHARS,
    MOST_PNG_CHARS,
    Showing,
    error_of,
    outputs_of,
    sound,
)
from grader.models import Output, OutputKind

RED = "\x1b[31mred\x1b[0m"
any_text = st.text(st.characters())
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def stream(text: object) -> Any:
    return from_dict({"output_type": "stream", "name": "stdout", "text": text})


def shown(**data: object) -> Any:
    named = {name.replace("_", "/"): value for name, value in data.items()}
    return from_dict({"output_type": "display_data", "data": named, "metadata": {}})


def raised(traceback: object, name: object = "ValueError", value: object = "1") -> Any:
    told = {"ename": name, "evalue": value, "traceback": traceback}
    return from_dict({"output_type": "error", **told})


def test_each_output_is_shown_in_the_best_of_its_forms() -> None:
    assert outputs_of(
        [
            stream("said"),
            shown(text_plain="<Figure>", text_html="<b>1</b>", image_png="iVBO\nRw0K\n"),
            shown(text_plain="1", text_html="<b>1</b>"),
            shown(text_plain="1"),
            shown(application_json="{}"),
            raised([]),
        ]
    ) == (
        Output(OutputKind.TEXT, "said"),
        Output(OutputKind.PNG, "iVBORw0K"),
        Output(OutputKind.HTML, "<b>1</b>"),
        Output(OutputKind.TEXT, "1"),
    )


def test_the_pieces_of_a_stream_are_one_text_however_they_arrived() -> None:
    errors = from_dict({"output_type": "stream", "name": "stderr", "text": "warned"})
    assert outputs_of([stream("epo"), errors, shown(text_plain="1"), stream("ch 1")]) == (
        Output(OutputKind.TEXT, "epoch 1"),
        Output(OutputKind.TEXT, "warned"),
        Output(OutputKind.TEXT, "1"),
    )


def test_a_progress_bar_is_seen_as_it_ended() -> None:
    assert outputs_of([stream("10 %\r50 %"), stream("\r100 %\nnext\r\nlast\r")]) == (
        Output(OutputKind.TEXT, "100 %\nnext\nlast"),
    )


def test_two_million_characters_in_one_line_are_read_at_once() -> None:
    # nbclient's own pattern took minutes, in which no limit was heard.
    [output] = outputs_of([stream("x" * 2_000_000)])
    assert len(output.content) == MOST_CHARS + 2


def test_colours_of_a_terminal_are_left_out() -> None:
    assert outputs_of([stream(RED)]) == (Output(OutputKind.TEXT, "red"),)


def test_a_long_text_is_cut_where_it_can_be_seen() -> None:
    [output] = outputs_of([stream("x" * (MOST_CHARS + 1))])
    assert output.content == "x" * MOST_CHARS + " …"


def test_a_picture_that_is_too_large_gives_way_to_its_text() -> None:
    huge = shown(image_png="x" * (MOST_PNG_CHARS + 1), text_plain="<Figure size 9000x9000>")
    assert outputs_of([huge]) == (Output(OutputKind.TEXT, "<Figure size 9000x9000>"),)


def test_an_exception_is_told_with_the_last_line_of_the_students_own() -> None:
    traceback = [
        "---------",
        "Cell In[3], line 2\n      1 def f():\n----> 2     g()",
        f"Cell In[3], line 7, in g()\n {RED}",
        "File /usr/lib/python3/torch.py:99, in h()",
    ]
    error = error_of(5, [stream("said"), raised(traceback)])
    assert error is not None
    assert (error.cell, error.name, error.value, error.line) == (5, "ValueError", "1", 7)
    assert "\x1b" not in error.traceback


def test_outputs_without_an_exception_have_no_error() -> None:
    assert error_of(5, [stream("Cell In[3], line 2"), shown(text_plain="1")]) is None


@pytest.mark.parametrize("traceback", [None, 7, "not a list", [1, None]])
def test_a_traceback_of_another_form_is_read_all_the_same(traceback: object) -> None:
    error = error_of(5, [raised(traceback, name=None, value=["odd"])])
    assert error is not None
    assert error.line is None


@given(anything, anything, anything)
def test_whatever_a_kernel_says_can_be_written_down(one: Any, two: Any, three: Any) -> None:
    said = [stream(one), shown(image_png=one, text_html=two, text_plain=three)]
    for output in outputs_of(said):
        output.content.encode()
    error = error_of(1, [raised(one, two, three)])
    assert error is not None
    for text in (error.name, error.value, error.traceback):
        text.encode()


def test_half_a_character_is_replaced() -> None:
    assert sound("a\ud800b") == "a?b"


@pytest.mark.parametrize(
    "piece",
    [
        "<ipython-input",
        "<ipython-input> in ",
        "<ipython-input-1-a> in <module>\n-",
        "Cell In[",
        "Cell In[1], line ",
        "\x1b[",
        "\x1b[0;",
        "-",
        "1",
        "\n",
    ],
)
def test_no_traceback_keeps_the_reading_busy(piece: str) -> None:
    # The first of them cost a quarter of an hour: its pattern began anew at each of its pieces.
    told = [piece * (6_000_000 // len(piece))]
    error = error_of(5, [raised(told)])
    assert error is not None
    assert error.line is None
    assert len(error.traceback) <= MOST_CHARS


def test_the_end_of_a_long_traceback_still_tells_the_line() -> None:
    deep = ["File /usr/lib/python3/torch.py:99, in h()"] * 50_000
    error = error_of(5, [raised(["Cell In[3], line 7", *deep, "Cell In[3], line 9, in g()"])])
    assert error is not None
    assert error.line == 9


def test_a_line_beyond_all_lines_is_none() -> None:
    error = error_of(5, [raised([f"Cell In[3], line {'7' * 5000}"])])
    assert error is not None
    assert error.line is None or error.line < 10**9


def test_an_older_ipython_tells_the_line_too() -> None:
    told = "<ipython-input-3-0a1b2c> in <module>\n----> 7 1 / 0\n\nZeroDivisionError: division"
    error = error_of(5, [raised([told])])
    assert error is not None
    assert error.line == 7


def test_a_notebook_shows_no_more_than_its_page_can_bear() -> None:
    room = Showing(chars=100, outputs=3)
    said = Output(OutputKind.TEXT, "x" * 40)
    assert room.take((said, said)) == ((said, said), False)
    assert room.take((said, Output(OutputKind.TEXT, "1"))) == ((), True)
    short = Output(OutputKind.TEXT, "1")
    assert room.take((short, short)) == ((short,), True)
