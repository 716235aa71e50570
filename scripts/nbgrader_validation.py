"""Asks nbgrader about handouts: its metadata validator, its assignment generator, its Validator.

Runs where nbgrader is installed, not in the grader's environment; see validate-with-nbgrader.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.nbgraderformat import MetadataValidator, read
from nbgrader.validator import Validator
from traitlets.config import Config


def problems(path: Path, course: Path) -> list[str]:
    """What nbgrader has against the handout; none where it has nothing."""
    try:
        MetadataValidator().validate_nb(read(str(path), as_version=4))
    except Exception as error:
        return [f"metadata: {error}"]
    name = f"{path.parent.name}-{path.stem.partition('.')[2]}"
    source = course / "source" / name
    source.mkdir(parents=True)
    (source / "lesson.ipynb").write_bytes(path.read_bytes())
    made = NbGraderAPI(config=settings(course)).generate_assignment(name)
    if not made["success"]:
        return [f"generate_assignment: {made['error'] or made['log']}"]
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        points = gradebook.find_assignment(name).max_score
    if points != 100:
        return [f"generate_assignment: it is worth {points:g} points, not 100"]
    # A student who has not begun yet: whatever nbgrader finds is about the form of the notebook.
    found = Validator(ignore_checksums=True, validate_all=True).validate(str(path))
    return [f"validate: {kind}: {cell}" for kind, cells in found.items() for cell in cells]


def settings(course: Path) -> Config:
    """A course of its own, that leaves nothing behind."""
    config = Config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.db_url = f"sqlite:///{course / 'gradebook.db'}"
    return config


def main(paths: list[str]) -> int:
    """Tell what became of each; 1 where nbgrader had anything against one."""
    logging.disable(logging.WARNING)
    faulty = 0
    with tempfile.TemporaryDirectory(prefix="nbgrader-") as folder:
        for path in map(Path, paths):
            found = problems(path.resolve(), Path(folder))
            faulty += bool(found)
            print(f"{path}: {'valid, 100 points' if not found else ''}")
            for problem in found:
                print(f"  {problem}")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
