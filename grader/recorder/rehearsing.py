"""Training once more in the same kernel: the plain loop on copies, and another line to learn.

Sent to the kernel only after the student's training cell has run: it shows how the loop is written.
"""

from __future__ import annotations

import ast
import contextlib
import sys
from typing import TYPE_CHECKING, Any

import torch
from IPython.utils.capture import capture_output

from . import standing
from .observing import keep_answers, result_of, training_of, untouched
from .roles import ROLES, find_roles, parameters_of
from .tape import Tape
from .watching import Training

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .recording import Recorder

MOST_UPDATES = 2000
HOOK = "__another_target__"
FUNCTIONS = ("sin", "cos", "tanh", "exp", "log", "sqrt", "abs")


def plain_run(recorder: Recorder, epochs: int) -> dict[str, Any] | None:
    """The plain loop on copies of the student's own X, y, model, loss function and optimizer.

    It is shown the same examples in the same order as the student's loop showed them; each entry of
    `values` is the model's parameters, flattened, before the first and after each update.
    """
    if recorder.copies is None:
        return None
    (X, y, model, loss_fn, optimizer), random_state = recorder.copies
    with untouched(recorder):
        torch.set_rng_state(random_state)
        parameters = [p for _, p in parameters_of(model, {})]
        values, losses = Tape(_room(parameters)), []
        values.append(_flat(parameters))
        with torch.enable_grad():
            for inputs, targets in _cards(recorder.training, X, y, epochs):
                optimizer.zero_grad()
                loss = loss_fn(model(inputs), targets)
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
                values.append(_flat(parameters))
        return {"count": values.count - 1, "values": values.items(), "losses": losses}
    return None


