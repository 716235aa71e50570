"""What `from grader import check` gives while a notebook is graded: names that do nothing.

Students may leave their own looks at their work in what they hand in. Nothing else of the package
can be imported past this one.
"""

from __future__ import annotations

import sys
import types


def silence() -> None:
    """Put an empty package in the real one's place."""
    package = types.ModuleType("grader", "Nothing is checked while a notebook is graded.")
    package.__path__ = []
    package.__dict__.update(check=_nothing, hint=_nothing)
    sys.modules["grader"] = package


def _nothing(*_: object, **__: object) -> None:
    """Do nothing."""
