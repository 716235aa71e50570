"""Mistakes told by the exception that ended a step's own cell, whichever step it is."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from grader.diagnosis.rule import Cell, Rule
from grader.language.messages import say
from grader.models import CODE_STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.facts import Facts
    from grader.language.messages import Message
    from grader.models import Step

UNKNOWN_NAME = re.compile(r"^name '(\w+)' is not defined")
UNKNOWN_ATTRIBUTE = re.compile(r"has no attribute '(\w+)'")
# What the lessons' steps are made of; a name this near to one of them is a slip of the finger.
CALLS = (
    *("zero_grad", "backward", "step", "item", "append", "parameters", "Linear", "Sequential"),
    *("MSELoss", "BCEWithLogitsLoss", "SGD", "optim", "arange", "tensor", "reshape", "view"),
    *("randn_like", "float", "float32", "unsqueeze", "squeeze", "detach", "sigmoid", "mean"),
)
NEAR = 0.75
# What people import before they use it, under the names that it usually has.
IMPORTED = frozenset(
    {
        *("torch", "nn", "F", "optim", "np", "numpy", "plt", "matplotlib", "pd", "sns", "math"),
        *("random", "time", "os", "copy", "deepcopy", "tqdm", "DataLoader", "TensorDataset"),
        *("Dataset", "transforms", "torchvision", "OrderedDict", "SGD", "Linear", "Variable"),
        *("accuracy_score", "train_test_split", "random_split", "StandardScaler", "partial"),
    }
)


def _unknown(facts: Facts, step: Step) -> str | None:
    """The name that the step's cell did not find, if nothing in the notebook ever makes it.

    Where a cell of the reference stands in, the student's own may well have made the name.
    """
    error = facts.code.stopped[step]
    if facts.code.stand_ins:
        return None
    found = UNKNOWN_NAME.search(error.value) if error.name == "NameError" else None
    return found[1] if found and found[1] not in facts.code.known_names() else None


def _not_imported(facts: Facts, step: Step) -> bool:
    return _unknown(facts, step) in IMPORTED


def _misspelled(facts: Facts, step: Step) -> bool:
    error, unknown = facts.code.stopped[step], _unknown(facts, step)
    if unknown is not None:
        return bool(get_close_matches(unknown, facts.code.known_names(), 1, NEAR))
    found = UNKNOWN_ATTRIBUTE.search(error.value) if error.name == "AttributeError" else None
    return found is not None and found[1] not in CALLS and _is_near(found[1])


def _is_near(name: str) -> bool:
    return bool(get_close_matches(name, CALLS, 1, NEAR))


def _made_nowhere(facts: Facts, step: Step) -> bool:
    return _unknown(facts, step) is not None


def _saying(*signs: str) -> Callable[[Facts, Step], bool]:
    return lambda facts, step: facts.code.error_says(step, *signs)


def _of_each_step(
    id_: str, message: Message, hint: Message, applies: Callable[[Facts, Step], bool]
) -> tuple[Rule, ...]:
    def rule(step: Step) -> Rule:
        return Rule(
            id_,
            step,
            message,
            hint,
            lambda facts: applies(facts, step),
            lambda facts: facts.code.stop_place(step),
            frozenset({step.value}),
            needs=(),
            cell=Cell.STOPPED,
        )

    return tuple(rule(step) for step in CODE_STEPS)


RULES = (
    *_of_each_step(
        "graphics_card_missing",
        say(
            "It behaves like a cell that asks for a graphics card: where notebooks are graded, "
            "there is none."
        ),
        say(
            "Which device does every computer have? How can your code use that where there is no "
            "other?"
        ),
        _saying(
            "Torch not compiled with CUDA",
            "Found no NVIDIA driver",
            "No CUDA GPUs are available",
            "not linked with support for mps",
            "MPS backend",
        ),
    ),
    *_of_each_step(
        "waits_for_an_answer",
        say(
            "It behaves like a cell that asks a question at the keyboard: while it is graded, "
            "nobody is there to answer."
        ),
        say("Which answer would you type? How could the cell know it without asking?"),
        _saying("StdinNotImplementedError", "EOFError"),
    ),
    *_of_each_step(
        "file_missing",
        say(
            "It behaves like a cell that opens a file or a folder which is not there when the "
            "notebook is graded alone."
        ),
        say("Does this step need that file? Only the notebook itself is handed in."),
        _saying("FileNotFoundError", "No such file or directory"),
    ),
    *_of_each_step(
        "import_missing",
        say("It behaves like a name that should come from an import, and no cell imports it."),
        say("Start the notebook afresh and run it from the top: where does this name come from?"),
        _not_imported,
    ),
    *_of_each_step(
        "name_misspelled",
        say("It behaves like a slip in spelling: the name is almost one that is there."),
        say("Compare the name in the message, letter by letter, with where it was made."),
        _misspelled,
    ),
    *_of_each_step(
        "name_never_made",
        say("It behaves like a name that is used though no cell of the notebook makes it."),
        say("Start the notebook afresh and run it from the top: which cell should make this name?"),
        _made_nowhere,
    ),
)
