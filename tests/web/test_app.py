from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from starlette.testclient import TestClient

from grader.web import review_app
from tests.notebooks import EXACT_LINE
from tests.web.course import KEYS, LESSON, STUDENTS

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from tests.web.course import Class

COOKIE = "grader-review-8765"
HERE = "http://127.0.0.1:8765"
BERT = f"/work?assignment={LESSON}&student=bert"


def visitor(marked: Class, by: str = "chen") -> TestClient:
    """Someone who has not opened the link yet."""
    return TestClient(review_app(marked.desk(by), KEYS, 8765), base_url=HERE)


def reviewer(marked: Class, by: str = "chen") -> TestClient:
    client = visitor(marked, by)
    client.get(f"/?token={KEYS.token}")
    return client


def form(client: TestClient, **fields: str) -> dict[str, str]:
    state = re.search(r'name="state" value="([^"]*)"', client.get(BERT).text)
    assert state is not None
    place = {"form": KEYS.form, "assignment": LESSON, "student": "bert", "state": state[1]}
    return place | fields


GIVE = {"do": "override", "check": "train.epochs", "points": "5", "reason": "He asked."}


def test_the_link_opens_the_page_and_leaves_no_token_in_the_address(marked: Class) -> None:
    opened = visitor(marked).get(f"/?token={KEYS.token}")
    assert opened.status_code == 200
    assert "token" not in str(opened.url)
    assert "anna" in opened.text


@pytest.mark.parametrize("path", ["/", "/work", "/?token=wrong", "/style.css", BERT])
def test_without_the_link_nothing_is_shown(marked: Class, path: str) -> None:
    refused = visitor(marked).get(path)
    assert refused.status_code == 403
    assert "anna" not in refused.text


def test_a_page_that_calls_this_machine_by_another_name_is_refused(marked: Class) -> None:
    client = reviewer(marked)
    assert client.get("/work", headers={"host": "evil.example:8765"}).status_code == 421
    assert client.get("/work", headers={"host": "127.0.0.1:1"}).status_code == 421


@pytest.mark.parametrize(
    ("headers", "secret"),
    [
        ({"origin": "https://evil.example"}, KEYS.form),
        ({"origin": "null"}, KEYS.form),
        ({"sec-fetch-site": "cross-site"}, KEYS.form),
        ({"sec-fetch-site": "same-site"}, KEYS.form),
        ({}, "guessed"),
        ({}, ""),
    ],
)
def test_a_form_that_was_sent_from_elsewhere_changes_nothing(
    marked: Class, headers: dict[str, str], secret: str
) -> None:
    client = reviewer(marked)
    sent = client.post("/decide", data=form(client, **GIVE) | {"form": secret}, headers=headers)
    assert sent.status_code == 403
    assert marked.book.review("bert", LESSON).decisions == ()


def test_nothing_is_changed_by_an_address_alone(marked: Class) -> None:
    client = reviewer(marked)
    assert client.get("/decide", params=form(client, **GIVE)).status_code == 405


def test_every_answer_forbids_scripts_from_elsewhere_and_frames(marked: Class) -> None:
    client = reviewer(marked)
    for path in ("/work", "/review.js", "/nowhere"):
        policy = client.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


def test_a_page_has_no_script_and_no_style_of_its_own(marked: Class) -> None:
    client = reviewer(marked)
    page = client.get(f"/work?assignment={LESSON}&student=李华").text
    assert re.findall(r"<script[^>]*>", page) == ['<script src="/review.js" defer>']
    assert "<style" not in page
    assert " style=" not in page
    assert " onclick" not in page
    assert "&lt;script&gt;" in page


def test_points_are_given_and_the_page_says_by_whom_and_why(marked: Class) -> None:
    client = reviewer(marked)
    given = client.post("/decide", data=form(client, **GIVE))
    assert given.status_code == 200
    assert "chen gave 5 points by hand" in given.text
    assert "He asked." in given.text


