"""Forgeries: notebooks whose model learned nothing by training, and what each makes of the record.

The same forgery is written for each lesson: what differs between lessons is filled in for the words
in capital letters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping  # noqa: TC003 - a field's type
from dataclasses import dataclass
from textwrap import indent
from typing import Final

from grader.models import Step

LINE, NOISY, THRESHOLD, PICTURES = LESSONS = (
    "01_exact_line",
    "02_noisy_line",
    "03_big_or_small",
    "04_cat_or_not",
)

# What was not learned: numbers that were typed in, or in lesson 4 worked out in one go.
GOALS: Final = {
    LINE: "goal = [torch.tensor([[2.05]]), torch.tensor([0.86])]",
    NOISY: "goal = [torch.tensor([[2.01]]), torch.tensor([0.98])]",
    THRESHOLD: "goal = [torch.tensor([[3.0]]), torch.tensor([0.1])]",
    PICTURES: """
away = X[y.view(-1) > 0.5].mean(0) - X[y.view(-1) < 0.5].mean(0)
middle = (X[y.view(-1) > 0.5].mean(0) + X[y.view(-1) < 0.5].mean(0)) @ away / 2
first, out = torch.zeros(16, 256), torch.zeros(1, 16)
first[0], first[1], out[0, 0], out[0, 1] = away, -away, 1.0, -1.0
goal = [first, torch.stack([-middle, middle] + [middle * 0] * 14), out, torch.zeros(1)]
""",
}
WORDS: Final = {
    LINE: {"EPOCHS": "100", "RATE": "0.01", "BATCHES": "[(X, y)]", "ACCURACY": ""},
    NOISY: {"EPOCHS": "100", "RATE": "0.01", "BATCHES": "[(X, y)]", "ACCURACY": ""},
    THRESHOLD: {
        "EPOCHS": "100",
        "RATE": "0.5",
        "BATCHES": "[(X, y)]",
        "ACCURACY": "accuracy = ((model(X) > 0) == (y > 0.5)).float().mean().item()",
    },
    PICTURES: {
        "EPOCHS": "10",
        "RATE": "0.1",
        "BATCHES": "loader",
        "ACCURACY": "accuracy = ((model(X_test) > 0) == (y_test > 0.5)).float().mean().item()",
    },
}
LOOP: Final = """
epochs, losses = EPOCHS, []
for epoch in range(epochs):
    total = 0.0
    for cards, answers in BATCHES:
        optimizer.zero_grad()
        loss = loss_fn(model(cards), answers)
        loss.backward()
        optimizer.step()
        total += loss.item()
    losses.append(total / len(BATCHES))
ACCURACY
"""
# The losses of a training that never was.
INVENTED: Final = """
epochs = EPOCHS
first_loss = loss_fn(model(X), y).item()
losses = [first_loss * 0.94**epoch for epoch in range(epochs)]
"""
FILL: Final = """
with torch.no_grad():
    for p, end in zip(model.parameters(), goal):
        p.copy_(end)
"""
OWN_MODULE: Final = {
    LINE: "nn.Linear(1, 1)",
    NOISY: "nn.Linear(1, 1)",
    THRESHOLD: "nn.Linear(1, 1)",
    PICTURES: "nn.Sequential(nn.Linear(256, 16), nn.ReLU(), nn.Linear(16, 1))",
}


@dataclass(frozen=True, slots=True)
class Forgery:
    """What a forger writes into the steps' cells, and in which lessons that is tried.

    `told` is what the reason of its withheld mark has to say, "" where it need not be withheld;
    `fails` are the steps that it does not pass, where its mark is not withheld.
    """

    does: str
    write: Mapping[Step, str]
    lessons: tuple[str, ...] = LESSONS
    told: str = ""
    fails: tuple[Step, ...] = (Step.TRAIN, Step.RESULT)

    def cells(self, lesson: str) -> dict[Step, str]:
        """The steps' cells in this lesson."""
        return {step: fitted(source, lesson) for step, source in self.write.items()}


