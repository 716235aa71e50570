"""Composes notebooks of the bank: for each step a way of its own, drawn independently of the rest.

A composition is named by its kind and number, `right-17`; the bank, the seed and the name decide
what it is made of. A right one has an honest way for each step. A wrong one has a mistake in one
step or two, and honest ways for the rest. Both get layouts of the bank (names, merged cells, cells
between) and touches, as Colab and students leave them.
"""

from __future__ import annotations

import io
import re
import tokenize
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from grader.authoring.bank import Entry, build, renamed
from grader.authoring.touches import TOUCHES, Touched
from grader.models import CODE_STEPS, Step, Verdict
from grader.recipes.recipe import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbformat import NotebookNode

    from grader.authoring.touches import Touch

# One composition in so many has other names, steps in one cell, cells of one's own, two mistakes.
_RENAMED: Final = 0.25
_MERGED: Final = 0.15
_INSERTED: Final = 0.3
_TWO_MISTAKES: Final = 1 / 3
_MOST_TOUCHES: Final = 3
# What a part may make anew, at the outermost level of a cell; cards may well be moved or cut there.
_MADE_ANEW: Final = (Step.MODEL, Step.LOSS, Step.OPTIMIZER)
_RESULT: Final = re.compile(r"^(\w+) *=(?!=)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Composition:
    """What a notebook is made of; `touches` are drawn by `drawn_by` where there is a choice."""

    name: str
    ways: tuple[Entry, ...]
    mistakes: tuple[Entry, ...]
    touches: tuple[Touch, ...]
    drawn_by: str

    @property
    def entry(self) -> Entry:
        """All that is changed in the reference, as one entry of a bank."""
        return _as_one(self.name, (*self.ways, *self.mistakes))

    @property
    def honest_part(self) -> Composition:
        """The same with the reference's code in place of the mistakes."""
        return Composition(self.name, self.ways, (), self.touches, self.drawn_by)

    @property
    def guilty(self) -> Mapping[Step, frozenset[str]]:
        """The steps with a mistake in them, and the names that it may be given."""
        return {_wrong_step(entry): frozenset(entry.diagnosis) for entry in self.mistakes}

    @property
    def made_of(self) -> str:
        """Its parts by name, mistakes first."""
        parts = [
            *(f"!{entry.name}" for entry in self.mistakes),
            *(entry.name for entry in self.ways),
            *(f"~{touch.__name__}" for touch in self.touches),
        ]
        return " + ".join(parts) or "reference"

    def notebook(self, reference: NotebookNode) -> NotebookNode:
        """The notebook; raises AssignmentError where its parts do not fit together."""
        entry = self.entry
        notebook = build(entry, reference)
        touched = Touched(notebook, entry.rename, Random(self.drawn_by))
        for touch in self.touches:
            touch(touched)
        return notebook


class Composer:
    """Draws compositions from one bank."""

    def __init__(self, bank: Sequence[Entry]) -> None:
        right = [entry for entry in bank if entry.right and not _is_doubtful(entry)]
        self._ways = {
            step: [entry for entry in right if step in touched(entry)] for step in CODE_STEPS
        }
        layouts = [entry for entry in right if not touched(entry)]
        self._renames = [entry for entry in layouts if entry.rename and not entry.merge]
        self._merges = [entry for entry in layouts if entry.merge and not entry.rename]
        self._inserts = [entry for entry in layouts if entry.insert]
        self._mistakes = [entry for entry in bank if _is_one_mistake(entry)]

    def right(self, name: str, drawn_by: str) -> Composition:
        """An honest composition, as far as its parts are honest together."""
        return self._composed(name, (), drawn_by)

    def wrong(self, name: str, drawn_by: str) -> Composition:
        """One with a mistake, or with two in different steps."""
        random = Random(f"{drawn_by} mistakes")
        mistakes = [random.choice(self._mistakes)]
        if random.random() < _TWO_MISTAKES:
            taken = touched(mistakes[0])
            others = [entry for entry in self._mistakes if not touched(entry) & taken]
            mistakes += random.sample(others, min(1, len(others)))
        return self._composed(name, tuple(mistakes), drawn_by)

    def _composed(self, name: str, mistakes: tuple[Entry, ...], drawn_by: str) -> Composition:
        random = Random(drawn_by)
        free = set(CODE_STEPS).difference(*(touched(entry) for entry in mistakes))
        ways = self._ways_for(free, random)
        if not mistakes:
            ways += self._cells_between(random)
        ways += self._layouts((*ways, *mistakes), random)
        touches = random.sample(TOUCHES, random.randint(0, _MOST_TOUCHES))
        touches.sort(key=TOUCHES.index)
        return Composition(name, tuple(ways), mistakes, tuple(touches), drawn_by)

    def _ways_for(self, free: set[Step], random: Random) -> list[Entry]:
        """A way for each free step; one that takes several is drawn if all of them are free."""
        ways = []
        for step in random.sample(sorted(free), len(free)):
            if step not in free:
                continue
            fitting = [entry for entry in self._ways[step] if touched(entry) <= free]
            # None is the reference's own way.
            if way := random.choice([None, *fitting]):
                ways.append(way)
                free = free - touched(way)
            free = free - {step}
        return ways

    def _layouts(self, parts: Sequence[Entry], random: Random) -> list[Entry]:
        taken = {word for entry in parts for text in _texts(entry) for word in _words(text)}
        drawn = []
        if random.random() < _RENAMED and not any(entry.rename for entry in parts):
            # A name that a part has for something else would change what it does.
            fitting = [e for e in self._renames if not taken & set(e.rename.values())]
            drawn += random.sample(fitting, min(1, len(fitting)))
        if random.random() < _MERGED and not any(e.merge or e.split or e.drop for e in parts):
            drawn += random.sample(self._merges, min(1, len(self._merges)))
        return drawn

    def _cells_between(self, random: Random) -> list[Entry]:
        """For right work only: where they train the model, they may make good what a step lacks."""
        wanted = random.random() < _INSERTED
        return random.sample(self._inserts, min(wanted, len(self._inserts)))


def touched(entry: Entry) -> frozenset[Step]:
    """The steps whose code is the entry's own, or whose result its code makes anew.

    A model or an optimizer that is made once more would take the place of a mistake in the first.
    """
    made = {name for text in _texts(entry) for name in _RESULT.findall(text)}
    anew = [step for step in _MADE_ANEW if not made.isdisjoint(ROLES[step])]
    return frozenset((*entry.write, *entry.edit, *entry.split, *entry.drop, *anew))


def _is_doubtful(entry: Entry) -> bool:
    """Whether it hangs on the rest, or on chance, what is due to a step."""
    return entry.withheld or entry.alone or bool(entry.either & set(CODE_STEPS))


def _is_one_mistake(entry: Entry) -> bool:
    """Whether exactly one step is wrong, always, and has a name."""
    wrong = _wrong_steps(entry)
    return (
        len(wrong) == 1
        and bool(entry.diagnosis)
        and not _is_doubtful(entry)
        and wrong[0] in touched(entry)
    )


def _wrong_steps(entry: Entry) -> list[Step]:
    return [step for step in CODE_STEPS if entry.verdict(step) is not Verdict.PASSED]


def _wrong_step(entry: Entry) -> Step:
    return _wrong_steps(entry)[0]


def _as_one(name: str, parts: Iterable[Entry]) -> Entry:
    """The changes of all parts, which touch different steps; names hold in added cells as well."""
    parts = tuple(parts)
    rename = {old: new for part in parts for old, new in part.rename.items()}
    return Entry(
        name=name,
        about=" + ".join(part.name for part in parts),
        write={step: body for part in parts for step, body in part.write.items()},
        edit={step: edits for part in parts for step, edits in part.edit.items()},
        rename=rename,
        insert=tuple(
            insertion.model_copy(update={"source": renamed(insertion.source, rename)})
            for part in parts
            for insertion in part.insert
        ),
        split={step: line for part in parts for step, line in part.split.items()},
        drop=tuple(step for part in parts for step in part.drop),
        merge=next((part.merge for part in parts if part.merge), ()),
    )


def _texts(entry: Entry) -> Iterable[str]:
    yield from entry.write.values()
    yield from (new for edits in entry.edit.values() for _, new in edits)
    yield from (insertion.source for insertion in entry.insert)


def _words(text: str) -> set[str]:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return set(text.split())
    return {token.string for token in tokens if token.type == tokenize.NAME}
