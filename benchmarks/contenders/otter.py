"""otter-grader: `otter run` for each submission, with the zip that `otter generate` makes."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.assertions import step_tests
from benchmarks.metering import Command

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.assertions import StepTest
    from benchmarks.class_of import Work
    from benchmarks.environments import Environment


@dataclass(frozen=True, slots=True)
class Otter:
    """A command for each submission, without a container."""

    course: Path
    environment: Environment
    name: str = "otter"

    @property
    def about(self) -> str:
        """The command."""
        version = self.environment.version("otter-grader")
        return f"otter-grader {version}, `otter run`, without a container"

    def prepare(self, works: Sequence[Work], folder: Path) -> tuple[Command, ...]:
        """The autograder, and a command for each work."""
        for test in step_tests(self.course, works[0].lesson):
            path = folder / "tests" / f"{test.step}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(as_otter(test), encoding="utf-8")
        variables = self.environment.variables()
        program = self.environment.program("otter")
        subprocess.run(
            [program, "generate", "--tests-dir", "tests", "--output-path", "autograder.zip"],
            cwd=folder,
            env=variables,
            check=True,
            capture_output=True,
        )
        commands = []
        for work in works:
            notebook = folder / "submitted" / f"{work.student}.ipynb"
            work.write(notebook)
            out = folder / "results" / work.student
            out.mkdir(parents=True)
            options = ("--autograder", "autograder.zip", "--output-dir", str(out), "--no-logo")
            commands.append(Command((program, "run", *options, str(notebook)), folder, variables))
        return tuple(commands)

    def finished(self, folder: Path) -> int:
        """Works with a result."""
        return sum(1 for _ in folder.glob("results/*/results.json"))


def as_otter(test: StepTest) -> str:
    """A step's test as a test file of otter's own kind, based on exceptions."""
    body = "\n".join(f"    {line}" for line in test.source.splitlines())
    return (
        "from otter.test_files import test_case\n\n"
        f'OK_FORMAT = False\nname = "{test.step}"\npoints = {test.points}\n\n\n'
        f"@test_case()\ndef test_{test.step}({', '.join(test.names)}):\n{body}\n"
    )
