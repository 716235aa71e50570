"""Removes from a notebook what Colab records about the person who ran it."""

from __future__ import annotations

import json

from grader.submission.bounds import has_many_parts
from grader.submission.text import decoded


def without_personal_data(content: bytes) -> bytes:
    """The notebook without the name, account and picture that Colab keeps with each cell.

    What is not a notebook, or has nothing of the kind, stays as it is to the byte.
    """
    if has_many_parts(content):
        return content  # it is not read either
    try:
        text, _ = decoded(content)
        if "executionInfo" not in text and "authorship_tag" not in text:
            return content
        document = json.loads(text)
    except (ValueError, RecursionError):
        return content
    if not isinstance(document, dict):
        return content
    for cell in _list(document.get("cells")):
        _section(_section(_section(cell).get("metadata")).get("executionInfo")).pop("user", None)
    _section(_section(document.get("metadata")).get("colab")).pop("authorship_tag", None)
    try:
        # Not indented: deep nesting would be mostly blanks, gigabytes of them.
        return json.dumps(document).encode()
    except RecursionError:
        return content


def _section(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