def _room(parameters: Sequence[torch.Tensor]) -> int:
    return max(8, min(MOST_UPDATES, 20_000 // max(1, sum(p.numel() for p in parameters))))


def _flat(parameters: Sequence[torch.Tensor]) -> list[float]:
    return [v for p in parameters for v in p.detach().reshape(-1).tolist()]


def _cards(
    training: Training, X: torch.Tensor, y: torch.Tensor, epochs: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    batches = training.batches
    sets = [
        shown
        for _, shown in (training.updates if training.updates.count else training.backwards).items()
    ]
    if all(len(batches[n]) == len(X) for shown in sets for n in shown if n >= 0):
        yield from ((X, y) for _ in range(epochs))
        return
    for shown in sets[:MOST_UPDATES]:
        if not shown or min(shown) < 0:
            return
        known = [batches[n].reshape(-1, *X.shape[1:]).to(X.dtype) for n in shown]
        inputs = torch.cat([batch for batch in known if bool(_rows(X, batch).any(0).all())] or [X])
        places = _rows(X, inputs).int().argmax(0)
        places = places if len(known) == 1 else torch.unique(places)
        yield X[places], y[places]


def _rows(X: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
    """Which card (row) holds which input (column)."""
    return (X.reshape(len(X), 1, -1) == inputs.reshape(1, len(inputs), -1)).all(-1)


def retarget(shell: Any, source: str, X: str, y: str) -> str:
    """The source with other answers put on the examples after every statement that binds `y`.

    A source that is not Python is returned as it is, to fail as it did before.
    """
    try:
        tree = _Retarget(X, y).visit(ast.parse(shell.transform_cell(source)))
        return ast.unparse(ast.fix_missing_locations(tree))
    except (SyntaxError, ValueError, RecursionError):
        return source


class _Retarget(ast.NodeTransformer):
    def __init__(self, X: str, y: str) -> None:
        self.y = y
        self.statement = f"{y} = {HOOK}({X}, {y})"

    def _followed(self, node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> list[ast.stmt]:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
        return [node, *ast.parse(self.statement).body] if self.y in names else [node]

    visit_Assign = visit_AugAssign = visit_AnnAssign = _followed  # noqa: N815

    def _own_scope(self, node: ast.stmt) -> ast.stmt:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _own_scope  # noqa: N815


class AnotherTarget:
    """Puts other answers on the student's cards, by a formula in X and torch."""

    def __init__(self, formula: str) -> None:
        self.formula = formula

    def __call__(self, X: Any, y: Any) -> Any:
        """The new answers in the shape and type of the old ones; `y` itself where that fails."""
        try:
            known = {name: getattr(torch, name) for name in FUNCTIONS} | {"pi": torch.pi}
            known |= {"X": torch.as_tensor(X), "torch": torch}
            target = torch.as_tensor(eval(self.formula, known))
            old = torch.as_tensor(y)
            return target.reshape(old.shape).to(old.dtype)
        except Exception:
            return y


def transfer_run(
    recorder: Recorder, cells: Sequence[tuple[int, str, bool]], formula: str, seed: int
) -> dict[str, Any]:
    """The student's own cells (number, source) once more, on examples with other answers.

    Those that replace one of them are packed.
    """
    shell = recorder.shell
    known = find_roles(("X", "y"), recorder.names, shell.user_ns, recorder.training)
    if len(known) < 2:
        return {"error": "no X and y"}
    recorder.training = Training()
    recorder.copies = ()
    shell.user_ns[HOOK] = AnotherTarget(formula)
    error = None
    with capture_output(), _nothing_drawn(shell):
        for number, source, stands_in in cells:
            raised = (_stand_in if stands_in else _again)(recorder, number, source, known)
            if "train" in recorder.steps.get(number, ()):
                with untouched(recorder):
                    keep_answers(recorder, _playing_now(recorder), seed)
            left = raised is None or isinstance(raised, SystemExit)  # which is no error
            if not left and number in recorder.steps and error is None:
                error = f"{type(raised).__name__}: {raised}"
    shell.user_ns.pop(HOOK, None)
    names = find_roles(ROLES, recorder.names, shell.user_ns, recorder.training)
    values = _playing_now(recorder)
    with untouched(recorder):
        part = {"training": training_of(recorder, values)} | result_of(recorder, values, seed)
    return {"names": names, "error": error} | part


def _playing_now(recorder: Recorder) -> dict[str, Any]:
    namespace = recorder.shell.user_ns
    names = find_roles(ROLES, recorder.names, namespace, recorder.training)
    return {role: namespace[name] for role, name in names.items()}


def _again(
    recorder: Recorder, number: int, source: str, known: Mapping[str, str]
) -> BaseException | None:
    retargeted = retarget(recorder.shell, source, known["X"], known["y"])
    with recorder.aside:
        recorder.enter(number, recorder.file_of(retargeted))
    ran = recorder.shell.run_cell(retargeted, store_history=False, silent=True)
    raised: BaseException | None = ran.error_before_exec or ran.error_in_exec
    return raised


def _stand_in(
    recorder: Recorder, number: int, packed: str, known: Mapping[str, str]
) -> BaseException | None:
    source = standing.unpacked(packed)
    try:
        standing.run(recorder, number, retarget(recorder.shell, source, known["X"], known["y"]))
    except (Exception, SystemExit) as error:
        return error
    return None


@contextlib.contextmanager
def _nothing_drawn(shell: Any) -> Iterator[None]:
    """No picture is rendered and no traceback formatted: nobody would look at them."""
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    inline: Any = sys.modules.get("matplotlib_inline.backend_inline")
    callbacks = shell.events.callbacks["post_execute"]
    before = list(callbacks)
    callbacks[:] = [c for c in before if c is not getattr(inline, "flush_figures", None)]
    show, showtraceback = getattr(pyplot, "show", None), shell.showtraceback
    shell.showtraceback = lambda *_, **__: None
    if pyplot is not None:
        pyplot.show = lambda *_, **__: pyplot.close("all")
    try:
        yield
    finally:
        shell.showtraceback = showtraceback
        callbacks[:] = before
        if pyplot is not None:
            pyplot.close("all")
            pyplot.show = show