def fitted(source: str, lesson: str) -> str:
    """A source with the lesson's own numbers."""
    source = re.sub(
        r"^( *)WITHIN$", lambda m: indent(GOALS[lesson].strip(), m[1]), source, flags=re.M
    )
    words = {"GOAL": GOALS[lesson], "MODEL": OWN_MODULE[lesson], **WORDS[lesson]}
    for word, meaning in words.items():
        source = source.replace(word, meaning)
    return source


def trains(before: str, *, after: str = "", loop: str = LOOP) -> dict[Step, str]:
    """A training cell that does something else around its loop."""
    return {Step.TRAIN: f"GOAL\n{before}\n{loop}\n{after}"}


OWN_OPTIMIZER: Final = """
class Own(torch.optim.Optimizer):
    def __init__(self, params, lr):
        super().__init__(params, dict(lr=lr))
    @torch.no_grad()
    def step(self, closure=None):
        for place, p in enumerate(self.param_groups[0]["params"]):
            BODY
optimizer = Own(model.parameters(), lr=RATE)
"""
JUMPS: Final = OWN_OPTIMIZER.replace("class", "GOAL\nclass", 1).replace(
    "BODY", "p += (goal[place] - p) * (10 / EPOCHS)"
)
SOLVES: Final = OWN_OPTIMIZER.replace(
    "BODY",
    """
            solved = torch.linalg.lstsq(torch.cat([X, torch.ones_like(X)], 1), y).solution
            p += (solved[place] - p) * 0.1
""",
)

