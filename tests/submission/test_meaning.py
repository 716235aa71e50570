from __future__ import annotations

import pytest

from grader.models import Step
from grader.submission.meaning import own_names, used_names

KNOWN = {
    Step.DATA: frozenset({"X", "y"}),
    Step.MODEL: frozenset({"model"}),
    Step.LOSS: frozenset({"loss_fn"}),
    Step.OPTIMIZER: frozenset({"optimizer"}),
    Step.TRAIN: frozenset({"losses"}),
}
LOOP = """for i in range(100):
    out = net(inputs)
    l = criterion(out, labels)
    l.backward()
    opt.step()"""


@pytest.mark.parametrize(
    ("source", "role"),
    [
        ("a = nn.Linear(1, 1)", "model"),
        ("a = torch.nn.Sequential(nn.Linear(1, 1)).to(device)", "model"),
        ("class Net(nn.Module):\n    pass\na = Net()", "model"),
        ("a = nn.MSELoss(reduction='mean')", "loss_fn"),
        ("a = F.mse_loss", "loss_fn"),
        ("a = torch.optim.SGD(net.parameters(), lr=0.1)", "optimizer"),
        ("a = SGD(net.parameters())", "optimizer"),
        ("class Diary(torch.optim.SGD):\n    pass\na = Diary(net.parameters())", "optimizer"),
        ("class RootLoss(nn.Module):\n    pass\na = RootLoss()", "loss_fn"),
    ],
)
def test_a_name_means_what_was_made_for_it(source: str, role: str) -> None:
    assert own_names([source], KNOWN) == {role: "a"}


def test_a_training_loop_tells_what_it_uses() -> None:
    made = "inputs = a()\nlabels = b()\nnet = c()\ncriterion = d()\nopt = e()"
    assert own_names([made, LOOP], KNOWN) == {
        "X": "inputs",
        "y": "labels",
        "model": "net",
        "loss_fn": "criterion",
        "optimizer": "opt",
    }


@pytest.mark.parametrize("first", ["model = nn.Linear(1, 1)", "def model(x):\n    return x"])
def test_where_the_handouts_name_is_there_no_other_is_looked_for(first: str) -> None:
    assert "model" not in own_names([first, "net = nn.Linear(1, 1)", LOOP], KNOWN)


def test_names_that_exist_in_a_function_only_mean_nothing_outside() -> None:
    assert own_names([f"def train(net, inputs, labels):\n    {LOOP!r}"], KNOWN) == {}


def test_cards_that_a_loop_wraps_or_moves_are_followed_to_their_names() -> None:
    cell = """xs, ys, net, criterion = a(), b(), c(), d()
inputs = Variable(xs)
labels = ys.to(device)
out = net(inputs)
l = criterion(out, labels)
l.backward()"""
    assert used_names([cell]) == {"X": "xs", "y": "ys", "model": "net", "loss_fn": "criterion"}
