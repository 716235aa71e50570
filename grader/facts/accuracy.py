"""How a student decides between yes and no, read from the code where the number cannot tell."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from grader.facts.loss_function import answers_shares
from grader.models import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grader.facts.facts import Facts

# What leaves a score the score that it is. With any other call nobody knows what is compared.
_HARMLESS = frozenset(
    {"detach", "cpu", "numpy", "squeeze", "unsqueeze", "view", "reshape", "flatten", "ravel"}
    | {"float", "double", "forward", "tolist", "clone", "data"}
)
MOST_NAMES = 10  # that lead from a comparison back to the model


def halves_scores(facts: Facts) -> bool:
    """Whether the model's scores, as they are, are compared with 0.5 in the training step.

    By luck no card may lie between, and the share is right all the same. Only where it is certain:
    nothing but the model's own answer stands on the other side.
    """
    model = facts.result.model
    if (
        model is None
        or answers_shares(model, facts.recipe)
        or not facts.recipe.architectures(model)
    ):
        return False
    name = facts.result.names.get("model", "model")
    nodes = facts.code.nodes(Step.TRAIN)
    values = {
        target.id: node.value
        for node in nodes
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return any(
        _is_answer(scores, name, values)
        for node in nodes
        if isinstance(node, ast.Compare)
        for scores in _beside_a_half(node)
    )


def _beside_a_half(node: ast.Compare) -> Iterator[ast.expr]:
    """What is compared with 0.5."""
    if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.Gt, ast.GtE, ast.Lt, ast.LtE)):
        return
    sides = (node.left, node.comparators[0])
    for one, other in (sides, sides[::-1]):
        if isinstance(other, ast.Constant) and other.value == 0.5:
            yield one


def _is_answer(
    value: ast.expr, model: str, values: Mapping[str, ast.expr], names: int = MOST_NAMES
) -> bool:
    """Whether a value is what the model answers, in whatever shape."""
    match value:
        case ast.Call(func=ast.Name(id=called)) if called == model:
            return True
        case ast.Call(func=ast.Attribute(value=ast.Name(id=called), attr="forward")):
            return called == model
        case (
            ast.Call(func=ast.Attribute(value=inner, attr=method))
            | ast.Attribute(value=inner, attr=method)
        ) if method in _HARMLESS:
            return _is_answer(inner, model, values, names)
        case ast.Subscript(value=inner):
            return _is_answer(inner, model, values, names)
        case ast.Name(id=name) if name in values and names:
            return _is_answer(values[name], model, values, names - 1)
    return False
