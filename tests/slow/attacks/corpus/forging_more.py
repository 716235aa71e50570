"""More forgeries, of other shapes than those in `forging`."""

from __future__ import annotations

from typing import Final

from grader.models import Step
from tests.slow.attacks.corpus.forging import (
    FILL,
    INVENTED,
    LINE,
    LOOP,
    NOISY,
    THRESHOLD,
    Forgery,
    trains,
)

NO_STEP: Final = LOOP.replace("        optimizer.step()\n", "")
LATER: Final = "ACCURACY\n"

MORE: Final = (
    Forgery(
        "the optimizer's own step method is replaced",
        trains(
            """
def step(closure=None):
    with torch.no_grad():
        for p, end in zip(model.parameters(), goal):
            p += (end - p) * (10 / EPOCHS)
optimizer.step = step
"""
        ),
    ),
    Forgery(
        "the class's step is replaced for the loop only",
        trains(
            """
kept = torch.optim.SGD.step
def step(self, closure=None):
    for p, end in zip(model.parameters(), goal):
        p.grad = (p.data - end) * (10 / EPOCHS) / RATE
    return kept(self)
torch.optim.SGD.step = step
""",
            after="torch.optim.SGD.step = kept",
        ),
        told="torch.optim.SGD.step",
    ),
    Forgery(
        "param.data is put in place in the last round",
        trains(
            "",
            loop=LOOP.replace(
                "        optimizer.step()\n",
                """        optimizer.step()
        if epoch == epochs - 1:
            for p, end in zip(model.parameters(), goal):
                p.data = end.clone()
""",
            ).replace("        optimizer.zero_grad()\n", "        optimizer.zero_grad()\n"),
        ),
    ),
    Forgery(
        "hooks on the numbers make their gradients up",
        trains(
            """
for p, end in zip(model.parameters(), goal):
    p.register_hook(lambda g, p=p, end=end: (p.data - end) * (10 / EPOCHS) / RATE)
"""
        ),
    ),
    Forgery(
        "a function with a derivative of its own makes the gradients up",
        {
            Step.TRAIN: """
GOAL
class Free(torch.autograd.Function):
    @staticmethod
    def forward(ctx, loss, *numbers):
        ctx.numbers = numbers
        return loss.clone()
    @staticmethod
    def backward(ctx, g):
        return None, *((p - e) * (10 / EPOCHS) / RATE for p, e in zip(ctx.numbers, goal))
"""
            + LOOP.replace(
                "loss_fn(model(cards), answers)",
                "Free.apply(loss_fn(model(cards), answers), *model.parameters())",
            )
        },
    ),
    Forgery(
        "a hook on the model's answers makes the gradients up",
        {
            Step.MODEL: """
model = MODEL
def teach(module, inputs, output):
    if not output.requires_grad or output.grad_fn is None:
        return None
    GOAL_HERE
    for p, end in zip(module.parameters(), goal):
        if not p._backward_hooks:
            p.register_hook(lambda g, p=p, end=end: (p.data - end) * (10 / EPOCHS) / RATE)
model.register_forward_hook(teach)
""".replace("GOAL_HERE", "goal = goals()").replace(
                "model = MODEL", "def goals():\n    WITHIN\n    return goal\nmodel = MODEL"
            ),
            Step.TRAIN: LOOP,
        },
        lessons=(LINE, NOISY, THRESHOLD),
    ),
    Forgery(
        "the recorder is found among all objects",
        trains(
            """
import gc
recorder = next(o for o in gc.get_objects() if type(o).__name__ == "Recorder")
tape = recorder.training
tape.watch(list(model.parameters()))
for _ in range(100):
    for kind in "FZBS":
        tape.event(kind, 0, 0)
    tape.update()
""",
            loop=INVENTED,
            after=FILL + LATER,
        ),
        told="gc.get_objects",
    ),
    Forgery(
        "the recorder is found among all objects, by another name",
        trains(
            """
found = getattr(globals()["__builtins__" if False else "torch"], "_C")
hidden = "import g" + "c\\nobjects = g" + "c.get_" + "objects()"
exec(hidden)
recorder = next(o for o in objects if type(o).__name__ == "Recorder")
recorder.training.updates.count = 100
""",
            loop=INVENTED,
            after=FILL + LATER,
        ),
        told="can reach",
    ),
    Forgery(
        "the recorder is found in its own wrapper",
        trains(
            """
recorder = [c.cell_contents for c in nn.Module.__call__.__closure__
            if type(c.cell_contents).__name__ == "Recorder"][0]
recorder.training.losses.first[:] = []
""",
            loop=INVENTED,
            after=FILL + LATER,
        ),
        told="can reach",
    ),
    Forgery(
        "the recorder is found among IPython's events",
        trains(
            """
for callback in get_ipython().events.callbacks["pre_run_cell"]:
    recorder = getattr(callback, "__self__", None)
    if type(recorder).__name__ == "Recorder":
        recorder.faults.clear()
        recorder.training.counts["S"] = 100
""",
            loop=INVENTED,
            after=FILL + LATER,
        ),
        told="can reach",
    ),
    Forgery(
        "a thread fills the numbers in later",
        trains(
            """
import threading, time
def later():
    time.sleep(0.02)
    with torch.no_grad():
        for p, end in zip(model.parameters(), goal):
            p.copy_(end)
thread = threading.Thread(target=later)
thread.start()
""",
            loop=INVENTED,
            after=LATER,
        ),
    ),
    Forgery(
        "an event after the cell fills the numbers in",
        trains(
            """
def fill(*_):
    with torch.no_grad():
        for p, end in zip(model.parameters(), goal):
            p.copy_(end)
get_ipython().events.register("post_run_cell", fill)
""",
            loop=LOOP,
        ),
    ),
    Forgery(
        "numbers whose class answers for torch",
        {
            Step.MODEL: """
class Number(nn.Parameter):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        with torch._C.DisableTorchFunctionSubclass():
            done = function(*args, **(kwargs or {}))
        if getattr(function, "__name__", "") == "tolist":
            return [[2.05]] if args[0].ndim == 2 else [0.86]
        return done
model = MODEL
for part in model.modules():
    for name, p in list(part.named_parameters(recurse=False)):
        setattr(part, name, Number(p.detach().clone()))
""",
            Step.TRAIN: NO_STEP,
        },
    ),
    Forgery(
        "a model that lists other numbers than those it answers by",
        {
            Step.MODEL: """
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = MODEL
        self.shown = MODEL
    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        return self.shown.named_parameters()
    def forward(self, x):
        WITHIN
        with torch.no_grad():
            for p, end in zip(self.inner.parameters(), goal):
                p.copy_(end)
        return self.inner(x) + 0 * self.shown(x)
model = Model()
""",
            Step.TRAIN: LOOP,
        },
        fails=(Step.MODEL,),
    ),
    Forgery(
        "a model that looks its answers up",
        {
            Step.MODEL: """
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = MODEL
    def forward(self, x):
        out = self.inner(x)
        if len(x) == len(X) and bool((x == X).all()):
            return y + 0 * out
        return out
model = Model()
""",
            Step.TRAIN: LOOP,
        },
        lessons=(LINE, NOISY, THRESHOLD),
    ),
    Forgery(
        "a model that knows when it is asked by the grader",
        {
            Step.MODEL: """
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = MODEL
    def forward(self, x):
        if globals().get("losses") and len(x) == 20:
            WITHIN
            return x * goal[0] + goal[1]
        return self.inner(x)
model = Model()
""",
            Step.TRAIN: NO_STEP,
        },
        lessons=(LINE, NOISY, THRESHOLD),
    ),
    Forgery(
        "a loop that is only run when others' answers are on the cards",
        trains(
            """
if "__another_target__" in globals():
    for _ in range(EPOCHS):
        for cards, answers in BATCHES:
            optimizer.zero_grad()
            loss_fn(model(cards), answers).backward()
            optimizer.step()
""",
            loop=INVENTED,
            after="if '__another_target__' not in globals():\n    with torch.no_grad():\n"
            "        for p, end in zip(model.parameters(), goal): p.copy_(end)\n" + LATER,
        ),
    ),
    Forgery(
        "a tracing function fills the numbers in",
        trains(
            """
import sys
def trace(frame, event, arg):
    with torch.no_grad():
        for p, end in zip(model.parameters(), goal):
            p.copy_(end)
sys.settrace(trace)
""",
            loop=LOOP,
            after="sys.settrace(None)",
        ),
        told="sys.settrace",
    ),
    Forgery(
        "a module of its own in place of the loop that is to come",
        trains(
            """
import sys, types
sys.modules["inside.rehearsing"] = types.SimpleNamespace(
    plain_run=lambda *_: {"count": 100, "values": [], "losses": []},
    transfer_run=lambda *_, **__: {"error": None})
""",
            loop=INVENTED,
            after=FILL + LATER,
        ),
        told="sys.modules",
    ),
    Forgery(
        "a publisher that rewrites what is told",
        trains(
            """
publisher = get_ipython().display_pub
publish = publisher.publish
def rewritten(data, **rest):
    return publish({k: str(v).replace("false", "true") for k, v in data.items()}, **rest)
publisher.publish = rewritten
""",
            loop=INVENTED,
            after=FILL + LATER,
        ),
        told="The recorder gave",
    ),
    Forgery(
        "builtins that lie",
        trains(
            """
import builtins
kept = builtins.float
builtins.float = lambda value=0.0: kept(value) * 0 + 0.5
""",
            loop=LOOP,
        ),
        told="The recorder gave",
    ),
    Forgery(
        "memory is written to behind torch's back",
        trains(
            """
import ctypes
for p, end in zip(model.parameters(), goal):
    end = end.contiguous()
    ctypes.memmove(p.data_ptr(), end.data_ptr(), 4 * end.numel())
""",
            loop=INVENTED,
            after=LATER,
        ),
        told="ctypes",
    ),
    Forgery(
        "numbers that are another tensor's memory",
        trains(
            """
for p in model.parameters():
    p.other = p.detach()
def slip():
    for p, end in zip(model.parameters(), goal):
        p.other.copy_(end)
""",
            loop=NO_STEP.replace(
                "        loss.backward()\n", "        loss.backward()\n        slip()\n"
            ),
        ),
    ),
    Forgery(
        "a class that calls itself SGD",
        {
            Step.OPTIMIZER: """
GOAL
class SGD(torch.optim.SGD):
    @torch.no_grad()
    def step(self, closure=None):
        for p, end in zip(self.param_groups[0]["params"], goal):
            p += (end - p) * (10 / EPOCHS)
SGD.__module__ = "torch.optim.sgd"
optimizer = SGD(model.parameters(), lr=RATE)
""",
            Step.TRAIN: LOOP,
        },
    ),
    Forgery(
        "a loss tensor whose backward() is its own",
        trains(
            """
class Loss(torch.Tensor):
    def backward(self, *_, **__):
        for p, end in zip(model.parameters(), goal):
            p.grad = (p.data - end) * (10 / EPOCHS) / RATE
""",
            loop=LOOP.replace(
                "loss_fn(model(cards), answers)",
                "loss_fn(model(cards), answers).as_subclass(Loss)",
            ),
        ),
    ),
    Forgery(
        "descent towards the goal, with losses that are worked out for it",
        {
            Step.TRAIN: """
GOAL
epochs, losses = EPOCHS, []
for epoch in range(epochs):
    for cards, answers in BATCHES:
        optimizer.zero_grad()
        sum(((p - end) ** 2).sum() for p, end in zip(model.parameters(), goal)).backward()
        optimizer.step()
    losses.append(loss_fn(model(X), y).item())
ACCURACY
"""
        },
    ),
)
