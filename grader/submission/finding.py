"""Finds the cells of each step, however the notebook was rearranged: never by position alone.

A cell is marked for a step by its metadata, a tag, its id or a marker line. Marks are believed as
far as the code confirms them: copies, splits, merges and stray marks are told apart by the names
that a cell sets. If no marked cell holds the step's code, the names alone decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.language.messages import say
from grader.models import CODE_STEPS, STEP_TITLES, CellKind, Step
from grader.submission.code import CellCode, read_code
from grader.submission.handout import marks_of, own_marks, trimmed
from grader.submission.meaning import own_names, step_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence, Set

    from grader.language.messages import Message
    from grader.submission.handout import Template
    from grader.submission.meaning import OwnNames
    from grader.submission.notebook import MarkedCell

_TRAINING = "a loop with gradients"  # counts like a name that a train cell sets


@dataclass(frozen=True, slots=True)
class Found:
    """The cells of each step by number; all as in a Submission."""

    steps: Mapping[Step, tuple[int, ...]]
    unchanged: frozenset[Step]
    texts: Mapping[Step, int]
    rounds: int
    called: Mapping[str, str]
    is_marked: bool
    given: frozenset[int]
    looks: frozenset[int]
    remarks: tuple[Message, ...]


def find_steps(cells: Sequence[MarkedCell], template: Template) -> Found:
    """The cells of every step that the notebook holds, with a remark on each doubtful choice."""
    given = frozenset(
        marked.cell.number
        for marked in cells
        if marked.cell.kind is CellKind.CODE and trimmed(marked.cell.source) in template.fixed
    )
    students = [
        marked
        for marked in cells
        if marked.cell.kind is CellKind.CODE and marked.cell.number not in given
    ]
    codes = [(marked, read_code(marked.cell.source)) for marked in students]
    # What a step's own cell says counts more than what was tried out elsewhere.
    by_weight = sorted(students, key=lambda marked: bool(own_marks(marked)))
    own = own_names([marked.cell.source for marked in by_weight], template.names)
    pieces = [_Piece.of(*code, step, template, own.given) for code in codes for step in CODE_STEPS]
    texts = _texts(cells, template)
    choices = [_choose(step, pieces, _wanted(step, template), texts) for step in CODE_STEPS]
    return Found(
        steps={c.step: tuple(p.number for p in c.pieces) for c in choices if c.pieces},
        unchanged=frozenset(
            c.step for c in choices if c.pieces and all(p.is_blank for p in c.pieces)
        ),
        texts={c.step: texts[c.step] for c in choices if not c.pieces and c.step in texts},
        rounds=_rounds(pieces),
        called=_called(own, choices),
        is_marked=bool(given) or any(piece.is_marked for piece in pieces),
        given=given,
        looks=frozenset(
            marked.cell.number
            for marked in cells
            if marked.cell.number in given and trimmed(marked.cell.source) in template.looks
        ),
        remarks=(*(r for choice in choices for r in choice.remarks), *_on_moved(choices)),
    )


def _called(own: OwnNames, choices: Sequence[_Choice]) -> dict[str, str]:
    """The own names that are sure: those of another cell than the step's own are not.

    Of several names in a step's cell the one counts that a training loop uses, or else the only one
    that the training's cell reads; if none does, the one whose value fits best, once it has run.
    """
    marked = {
        choice.step: [piece.code for piece in choice.pieces]
        for choice in choices
        if any(piece.is_marked for piece in choice.pieces)
    }
    sets = {
        step: frozenset().union(*(code.sets for code in codes)) for step, codes in marked.items()
    }
    read = frozenset().union(*(code.reads for code in marked.get(Step.TRAIN, ())))
    called = {}
    for role, name in own.given.items():
        step = step_of(role)
        if step not in sets or sets[step] == {name}:
            called[role] = name
        elif own.used.get(role) in sets[step]:
            called[role] = own.used[role]
        elif step is not Step.DATA and len(sets[step] & read) == 1:
            (called[role],) = sets[step] & read
    return called


@dataclass(frozen=True, slots=True)
class _Piece:
    """A student's cell, seen as a possible part of one step; `gives` is what it adds to it."""

    number: int
    step: Step
    is_marked: bool
    is_blank: bool
    gives: frozenset[str]
    code: CellCode

    @classmethod
    def of(
        cls,
        marked: MarkedCell,
        code: CellCode,
        step: Step,
        template: Template,
        own: Mapping[str, str],
    ) -> _Piece:
        names = template.names[step]
        meant = {role for role, name in own.items() if step_of(role) is step and name in code.sets}
        # A look-cell that was changed may train a copy of its own.
        trains = step is Step.TRAIN and code.trains and not marked.ids & template.fixed_ids
        gives = (code.sets & names) | meant | ({_TRAINING} if trains else set())
        is_marked = step in own_marks(marked) or any(
            step in template.step_ids.get(id_, ()) for id_ in marked.ids
        )
        leaves_open = code.leaves_open & names or (is_marked and code.leaves_open - code.sets)
        return cls(
            number=marked.cell.number,
            step=step,
            is_marked=is_marked,
            is_blank=code.is_empty
            or (code.shape is not None and code.shape in template.stubs[step])
            or (not gives and bool(leaves_open)),
            gives=gives,
            code=code,
        )

    @property
    def serves(self) -> bool:
        return bool(self.gives) and not self.is_blank

    @property
    def only_looks(self) -> bool:
        """Whether it makes nothing: it may show what another cell made."""
        return self.code.shape is not None and not self.code.sets

    @property
    def is_open(self) -> bool:
        return self.is_blank and not self.code.is_empty


