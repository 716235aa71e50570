"""What a student's own names mean: a module, a loss, an optimizer, what a training loop uses.

Read from the syntax alone, for results that the notebook does not have under their names in the
handout.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from grader.models import Step
from grader.submission.bound import Behind, Bound
from grader.syntax import nodes, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_STEP_OF: Final[Mapping[str, Step]] = {
    "X": Step.DATA,
    "y": Step.DATA,
    "model": Step.MODEL,
    "loss_fn": Step.LOSS,
    "optimizer": Step.OPTIMIZER,
}
_NAMED: Final = (ast.Name, ast.Attribute)
_ANSWERING: Final = frozenset({"forward", "__call__"})
_LOSSES: Final = ("Loss", "_loss", "cross_entropy", "cross_entropy_with_logits")
_OPTIMIZERS: Final = frozenset({"SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "LBFGS"})


@dataclass(frozen=True, slots=True)
class OwnNames:
    """The student's names by those of the handout, which no cell gives to anything.

    `used` are those of any names that a training loop uses, whatever they were made of.
    """

    given: Mapping[str, str]
    used: Mapping[str, str]


def own_names(sources: Sequence[str], known: Mapping[Step, frozenset[str]]) -> OwnNames:
    """What the student calls each result that no cell has under its `known` name."""
    assigned = [pair for source in sources for pair in _assigned(source)]
    named = {name for names, _ in assigned for name in names}
    given = {name for names, value in assigned for name in names if not _is_open(value)}
    classes = {
        node.name: _role_of_class(node)
        for source in sources
        for node in nodes(source)
        if isinstance(node, ast.ClassDef)
    }
    bound = Bound.in_cells(sources, named)
    used = [use for source in sources for use in _uses(source, bound[source])]
    found: dict[str, str] = {}
    for role, name in (
        *(use for names, value in assigned for use in _made_of(value, classes, names)),
        *used,
    ):
        step = _STEP_OF.get(role)
        if step and role in known[step] and role not in given and name in given:
            found[role] = name
    return OwnNames(found, dict(used))


def step_of(role: str) -> Step:
    """The step that makes what plays this role."""
    return _STEP_OF[role]


def _assigned(source: str) -> Iterator[tuple[Sequence[str], ast.expr]]:
    """What the cell's own statements give names to; of a function or an unpacking, only names."""
    tree = parse(source)
    for statement in tree.body if tree is not None else ():
        match statement:
            case ast.Assign(targets=targets, value=value):
                yield (
                    [
                        node.id
                        for target in targets
                        for node in ast.walk(target)
                        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
                    ],
                    value,
                )
            case ast.FunctionDef(name=name):
                yield [name], ast.Name(name)


def _is_open(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is ...


def _made_of(
    value: ast.expr, classes: Mapping[str, str], names: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """The role of a value, once for each of its names: a text of it may take long."""
    role = _role(value, classes)
    yield from ((role, name) for name in names)


def _role_of_class(own: ast.ClassDef) -> str:
    """What the objects of a student's own class are for, by what it is derived from."""
    bases = " ".join(ast.unparse(base) for base in own.bases if isinstance(base, _NAMED))
    if own.name.endswith(_LOSSES) or "Loss" in bases:
        return "loss_fn"
    if "optim" in bases.lower() or _OPTIMIZERS & set(bases.split()):
        return "optimizer"
    methods = {node.name for node in own.body if isinstance(node, ast.FunctionDef)}
    return "model" if "Module" in bases or methods & _ANSWERING else ""


def _role(value: ast.expr, classes: Mapping[str, str]) -> str:
    """What a value is, by the class that it was made of."""
    inner = _innermost(value)
    called = ast.unparse(inner.func if isinstance(inner, ast.Call) else inner)
    last = called.rpartition(".")[2]
    if isinstance(inner, ast.Call) and called in classes:
        return classes[called]
    if last.endswith(_LOSSES):
        return "loss_fn"
    if not isinstance(inner, ast.Call):
        return ""
    if last in _OPTIMIZERS or "optim." in called:
        return "optimizer"
    layer = called.rpartition(".")[0] in ("nn", "torch.nn") and last[:1].isupper()
    return "model" if layer or called in ("Linear", "Sequential") else ""


def _innermost(value: ast.expr) -> ast.expr:
    """The first call of a chain such as nn.Linear(1, 1).to(device)."""
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        if not isinstance(value.func.value, ast.Call):
            break
        value = value.func.value
    return value


def _uses(source: str, bound: Bound) -> Iterator[tuple[str, str]]:
    """The roles of names in a training loop: whose loss is propagated back, of which guess."""
    for node in nodes(source):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=loss), attr="backward")):
                yield from _of_loss(bound.values.get(loss), bound)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="step")):
                yield "optimizer", name


def _of_loss(made: Behind | None, bound: Bound) -> Iterator[tuple[str, str]]:
    loss = _innermost(made) if isinstance(made, ast.expr) else None
    if not isinstance(loss, ast.Call) or not isinstance(loss.func, ast.Name):
        return
    yield "loss_fn", loss.func.id
    for argument in loss.args[:2]:
        guess = bound.values.get(argument.id) if isinstance(argument, ast.Name) else argument
        inner = _innermost(guess) if isinstance(guess, ast.expr) else None
        match inner:
            case ast.Call(func=ast.Name(id=model), args=[inputs]) if model in bound.given:
                yield "model", model
                if cards := bound.root(inputs):
                    yield "X", cards
            case _ if isinstance(argument, ast.Name):
                if cards := bound.root(argument):
                    yield "y", cards