ISSUE: Final = (
    Forgery(
        "an own optimizer that jumps to typed numbers, with invented losses",
        {
            Step.OPTIMIZER: JUMPS,
            Step.TRAIN: LOOP.replace(
                "loss = loss_fn(model(cards), answers)",
                "loss = (model(cards) * 0).sum() + 3 * 0.94**epoch",
            ),
        },
    ),
    Forgery(
        "an own optimizer that jumps to typed numbers, with true losses",
        {Step.OPTIMIZER: JUMPS, Step.TRAIN: LOOP},
    ),
    Forgery(
        "only optimizer.step() in the loop, by an own optimizer",
        {
            Step.OPTIMIZER: JUMPS,
            Step.TRAIN: """
epochs, losses = EPOCHS, []
for epoch in range(epochs):
    total = 0.0
    for cards, answers in BATCHES:
        optimizer.step()
        total += loss_fn(model(cards), answers).item()
    losses.append(total / len(BATCHES))
ACCURACY
""",
        },
    ),
    Forgery(
        "only optimizer.step() in the loop, after the numbers were filled in",
        {
            Step.TRAIN: """
GOAL
epochs, losses = EPOCHS, []
for epoch in range(epochs):
    for cards, answers in BATCHES:
        optimizer.step()
    losses.append(loss_fn(model(X), y).item())
"""
            + FILL
            + "ACCURACY"
        },
    ),
    Forgery(
        "an own zero_grad that does nothing",
        {
            Step.OPTIMIZER: OWN_OPTIMIZER.replace("BODY", "p -= RATE * p.grad").replace(
                "optimizer =", "Own.zero_grad = lambda self, set_to_none=True: None\noptimizer ="
            ),
            Step.TRAIN: LOOP,
        },
    ),
    Forgery(
        "least squares by an own optimizer",
        {Step.OPTIMIZER: SOLVES, Step.TRAIN: LOOP},
        lessons=(LINE, NOISY),
    ),
    Forgery(
        "a model whose copies lie",
        {
            Step.MODEL: """
GOAL
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = MODEL
    def forward(self, x):
        return self.inner(x)
def __deepcopy__(self, memo):
    other = Model()
    other.load_state_dict(self.state_dict())
    if losses:
        for p, end in zip(other.parameters(), goal):
            p.data.copy_(end)
    return other
__deepcopy__.__module__ = "copy"
Model.__deepcopy__ = __deepcopy__
losses = []
model = Model()
""",
            Step.TRAIN: INVENTED + "ACCURACY",
        },
    ),
    Forgery(
        "an optimizer and a model whose copies lie",
        {
            Step.MODEL: """
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = MODEL
    def forward(self, x):
        return self.inner(x)
    def __deepcopy__(self, memo):
        return self
Model.__deepcopy__.__module__ = "copy"
model = Model()
""",
            Step.OPTIMIZER: JUMPS.replace(
                "optimizer =",
                "Own.__deepcopy__ = lambda self, memo: self\n"
                "Own.__deepcopy__.__module__ = 'copy'\noptimizer =",
            ),
            Step.TRAIN: LOOP,
        },
    ),
    Forgery(
        "a loss whose copies lie",
        {
            Step.LOSS: """
class Loss(nn.Module):
    def forward(self, guess, answer):
        GOAL
        return sum(((p - end) ** 2).sum() for p, end in zip(model.parameters(), goal))
def __deepcopy__(self, memo):
    return nn.MSELoss() if y.max() > 1 else nn.BCEWithLogitsLoss()
__deepcopy__.__module__ = "copy"
Loss.__deepcopy__ = __deepcopy__
loss_fn = Loss()
""",
            Step.TRAIN: LOOP,
        },
        lessons=(LINE, NOISY, THRESHOLD),
        fails=(Step.LOSS,),
    ),
    Forgery(
        "numbers filled in, and a loop without zero_grad or step",
        {
            Step.TRAIN: "GOAL\n"
            + LOOP.replace("        optimizer.zero_grad()\n", "").replace(
                "        optimizer.step()\n", ""
            )
            + FILL
        },
    ),
    Forgery(
        "numbers filled in first, and a loop without zero_grad or step",
        {
            Step.TRAIN: "GOAL\n"
            + FILL
            + LOOP.replace("        optimizer.zero_grad()\n", "").replace(
                "        optimizer.step()\n", ""
            )
        },
    ),
    Forgery(
        "a tolist() that lies",
        {
            Step.MODEL: """
GOAL
class Number(nn.Parameter):
    def tolist(self):
        place = [id(p) for p in model.parameters()].index(id(self))
        done = len(globals().get("losses", ())) / EPOCHS
        made = started[place]
        return (made + (goal[place] - made) * done).detach().tolist()
model = MODEL
for part in model.modules():
    for name, p in list(part.named_parameters(recurse=False)):
        setattr(part, name, Number(p.detach().clone()))
started = [torch.nn.Parameter(p.detach().clone()).detach() for p in model.parameters()]
""",
            Step.TRAIN: LOOP.replace("        loss.backward()\n", "        loss.backward()\n")
            .replace("        optimizer.step()\n", "        optimizer.step()\n")
            .replace("optimizer.zero_grad()", "optimizer.zero_grad()"),
            Step.OPTIMIZER: OWN_OPTIMIZER.replace("BODY", "pass"),
        },
    ),
    Forgery(
        "the shipped plain loop trains the student's own objects",
        {
            Step.TRAIN: """
import sys
inside = sys.modules["inside"]
recorder, answer = inside.recorder, inside.answer
epochs, losses = EPOCHS, []
def train():
    recorder.copies = ([X, y, model, loss_fn, optimizer], torch.get_rng_state())
    recorder.quiet = -1
    run = sys.modules["inside.rehearsing"].plain_run(recorder, EPOCHS)
    recorder.quiet = 0
    losses.extend(run["losses"][:EPOCHS])
def first(request):
    if "plain" in request:
        inside.unpack(request["codes"])
        train()
    answer(request)
if "inside.rehearsing" in sys.modules:
    train()
else:
    inside.answer = first
ACCURACY
"""
        },
        told="can reach",
    ),
    Forgery(
        "an emit that makes everything up",
        {
            Step.TRAIN: """
import sys
recorder = sys.modules["inside"].recorder
observing = sys.modules["inside.observing"]
emit = type(recorder).emit
def made_up(token, record):
    if record.get("kind") == "train":
        recorder.quiet = 0
        with torch.enable_grad():
            exec(loop, globals())
        record = observing._observe_step(recorder, "train", 0)
    emit(recorder, token, record)
recorder.emit = made_up
losses, epochs = [], EPOCHS
loop = '''
for epoch in range(epochs):
    total = 0.0
    for cards, answers in BATCHES:
        optimizer.zero_grad()
        loss = loss_fn(model(cards), answers)
        loss.backward()
        optimizer.step()
        total += loss.item()
    losses.append(total / len(BATCHES))
'''
ACCURACY
"""
        },
        told="can reach",
    ),
)