@dataclass(frozen=True, slots=True)
class _Choice:
    """The cells of a step; `moved` says that they were found by their names alone."""

    step: Step
    pieces: tuple[_Piece, ...]
    remarks: tuple[Message, ...] = ()
    moved: bool = False


def _texts(cells: Sequence[MarkedCell], template: Template) -> dict[Step, int]:
    """The cells that hold a step's code and are no code cells any more."""
    return {
        step: marked.cell.number
        for marked in cells
        if marked.cell.kind is not CellKind.CODE
        for step in marks_of(marked) | {s for i in marked.ids for s in template.step_ids.get(i, ())}
        if read_code(marked.cell.source).sets & template.names[step]
    }


def _rounds(pieces: Sequence[_Piece]) -> int:
    """How many times the notebook holds all steps, one after the other."""
    rounds, step = 0, 0
    serving = sorted((p for p in pieces if p.serves), key=lambda p: p.number)
    for piece in serving:
        if piece.step is CODE_STEPS[step]:
            rounds, step = divmod(rounds * len(CODE_STEPS) + step + 1, len(CODE_STEPS))
    return rounds


def _wanted(step: Step, template: Template) -> frozenset[str]:
    """What a step is incomplete without."""
    return frozenset({_TRAINING}) if step is Step.TRAIN else template.names[step]


def _choose(
    step: Step, pieces: Sequence[_Piece], wanted: frozenset[str], texts: Mapping[Step, int]
) -> _Choice:
    own = [piece for piece in pieces if piece.step is step]
    marked = [piece for piece in own if piece.is_marked]
    if any(piece.serves for piece in marked):
        elsewhere = _rest(step, pieces, marked, wanted)
    else:
        elsewhere = _by_names(step, pieces, marked)
    elsewhere += _continued(step, pieces, [*marked, *elsewhere], wanted)
    candidates = sorted([*marked, *elsewhere], key=lambda piece: piece.number)
    chosen = _standing(candidates, pieces)
    remarks = tuple(_remarks(step, candidates, chosen, texts))
    counted = {piece.number for piece in chosen}
    moved = any(piece.number in counted and piece.serves for piece in elsewhere)
    return _Choice(step, tuple(chosen), remarks, moved and not remarks)


def _rest(
    step: Step, pieces: Sequence[_Piece], marked: Sequence[_Piece], wanted: frozenset[str]
) -> list[_Piece]:
    """Unmarked cells in the step's place that hold what was split off from the marked ones.

    What a later one makes anew, or changes, is what the training meets. A training that was tried
    out elsewhere is not taken for the step's: where some cells go on with what the marked ones
    made, the first of them count, besides any that does all of the step anew.
    """
    kept = frozenset[str]().union(*(piece.gives for piece in marked))
    made = frozenset[str]().union(*(piece.code.sets for piece in marked))
    goes_round = step is Step.TRAIN and any(piece.code.loops for piece in marked)
    missing = wanted - kept - ({_TRAINING} if goes_round and kept else set())
    first, last = _place(step, pieces)
    found = [
        piece
        for piece in pieces
        if piece.step is step
        and not piece.is_marked
        and (piece.serves or (step is not Step.TRAIN and piece.code.changes & made))
        and first <= piece.number <= last
    ]
    if step is not Step.TRAIN:
        others = {piece.number for piece in pieces if piece.is_marked and piece.serves}
        below = {p.number for p in found if p.number > marked[0].number} - others
        return [piece for piece in found if piece.gives & missing or piece.number in below]
    going_on = [piece for piece in found if piece.code.reads & made]
    anew = [piece for piece in found if piece.gives & missing]
    if not going_on:
        return anew
    nearest = list[_Piece]()
    for piece in going_on:
        more = piece.gives - kept
        if piece.gives & missing or (more and _TRAINING not in piece.gives):
            nearest.append(piece)
            missing -= piece.gives
            kept |= piece.gives
    return [piece for piece in found if piece in nearest or (piece in anew and piece.gives >= kept)]


