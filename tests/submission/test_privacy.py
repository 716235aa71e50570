from __future__ import annotations

import json

import pytest

from demo.colab import as_colab_saves
from grader.submission import without_personal_data
from tests.notebooks import lesson


def test_what_colab_notes_of_a_person_is_gone_and_all_else_is_kept() -> None:
    saved = as_colab_saves(lesson(), "Zoë Müller")
    saved.metadata["colab"]["authorship_tag"] = "ABX9TyN"
    content = json.dumps(saved, ensure_ascii=False).encode()
    stripped = without_personal_data(content)
    assert "Müller" in content.decode()
    assert "Müller" not in json.dumps(json.loads(stripped), ensure_ascii=False)
    assert b"authorship_tag" not in stripped
    for cell in saved.cells:
        cell.metadata.get("executionInfo", {}).pop("user", None)
    del saved.metadata["colab"]["authorship_tag"]
    assert json.loads(stripped) == json.loads(json.dumps(saved))


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(lesson()).encode(),
        b"executionInfo, but no JSON",
        b'["executionInfo"]',
        b'{"cells": {"executionInfo": 1}}',
        b"\xff\xfe",
    ],
)
def test_what_holds_nothing_personal_stays_as_it_is(content: bytes) -> None:
    stripped = without_personal_data(content)
    try:
        assert json.loads(stripped) == json.loads(content)
    except ValueError:
        assert stripped == content
