"""The recorder: hooks into torch and IPython, and knows which cell is running.

Whatever goes wrong in here must never disturb the student's code: a hook that fails records a fault
and gives way.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import sys
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

from .calls import computed, is_running
from .copies import copy_of
from .roles import find_roles, groups_of, is_loss, parameters_of
from .tensors import RowIndex, item_of, leaves, tensor_record
from .touching import Whole, listen
from .watching import Training

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

MIME = "application/vnd.grader.evidence"
TOUCHED = "application/vnd.grader.touched"
MOST_FAULTS = 20
FIRST_FEW = 3  # gradients whose losses are asked what they train; for all it would cost too much
PICTURES = ("image/png", "image/jpeg", "image/svg+xml", "application/pdf")


class Aside:
    """Marks our own actions: keeps the recorder quiet, and turns its own errors into faults.

    A class, and one object for all uses, since a generator would cost more than what it guards:
    hooks run at every event.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def __enter__(self) -> None:
        self.recorder.quiet += 1

    def __exit__(self, kind: Any, error: BaseException | None, _traceback: Any) -> bool:
        self.recorder.quiet -= 1
        if not isinstance(error, Exception):
            return False
        if len(self.recorder.faults) < MOST_FAULTS and not self.recorder.out_of_stack(error):
            self.recorder.faults.append(f"{type(error).__name__}: {error}")
        return True


