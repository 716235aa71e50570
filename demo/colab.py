"""A notebook as Google Colab saves it to GitHub."""

from __future__ import annotations

import copy
import hashlib
from typing import TYPE_CHECKING, Final

import nbformat

if TYPE_CHECKING:
    from nbformat import NotebookNode

_BADGE: Final = (
    '<a href="https://colab.research.google.com/github/example/course/blob/main/lesson.ipynb" '
    'target="_parent"><img src="https://colab.research.google.com/assets/colab-badge.svg" '
    'alt="Open In Colab"/></a>'
)


def as_colab_saves(notebook: NotebookNode, owner: str) -> NotebookNode:
    """The notebook in format 4.0 with Colab's marks; `owner` is who ran it."""
    saved = copy.deepcopy(notebook)
    # 4.0 knows no ids of cells: Colab keeps its own in the metadata.
    saved.nbformat_minor = 0
    for place, cell in enumerate(saved.cells):
        cell.metadata["id"] = _colab_id(cell.pop("id"))
        if cell.cell_type == "code":
            cell.execution_count = place + 1
            cell.metadata["executionInfo"] = _execution_info(owner, place)
            cell.metadata["outputId"] = _colab_id(cell.source)
    badge = nbformat.from_dict(
        {
            "cell_type": "markdown",
            "metadata": {"id": "view-in-github", "colab_type": "text"},
            "source": _BADGE,
        }
    )
    saved.cells.insert(0, badge)
    saved.metadata["colab"] = {"provenance": [], "include_colab_link": True}
    saved.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return saved


def _colab_id(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _execution_info(owner: str, place: int) -> NotebookNode:
    info: NotebookNode = nbformat.from_dict(
        {
            "status": "ok",
            "timestamp": 1_760_000_000_000 + 1000 * place,
            "user_tz": -480,
            "elapsed": 40 + place,
            "user": {"displayName": owner, "userId": "0" * 20},
        }
    )
    return info