def test_the_second_of_two_reviewers_is_told_and_keeps_what_was_typed(marked: Class) -> None:
    chen, wang = reviewer(marked, "chen"), reviewer(marked, "wang")
    typed = form(wang, do="override", check="train.epochs", points="1", reason="Strict but fair.")
    chen.post("/decide", data=form(chen, **GIVE))
    refused = wang.post("/decide", data=typed)
    assert refused.status_code == 409
    assert "chen decided about bert meanwhile" in refused.text
    assert 'value="Strict but fair."' in refused.text
    assert [d.by for d in marked.book.review("bert", LESSON).decisions] == ["chen"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (GIVE | {"points": "many"}, "Points are a number"),
        (GIVE | {"points": "50"}, "0 to 5 points"),
        (GIVE | {"reason": ""}, "need a reason"),
        ({"do": "undo"}, "nothing to undo"),
        ({"do": "dance"}, "nothing that can be done"),
        (GIVE | {"student": "nobody"}, "no such submission"),
    ],
)
def test_what_cannot_be_done_is_explained_on_the_page(
    marked: Class, fields: dict[str, str], words: str
) -> None:
    client = reviewer(marked)
    refused = client.post("/decide", data=form(client, **fields))
    assert refused.status_code == 422
    assert words in refused.text


def test_a_decimal_comma_is_understood(marked: Class) -> None:
    client = reviewer(marked)
    client.post("/decide", data=form(client, **(GIVE | {"points": "2,5"})))
    assert marked.book.review("bert", LESSON).decisions[0].points == 2.5


def test_a_class_that_no_filter_fits_says_so(marked: Class) -> None:
    client = reviewer(marked)
    assert "No submission fits" in client.get(f"/work?assignment={LESSON}&name=zz").text


def test_an_unknown_assignment_is_no_fault_of_ours(marked: Class) -> None:
    assert reviewer(marked).get("/work?assignment=99_none").status_code == 404


@pytest.mark.parametrize("points", ["1_0", "1e1", "nan", "inf", "+5", "0x5", "5 5", "", "1,000"])
def test_what_only_python_takes_for_a_number_is_none(marked: Class, points: str) -> None:
    client = reviewer(marked)
    sent = form(client, do="override", check="total", points=points, reason="x")
    answer = client.post("/decide", data=sent)
    assert answer.status_code == 422
    assert "Points are a number" in answer.text


def test_a_form_is_read_no_further_than_it_may_be_long(marked: Class) -> None:
    app, read = review_app(marked.desk("chen"), KEYS, 8765), 0
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"a" * 50_000, "more_body": read < 1200}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    headers = [(b"host", b"127.0.0.1:8765"), (b"cookie", f"{COOKIE}={KEYS.session}".encode())]
    scope: MutableMapping[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/decide",
        "raw_path": b"/decide",
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "server": ("127.0.0.1", 8765),
        "headers": headers,
    }
    anyio.run(app, scope, receive, send)
    assert sent[0]["status"] == 413
    assert read == 3


def test_a_reviewer_says_which_of_several_notebooks_counts(marked: Class) -> None:
    marked.hand_in("bert", right=EXACT_LINE.train, wrong=STUDENTS["bert"])
    client = reviewer(marked)
    page = client.get(BERT).text
    assert "right.ipynb" in page
    assert "wrong.ipynb" in page
    assert "different notebooks" in page
    choice = re.search(r'name="version" value="(\w+)"', page[page.index("right.ipynb") :])
    assert choice is not None
    done = client.post("/decide", data=form(client, do="choose", version=choice[1]))
    assert done.status_code == 200
    assert "different notebooks" not in done.text
    assert "this notebook counts" in done.text
    undone = client.post("/decide", data=form(client, do="undo"))
    assert "different notebooks" in undone.text


def test_what_is_no_notebook_of_the_student_is_refused(marked: Class) -> None:
    client = reviewer(marked)
    refused = client.post("/decide", data=form(client, do="choose", version="0" * 64))
    assert refused.status_code == 422
