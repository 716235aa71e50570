"""Attacks on the truth: what they gain is tried with marks in test_forgery; here they end well."""

from __future__ import annotations

from grader.models import Outcome
from tests.slow.attacks.attack import TIMED_OUT, UNHARMED, Attack, raised

LYING = (
    Attack(
        row=34,
        does="makes everything be right",
        cell="""
import torch

torch.allclose = torch.equal = lambda *_, **__: True
torch.nn.MSELoss.forward = lambda self, guess, answer: (guess * 0).sum()
torch.optim.SGD.step = lambda self, closure=None: None
""",
        suspected=None,
    ),
    Attack(
        row=35,
        does="replaces every later cell",
        cell="""
get_ipython().input_transformers_cleanup.append(lambda lines: ["1\\n"])
""",
        suspected=True,
    ),
    Attack(
        row=36,
        does="hides its errors",
        cell="""
get_ipython().showtraceback = lambda *_, **__: None
get_ipython()._showtraceback = lambda *_, **__: None
1 / 0
""",
        ends=(raised(""), raised("ZeroDivisionError")),
    ),
    Attack(
        row=37,
        does="answers for its kernel",
        cell="""
kernel = get_ipython().kernel

async def do_execute(*_, **__):
    return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}

kernel.do_execute = do_execute
""",
        suspected=True,
    ),
    Attack(
        row=38,
        does="listens to what the kernel is asked",
        cell="""
heard = []
get_ipython().events.register("pre_run_cell", lambda info: print("HEARD", info.raw_cell[:3000]))
""",
        # Neither the line's own numbers nor what the checks allow.
        silent=("tolerance", "1e-5", "reference"),
        cut=None,
    ),
    Attack(
        row=39,
        does="says that it is done, and then fails",
        cell="""
kernel = get_ipython().kernel
kernel.session.send(
    kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=kernel.get_parent("shell"),
    ident=b"kernel.status",
)
time.sleep(0.3)
1 / 0
""",
        ends=(raised(""), raised("ZeroDivisionError")),
    ),
    Attack(
        row=34,
        does="breaks what the recorder leans on",
        cell="""
import builtins, json

builtins.isinstance = lambda *_: False
json.dumps = lambda *_, **__: "{}"
""",
        ends=(UNHARMED, TIMED_OUT, *((outcome, "") for outcome in Outcome)),
        cell_s=2.0,
        suspected=None,
        cut=None,
    ),
)
