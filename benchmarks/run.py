"""`make bench`: grades the same class by us and by others in one run, in turn, and compares."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.class_of import LESSONS
from benchmarks.contenders.nbgrader import Nbgrader
from benchmarks.contenders.otter import Otter
from benchmarks.contenders.ours import COURSE, Ours, tiers
from benchmarks.contenders.runs import Floor, Nbclient
from benchmarks.environments import Environment
from benchmarks.machine import machine
from benchmarks.metering import CommandFailed, Meter
from benchmarks.results import OURS, Results
from benchmarks.rounds import Entrant, Ground, Unfinished, rounds, start_of_ours
from benchmarks.table import as_markdown, as_text, put_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.contenders import Contender
    from benchmarks.metering import Usage
    from benchmarks.results import Measured

BUILD: Final = Path("build")
RESULT: Final = BUILD / "bench.json"
DOCUMENT: Final = Path("docs") / "performance.md"
PEERS: Final = ("nbgrader", "otter", "nbclient", "floor")
# Beyond this share of other work, wall times tell of that work too.
QUIET: Final = 0.1


def main() -> int:
    """Run all rounds; 0 if every contender did its work, else 1."""
    options = _options()
    students: int = options.students
    entrants = [Entrant(Ours(), students), *(peer.entrant(students) for peer in options.peers)]
    measured: list[Measured] = []
    try:
        with Meter() as meter:
            ground = Ground(COURSE / BUILD / "bench" / "run", meter)
            print(f"{machine()}\nCPU is counted by {meter.how}.", flush=True)
            start = start_of_ours(ground, LESSONS[0])
            print(_words(start), flush=True)
            for one in rounds(ground, entrants, LESSONS, students, options.rounds):
                measured.append(one)
                print(_line(one), flush=True)
    except (CommandFailed, Unfinished) as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; nothing was written.", file=sys.stderr)
        return 130
    _publish(Results(tuple(measured)), entrants, start, tiers(ground.folder / OURS))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--class", dest="students", type=int, default=60, help="size of the class")
    parser.add_argument("--rounds", type=int, default=2, help="turns of each contender a lesson")
    parser.add_argument(
        "peers",
        nargs="*",
        type=Peer.named,
        metavar="PEER[:COUNT]",
        help=f"whom we are compared with ({', '.join(PEERS)}), on how many of the class in a round",
    )
    options = parser.parse_args()
    if options.students < 1 or options.rounds < 1:
        parser.error("a class has at least one student, and a run one round")
    return options


@dataclass(frozen=True, slots=True)
class Peer:
    """Whom we are compared with; `submissions` is None for the whole class."""

    name: str
    submissions: int | None

    @classmethod
    def named(cls, text: str) -> Peer:
        """Of NAME or NAME:COUNT; raises ArgumentTypeError."""
        name, _, count = text.partition(":")
        if name not in PEERS:
            raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(PEERS)}")
        if count and not (count.isdecimal() and int(count)):
            raise argparse.ArgumentTypeError(f"{count} is no count of submissions")
        return cls(name, int(count) if count else None)

    def entrant(self, students: int) -> Entrant:
        """The contender itself, with its share of the class."""
        return Entrant(_contender(self.name), min(self.submissions or students, students))


def _contender(name: str) -> Contender:
    if name == "nbgrader":
        return Nbgrader(COURSE, _environment("nbgrader"))
    if name == "otter":
        return Otter(COURSE, _environment("otter"))
    environment = _environment("nbclient")
    return Nbclient(environment) if name == "nbclient" else Floor(environment)


def _environment(name: str) -> Environment:
    """The environment that `make` has installed, with a home that all of them share."""
    folder = COURSE / BUILD / "bench"
    return Environment(folder / name, folder / "home")


def _words(start: Usage) -> str:
    return (
        f"Our start (imports and the warm process), once a command: "
        f"{start.wall_s:.1f} s, of CPU {start.cpu_s:.1f} s."
    )


def _line(one: Measured) -> str:
    return (
        f"round {one.round + 1}, {one.lesson}, {one.contender}: {one.submissions} submissions in "
        f"{one.whole.wall_s:.0f} s; each {one.each.cpu_s:.3f} s of CPU, {one.each.wall_s:.3f} s"
    )


def _publish(results: Results, entrants: Sequence[Entrant], start: Usage, tier: str) -> None:
    for lesson in results.lessons():
        print(f"\n{lesson}, one submission:\n{as_text(results, lesson)}")
    elsewhere = results.busy_elsewhere(os.cpu_count() or 1)
    about = {entrant.contender.name: entrant.contender.about for entrant in entrants}
    text = (
        f"{machine()}; Python {platform.python_version()}, torch {version('torch')}. "
        f"Our notebooks ran in the isolation tier {tier}, the others' are not shut in. "
        f"Other work took {elsewhere:.0%} of the machine meanwhile. {_words(start)}\n\n"
        f"{as_markdown(results, about)}"
    )
    (COURSE / RESULT).write_text(results.as_json(), encoding="utf-8")
    document = COURSE / DOCUMENT
    document.write_text(put_between(document.read_text("utf-8"), text), encoding="utf-8")
    print(f"\nWritten: {RESULT}, {DOCUMENT}")
    if elsewhere > QUIET:
        print(f"Other work took {elsewhere:.0%} of the machine: the wall times tell of it, too.")


if __name__ == "__main__":
    sys.exit(main())
