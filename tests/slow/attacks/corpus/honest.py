"""Honest notebooks that do what forgers do, for no harm: each keeps all its points."""

from __future__ import annotations

from typing import Final

from grader.models import Step
from tests.slow.attacks.corpus.forging import LINE, LOOP, OWN_OPTIMIZER, Forgery

BEFORE: Final = "        optimizer.step()\n"

HONEST: Final = (
    Forgery(
        "an own optimizer that does plain descent",
        {Step.OPTIMIZER: OWN_OPTIMIZER.replace("BODY", "p -= RATE * p.grad")},
    ),
    Forgery(
        "an own optimizer with a zero_grad of its own, and an SGD that is derived from",
        {
            Step.OPTIMIZER: """
class Mine(torch.optim.SGD):
    def zero_grad(self, set_to_none=True):
        for group in self.param_groups:
            for p in group["params"]:
                p.grad = None
    def step(self, closure=None):
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    p -= group["lr"] * p.grad
optimizer = Mine(model.parameters(), lr=RATE)
"""
        },
    ),
    Forgery(
        "a module that is copied, and clones itself",
        {
            Step.MODEL: """
import copy
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = MODEL
    def forward(self, x):
        return self.inner(x)
    def clone(self):
        return copy.deepcopy(self)
    def __deepcopy__(self, memo):
        other = Net()
        other.load_state_dict(self.state_dict())
        return other
model = Net()
before = model.clone()
""",
            Step.TRAIN: LOOP + "after = copy.deepcopy(model)\n",
        },
    ),
    Forgery(
        "numbers of an own class",
        {
            Step.MODEL: """
class Number(nn.Parameter):
    def __repr__(self):
        return "Number " + str(self.tolist())
model = MODEL
for part in model.modules():
    for name, p in list(part.named_parameters(recurse=False)):
        setattr(part, name, Number(p.detach().clone()))
print(model.state_dict().keys(), [p.tolist() for p in model.parameters()][-1])
"""
        },
    ),
    Forgery(
        "hooks that print",
        {
            Step.MODEL: """
seen = []
model = MODEL
handle = model.register_forward_hook(lambda module, inputs, output: seen.append(output.shape))
for p in model.parameters():
    p.register_hook(lambda g: seen.append(g.norm().item()))
"""
        },
    ),
    Forgery(
        "helpers, a clean-up, and a display of its own",
        {
            Step.TRAIN: """
import gc, sys, builtins
from IPython.display import display, clear_output
IN_COLAB = "google.colab" in sys.modules
shown = print
def print(*things, **how):
    shown("#", *things, **how)
def show(thing):
    display(thing)
def zero_grad(numbers):
    for p in numbers:
        if p.grad is not None:
            p.grad.zero_()
gc.collect()
timer = __import__("time").perf_counter()
get_ipython().events.register("post_run_cell", lambda result: None)
"""
            + LOOP.replace("optimizer.zero_grad()", "zero_grad(model.parameters())")
            + "show(losses[-1])\nprint([p.tolist() for p in model.parameters()][-1])\n",
        },
    ),
    Forgery(
        "an animation",
        {
            Step.TRAIN: LOOP
            + """
from matplotlib.animation import FuncAnimation
figure, axes = plt.subplots()
curve, = axes.plot([], [])
def draw(frame):
    curve.set_data(range(frame), losses[:frame])
    return curve,
movie = FuncAnimation(figure, draw, frames=3)
plt.close(figure)
"""
        },
        lessons=(LINE,),
    ),
    Forgery(
        "gradients that are cut off high above what they are",
        {
            Step.TRAIN: LOOP.replace(
                BEFORE,
                "        nn.utils.clip_grad_norm_(model.parameters(), 1e6)\n" + BEFORE,
            )
        },
    ),
    Forgery(
        "a profile of the loop",
        {
            Step.TRAIN: "import cProfile, inspect\nprofile = cProfile.Profile()\nprofile.enable()\n"
            + LOOP
            + "profile.disable()\nprint(len(inspect.getsource(nn.Linear)) > 0)\n"
        },
        lessons=(LINE,),
    ),
)
