from __future__ import annotations

import ast
import builtins
from pathlib import Path

import grader
from grader import errors

PACKAGE = Path(grader.__file__).parent


def exceptions(path: Path) -> set[str]:
    """The classes of a module that are built on an exception, by how these are called."""
    known = {
        name
        for space in (errors, builtins)
        for name, value in vars(space).items()
        if isinstance(value, type) and issubclass(value, BaseException)
    }
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id in known for base in node.bases)
    }


def test_every_exception_of_ours_is_in_one_tree() -> None:
    elsewhere = {
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in PACKAGE.rglob("*.py")
        if path != Path(errors.__file__)
        for name in exceptions(path)
    }
    assert elsewhere == set()


def test_the_tree_that_is_told_is_the_one_there_is() -> None:
    lines = (errors.__doc__ or "").splitlines()[1:]
    told = {line.strip("│├└─ ").partition(" ")[0] for line in lines} - {""}
    assert told == exceptions(Path(errors.__file__))