def _continued(
    step: Step, pieces: Sequence[_Piece], chosen: Sequence[_Piece], wanted: frozenset[str]
) -> list[_Piece]:
    """Unmarked cells under own names that go on with the step's own, for what later steps read."""
    taken = {piece.number for piece in pieces if piece.is_marked or piece.gives}
    made = frozenset[str]().union(*(p.code.sets for p in chosen if p.is_marked))
    missing = wanted.difference(*(piece.gives for piece in chosen))
    needed = frozenset[str]().union(*(p.code.reads for p in pieces if p.is_marked)) - made
    first, last = _place(step, pieces)
    return [
        piece
        for piece in pieces
        if missing
        and piece.step is step
        and piece.number not in taken
        and piece.code.reads & made
        and piece.code.sets & needed
        and first <= piece.number <= last
    ]


def _by_names(step: Step, pieces: Sequence[_Piece], marked: Sequence[_Piece]) -> list[_Piece]:
    """Unmarked cells with the step's names: filled in, free of other steps, in their place."""
    own = [piece for piece in pieces if piece.step is step and not piece.is_marked]
    able = [piece for piece in own if piece.serves]
    if not able and not marked:
        able = [piece for piece in own if piece.is_open]
    taken = {piece.number for piece in pieces if piece.is_marked and piece.serves}
    free = [piece for piece in able if piece.number not in taken]
    if not free and all(piece.is_blank for piece in marked):
        free = able
    elif not free and all(piece.is_blank or piece.only_looks for piece in marked):
        free = [piece for piece in able if step is not Step.TRAIN or _TRAINING in piece.gives]
    first, last = _place(step, pieces)
    return [piece for piece in free if first <= piece.number <= last] or free


def _place(step: Step, pieces: Sequence[_Piece]) -> tuple[float, float]:
    """The stretch of the notebook between the marked cells of the steps before and after."""
    order = CODE_STEPS.index(step)
    anchors = [(CODE_STEPS.index(p.step), p.number) for p in pieces if p.is_marked and p.serves]
    before = [number for other, number in anchors if other < order]
    after = [number for other, number in anchors if other > order]
    return max(before, default=0), min(after, default=float("inf"))


def _standing(candidates: Sequence[_Piece], pieces: Sequence[_Piece]) -> list[_Piece]:
    """The candidates that count together, after those that a later one makes void."""
    served = [piece for piece in candidates if piece.serves]
    if not served:
        return list(candidates)
    others = {p.number for p in pieces if p.serves and p.step is not served[0].step}
    standing: list[_Piece] = []
    given, read = set[str](), set[str]()  # by those accepted so far, all of which come later
    for piece in reversed(candidates):
        rewritten = not piece.gives and piece.number in others
        below_the_work = piece.is_blank and piece.number > served[-1].number
        if not (rewritten or below_the_work or _is_void(piece, given, read)):
            standing.append(piece)
            given |= piece.gives
            read |= piece.code.reads
    return standing[::-1]


def _is_void(piece: _Piece, given: Set[str], read: Set[str]) -> bool:
    """Whether later cells do all that this one does, and do not build on it."""
    if piece.gives:
        return piece.gives <= given and not piece.gives & read
    return piece.is_blank


def _remarks(
    step: Step,
    candidates: Sequence[_Piece],
    chosen: Sequence[_Piece],
    texts: Mapping[Step, int],
) -> Iterator[Message]:
    if not chosen and step in texts:
        yield say(
            "Cell {cell} holds the step {step}, but as text and not as code: it was not run.",
            cell=texts[step],
            step=STEP_TITLES[step],
        )
    elif not chosen:
        yield say("No cell of the step {step} was found.", step=STEP_TITLES[step])
    if not chosen:
        return
    counted = {piece.number for piece in chosen}
    copies = [piece for piece in candidates if piece.number not in counted and piece.serves]
    if copies:
        yield say(
            "The step {step} is in the notebook more than once: cell {counts} counts, because "
            "it comes last, and not {copies}.",
            step=STEP_TITLES[step],
            counts=_numbers(chosen),
            copies=_numbers(copies),
        )
    elif len(chosen) > 1 and any(piece.is_marked for piece in chosen):
        yield say(
            "The step {step} is spread over the cells {cells}; they count together.",
            step=STEP_TITLES[step],
            cells=_numbers(chosen),
        )


def _on_moved(choices: Sequence[_Choice]) -> Iterator[Message]:
    """One remark on all steps that no mark led to."""
    moved = [choice for choice in choices if choice.moved]
    if len(moved) == 1:
        yield say(
            "The step {step} was not in its own cell; its names were found in cell {cell}.",
            step=STEP_TITLES[moved[0].step],
            cell=_numbers(moved[0].pieces),
        )
    elif moved:
        yield say(
            "{count} steps were not in their own cells; their names were found in the cells "
            "{cells}.",
            count=len(moved),
            cells=_numbers([piece for choice in moved for piece in choice.pieces]),
        )


def _numbers(pieces: Sequence[_Piece]) -> str:
    return ", ".join(str(number) for number in sorted({piece.number for piece in pieces}))
