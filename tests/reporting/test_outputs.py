from __future__ import annotations

import pytest

from grader.models import CellError, CellRun, Output, OutputKind
from grader.reporting.outputs import ShownOutput, shown_run
from tests.reporting.samples import png


def shown(kind: OutputKind, content: str) -> ShownOutput:
    (output,) = shown_run(CellRun(1, (Output(kind, content),))).outputs
    return output


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<img src='https://example.org/track.gif'>",
        "<svg><script>alert(1)</script></svg>",
        "<style>body{display:none}</style>",
        "<iframe src='https://example.org'></iframe>",
        "<form action='https://example.org'><input></form>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='data:text/html,x'>x</a>",
        "<a href='da&#10;ta:text/html,x'>x</a>",
        "<a href='&#9;d&#13;ata:text/html,x'>x</a>",
        "<a href='&#1;data:text/html,x'>x</a>",
        "<a href='java&#9;script:alert(1)'>x</a>",
        "<a href='&#x0a;javascript&colon;alert(1)'>x</a>",
        "<a href='//example.org'>x</a>",
        "<a href='file:///etc/passwd'>x</a>",
        "<base href='https://example.org/'><meta http-equiv=refresh content='0;url=//x'>",
        "<link rel=stylesheet href='https://example.org/x.css'>",
        "<p style='background:url(https://example.org/src=)'>x</p>",
        "<table background='https://example.org/src='><tr><td>1</td></tr></table>",
        "<math href='data:text/html,x'><mtext>x</mtext></math>",
        "<a href='../other_student.html'>x</a>",
        "<p class='big' id='mark' style='font-size:9em'>100</p>",
        "<h1>100 / 100</h1>",
    ],
)
def test_nothing_in_an_output_can_act_or_pose_as_a_part_of_the_page(html: str) -> None:
    cleaned = str(shown(OutputKind.HTML, html).html)
    assert not any(
        word in cleaned
        for word in ("script", "onerror", "src=", "<style", "<form", "href", "class", "id=", "<h1")
    )


@pytest.mark.parametrize(
    "html",
    [
        "<q cite='da&#10;ta:x'>x</q>",
        "<blockquote cite=' data:x'>x</blockquote>",
        "<del cite='javascript:x'>x</del>",
    ],
)
def test_an_address_of_a_quotation_is_none_of_the_bad_ones(html: str) -> None:
    assert "cite=" not in str(shown(OutputKind.HTML, html).html)


@pytest.mark.parametrize("link", ["https://example.org/a?b=c", "HTTP://x.org", "mailto:a@b.org"])
def test_an_ordinary_link_stays(link: str) -> None:
    assert link in str(shown(OutputKind.HTML, f"<a href='{link}'>x</a>").html)


@pytest.mark.parametrize(
    "html",
    [
        "100&#x202e;001",
        "a\u2066b",
        "<b title='&#x202e;x'>y</b>",
        "&#27;[31m",
        "&#0;&#1;&#x9b;31m",
        "<bdo dir=rtl>001</bdo>",
        "a\ud800b",
    ],
)
def test_nothing_in_html_turns_the_reading_round_or_steers_a_terminal(html: str) -> None:
    cleaned = str(shown(OutputKind.HTML, html).html)
    assert "bdo" not in cleaned
    assert not set(cleaned) & set("\u202e\u2066\x1b\x00\x01\x9b\ud800")


def test_a_carriage_return_takes_nothing_out_of_html() -> None:
    html = str(shown(OutputKind.HTML, "<p>one\rtwo</p>&#13;three").html)
    assert "one" in html
    assert "two" in html


def test_what_a_line_was_written_over_with_is_shown() -> None:
    assert shown(OutputKind.TEXT, "abc\rx").text == "xbc"


def test_a_table_of_a_data_frame_stays_a_table() -> None:
    table = "<table><thead><tr><th>x</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>"
    assert str(shown(OutputKind.HTML, table).html) == table


def test_a_picture_in_an_html_output_stays_when_it_is_inside_the_page() -> None:
    html = f'<img src="data:image/png;base64,{png()}" alt="line">'
    assert str(shown(OutputKind.HTML, html).html) == html


def test_a_png_becomes_a_data_uri() -> None:
    assert shown(OutputKind.PNG, png()).src == f"data:image/png;base64,{png()}"


@pytest.mark.parametrize("content", ["", "not base64!", 'x" onerror="alert(1)', "PHN2Zz4="])
def test_what_is_no_png_is_not_shown_as_one(content: str) -> None:
    assert shown(OutputKind.PNG, content).src == ""


def test_colours_of_the_terminal_are_taken_out_of_text() -> None:
    assert shown(OutputKind.TEXT, "\x1b[31mred\x1b[0m").text == "red"


def test_an_exception_is_shown_by_its_name_and_value() -> None:
    run = CellRun(2, (), CellError(2, "NameError", "name 'x' is not defined", "..."))
    assert shown_run(run).error == "NameError: name 'x' is not defined"