class Recorder:
    """Hooks into torch, follows the cells, and emits a record whenever it is asked.

    `shown` are the cells whose pictures are rendered; with None, all are rendered as usual.
    """

    def __init__(
        self,
        shell: Any,
        numbers: Mapping[str, int],
        steps: Mapping[int, Sequence[str]],
        names: Mapping[str, Sequence[str]],
        shown: Sequence[int] | None = (),
    ) -> None:
        self.shell = shell
        self.shown = shown
        self.numbers = numbers
        self.steps = steps
        self.names = names
        self.cell = 0
        self.files: dict[str, int] = {}
        self.training = Training()
        self.calling = False
        self.quiet = 0
        self.aside = Aside(self)
        self.stepping = False
        self.step: FrameType | None = None
        self.followed: set[type] = set()
        self.faults: list[str] = []
        self.random_states: dict[str, Any] = {}
        self.given: dict[str, Any] = {}
        self.copies: Any = None
        self.answers: tuple[Any, ...] = ()  # of the model after training: which, its numbers, what
        self.owned_before: list[bool] | None = None
        self.whole: Whole | None = None

    # ---- following the cells -------------------------------------------------------------------

    def enter(self, cell: int, file: str) -> None:
        """A cell is about to run whose code says that it is from this file."""
        self.cell = cell
        if self.shown is not None:
            with contextlib.suppress(Exception):
                self.draw(cell in self.shown)
        self.files[file] = cell
        steps = self.steps.get(cell, [])
        if "data" in steps and not self.random_states:
            self.random_states = {"torch": torch.get_rng_state(), "numpy": np.random.get_state()}
        if not self.given:
            self.note_given()
        if "train" in steps:
            self.look_before_training()
            self.keep_copies()

    def pre_run_cell(self, info: Any) -> None:
        """IPython reports that a cell begins; our own cells are not in `numbers`."""
        # A cell that runs out of stack may end in the middle of a hook.
        self.quiet, self.calling, self.step = 0, False, None
        with self.aside:
            source = info.raw_cell
            number = self.numbers.get(hashlib.sha256(source.encode(errors="replace")).hexdigest())
            if number is not None:
                self.enter(number, self.file_of(source))

    def file_of(self, source: str) -> str:
        """Which file IPython will say that the code of a cell is from."""
        with contextlib.suppress(Exception):
            return str(self.shell.compile.get_code_name(source, source, 0))
        return ""

    def note_given(self) -> None:
        """Note what the handout made, as soon as all of it is there: later it may be replaced."""
        with self.aside:
            namespace, names = self.shell.user_ns, self.names.get("given", ())
            if all(name in namespace for name in names):
                records = {name: tensor_record(namespace[name]) for name in names}
                self.given = {name: r for name, r in records.items() if r is not None}

    def draw(self, wanted: bool) -> None:
        """Render pictures, or only name them: rendering takes longer than all else in a notebook.

        A picture that nobody will see is still built, so what fails still fails.
        """
        for kind in PICTURES:
            self.shell.display_formatter.formatters[kind].enabled = wanted

    def place(self) -> tuple[int, int]:
        """Cell and line of the student's code that is running, (0, 0) where unknown."""
        frame = sys._getframe(2)
        namespace = self.shell.user_ns
        while frame is not None:
            if frame.f_globals is namespace:
                return self.files.get(frame.f_code.co_filename, self.cell), frame.f_lineno
            frame = frame.f_back  # type: ignore[assignment]
        return self.cell, 0

    def practises(self, cell: int) -> bool:
        """Whether this is the training: other cells may try out gradients and optimizers."""
        steps = self.steps
        return "train" in steps.get(cell, ()) or "train" in steps.get(self.cell, ())

    def out_of_stack(self, error: Exception) -> bool:
        """Whether a try of the student's own left no room for us: no fault of anybody."""
        return isinstance(error, RecursionError) and not self.practises(self.cell)

    # ---- hooks ---------------------------------------------------------------------------------

    def install(self) -> None:
        """Hook into torch and IPython."""
        setattr(torch.nn.Module, "__call__", self.around_call(torch.nn.Module.__call__))  # noqa: B010
        register_optimizer_step_pre_hook(self.before_step)
        register_optimizer_step_post_hook(self.after_step)
        torch.autograd.backward = self.around_backward(torch.autograd.backward, "B")
        torch.autograd.grad = self.around_backward(torch.autograd.grad, "G")
        for owner in (torch.optim.Optimizer, torch.nn.Module):
            setattr(owner, "zero_grad", self.around_zero_grad(owner.zero_grad))  # noqa: B010
        self.shell.events.register("pre_run_cell", self.pre_run_cell)
        # The first optimizer of a class makes torch wrap its `step`: trigger that now.
        torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        self.whole = Whole(self.shell, __package__ or "")
        listen(self.shell.user_ns, self.tell_of_touching)

    def replaced(self) -> list[str]:
        """What the notebook put something else in the place of, of all that it is watched with."""
        if any(isinstance(value, FunctionType) for value in vars(self).values()):
            return ["the recorder"]
        lies = list(dict.fromkeys(self.training.lies()))
        return lies + (self.whole.replaced() if self.whole is not None else [])

    def around_call(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap the calling of modules; only whole models count, not their layers.

        torch's global forward hooks would do the same, at three times the cost of a call.
        """

        @functools.wraps(original)
        def call(module: Any, *args: Any, **kwargs: Any) -> Any:
            if self.calling or self.quiet:
                return original(module, *args, **kwargs)
            self.before_forward(module, args)
            self.calling = True
            try:
                output = original(module, *args, **kwargs)
            finally:
                self.calling = False
            self.after_forward(module, args, output)
            return output

        return call

    def before_forward(self, module: Any, args: Any) -> None:
        """A model or a loss is about to be called."""
        cell, line = self.place()
        grad = torch.is_grad_enabled()
        with self.aside:
            training = self.training
            known = training.knows(module)
            if not known and is_loss(module):
                training.event("L", cell, line)
                if grad and len(args) > 1 and isinstance(args[1], torch.Tensor):
                    training.target = args[1]
                return
            training.event("F" if grad else "f", cell, line)
            if not known:
                training.meet(module, [p for _, p in parameters_of(module, {})])
            training.look_between_updates()

    def after_forward(self, module: Any, args: Any, output: Any) -> None:
        """A model or a loss has answered."""
        learns = getattr(output, "grad_fn", None) is not None
        with self.aside:
            if self.training.knows(module) and args and isinstance(args[0], torch.Tensor):
                self.know_rows(args[0])
                self.training.examine(args[0])
                if learns:
                    self.training.show(args[0], output.grad_fn)

    def examples(self) -> torch.Tensor | None:
        """All cards for practice, as the notebook holds them now."""
        namespace = self.shell.user_ns
        names = find_roles(("X",), self.names, namespace, self.training)
        found = namespace.get(names.get("X", "X"))
        return found if isinstance(found, torch.Tensor) else None

    def know_rows(self, inputs: torch.Tensor) -> None:
        """Cards with many numbers are remembered by their positions: see what X holds."""
        if self.training.index is not None or inputs.ndim < 2 or inputs.shape[1:].numel() < 2:
            return
        namespace = self.shell.user_ns
        names = find_roles(("X", "X_test"), self.names, namespace, self.training)
        data_set, kept = (namespace.get(names.get(role, role)) for role in ("X", "X_test"))
        if isinstance(data_set, torch.Tensor) and data_set.ndim > 1 and len(data_set):
            self.training.index = RowIndex(data_set)
        if isinstance(kept, torch.Tensor) and kept.ndim > 1 and len(kept):
            self.training.exam = RowIndex(kept)

    def before_step(self, optimizer: Any, _args: Any, _kwargs: Any) -> None:
        """An optimizer is about to move its parameters."""
        # A class derived from SGD calls the step that it inherits: that is still one step.
        if self.quiet or is_running(self.step):
            return
        self.step = sys._getframe(1)
        cell, line = self.place()
        with self.aside:
            self.stepping = self.practises(cell)
            self.training.event("S" if self.stepping else "s", cell, line)
            owned = [p for group in groups_of(optimizer) for p in group["params"]]
            if self.stepping:
                self.training.step(optimizer, owned)
            self.training.watch(owned)
            self.training.look()

    def after_step(self, _optimizer: Any, _args: Any, _kwargs: Any) -> None:
        """An optimizer has moved its parameters; by these gradients, also where a closure ran."""
        if not self.quiet and sys._getframe(1) is self.step:
            self.step = None
            with self.aside:
                if self.stepping:
                    self.training.look_at_gradients()
                    self.training.update()
                self.training.look(optimizer=True)

    def follow(self, optimizer: Any) -> None:
        """Watch an optimizer of the student's own that torch does not know of, as torch's are."""
        kind = type(optimizer)
        if isinstance(optimizer, torch.optim.Optimizer) or kind in self.followed:
            return
        with contextlib.suppress(Exception):  # a class that does not let itself be changed
            step = kind.step

            @functools.wraps(step)
            def watched(*args: Any, **kwargs: Any) -> Any:
                owner = args[0] if args else None
                self.before_step(owner, args, kwargs)
                result = step(*args, **kwargs)
                self.after_step(owner, args, kwargs)
                return result

            kind.step = watched
            kind.zero_grad = self.around_zero_grad(kind.zero_grad)
            self.followed.add(kind)

    def around_backward(self, original: Callable[..., Any], kind: str) -> Callable[..., Any]:
        """Wrap torch's computation of gradients, noting the loss it starts from."""

        @functools.wraps(original)
        def backward(tensors: Any, *args: Any, **kwargs: Any) -> Any:
            if self.quiet:
                return original(tensors, *args, **kwargs)
            cell, line = self.place()
            training = self.training
            with self.aside:
                loss = tensors if isinstance(tensors, torch.Tensor) else next(iter(tensors))
                practises = self.practises(cell)
                training.event(kind if practises else kind.lower(), cell, line)
                if practises and (not training.watched or training.backwards.count < FIRST_FEW):
                    training.watch(leaves(loss))
                training.look()
                if practises:
                    value = item_of(loss)
                    training.losses.append((training.tick, value))
                    training.backward(loss, None if training.answers else self.examples())
            gradients = original(tensors, *args, **kwargs)
            with self.aside:
                if kind == "B":
                    training.leave_gradients()
                else:
                    training.leave_computed(*computed(args, kwargs, gradients))
            return gradients

        return backward

    def around_zero_grad(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap the clearing of gradients."""

        @functools.wraps(original)
        def zero_grad(*args: Any, **kwargs: Any) -> Any:
            if not self.quiet:
                cell, line = self.place()
                with self.aside:
                    self.training.event("Z", cell, line)
                    self.training.gathered = []
            return original(*args, **kwargs)

        return zero_grad

    # ---- the differential run ------------------------------------------------------------------

    def look_before_training(self) -> None:
        """Note the model's numbers as the training begins, and which the optimizer owns."""
        found = find_roles(("model", "optimizer"), self.names, self.shell.user_ns, self.training)
        if "optimizer" in found:
            self.follow(self.shell.user_ns[found["optimizer"]])
        if "model" in found:
            model = self.shell.user_ns[found["model"]]
            self.training.watch(p for _, p in parameters_of(model, self.shell.user_ns))
            self.training.look()
        if len(found) == 2 and self.owned_before is None:
            model, optimizer = (self.shell.user_ns[found[r]] for r in ("model", "optimizer"))
            owned = [p for group in groups_of(optimizer) for p in group["params"]]
            parameters = parameters_of(model, self.shell.user_ns)
            self.owned_before = [any(p is q for q in owned) for _, p in parameters]

    def keep_copies(self) -> None:
        """Copy what the training cell is about to use, and the state of the random numbers."""
        wanted = ("X", "y", "model", "loss_fn", "optimizer")
        found = find_roles(wanted, self.names, self.shell.user_ns, self.training)
        if len(found) == len(wanted) and self.copies is None:
            values = [self.shell.user_ns[found[role]] for role in wanted]
            copies = copy_of(values)
            # What shares numbers with the student's own would train those.
            if trained_by(copies).isdisjoint(trained_by(values)):
                self.copies = (copies, torch.get_rng_state())

    # ---- telling -------------------------------------------------------------------------------

    def emit(self, token: str, record: dict[str, Any]) -> None:
        """Publish one record; `token` shows that it answers the cell that asked."""
        text = json.dumps({"token": token, "record": record})
        self.shell.display_pub.publish(data={MIME: text, "text/plain": ""}, metadata={})

    def tell_of_touching(self, way: str) -> None:
        """Publish at once that the notebook's code reaches for what is not its own."""
        self.shell.display_pub.publish(data={TOUCHED: way, "text/plain": ""}, metadata={})


def trained_by(values: Sequence[Any]) -> set[int]:
    """Which numbers a loop with this X, y, model, loss and optimizer moves."""
    _, _, model, _, optimizer = values
    owned = [p for group in groups_of(optimizer) for p in group["params"]]
    return {id(p) for p in (*owned, *(p for _, p in parameters_of(model, {})))}
