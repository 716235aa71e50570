from __future__ import annotations

import textwrap

import pytest

from grader.models import Step
from grader.submission.meaning import own_names

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
    assert own_names([source], KNOWN).given == {role: "a"}


def test_a_training_loop_tells_what_it_uses() -> None:
    made = "inputs = a()\nlabels = b()\nnet = c()\ncriterion = d()\nopt = e()"
    assert own_names([made, LOOP], KNOWN).given == {
        "X": "inputs",
        "y": "labels",
        "model": "net",
        "loss_fn": "criterion",
        "optimizer": "opt",
    }


@pytest.mark.parametrize("first", ["model = nn.Linear(1, 1)", "def model(x):\n    return x"])
def test_where_the_handouts_name_is_there_no_other_is_looked_for(first: str) -> None:
    assert "model" not in own_names([first, "net = nn.Linear(1, 1)", LOOP], KNOWN).given


def test_names_that_exist_in_a_function_only_mean_nothing_outside() -> None:
    assert own_names([f"def train(net, inputs, labels):\n    {LOOP!r}"], KNOWN).given == {}


def test_cards_that_a_loop_wraps_or_moves_are_followed_to_their_names() -> None:
    cell = """xs, ys, net, criterion = a(), b(), c(), d()
inputs = Variable(xs)
labels = ys.to(device)
out = net(inputs)
l = criterion(out, labels)
l.backward()"""
    assert own_names([cell], KNOWN).used == {
        "X": "xs",
        "y": "ys",
        "model": "net",
        "loss_fn": "criterion",
    }


@pytest.mark.parametrize(
    "dealing",
    [
        "for a, b in DataLoader(TensorDataset(xs, ys), batch_size=10):",
        "cards = TensorDataset(xs, ys)\nloader = DataLoader(dataset=cards)\nfor a, b in loader:",
        "for i, (a, b) in enumerate(load_array((xs, ys), 10)):",
        "for a, b in zip(xs, ys):",
        "for i in range(0, 50, 10):\n    a, b = xs[i : i + 10], ys[i : i + 10]\n    if True:",
        "for i in order:\n    a = xs[i].unsqueeze(0)\n    b = ys[i]\n    if True:",
    ],
)
def test_batches_come_from_the_cards_that_are_dealt(dealing: str) -> None:
    made = "xs = a()\nmiddle = 2 * xs + 1\nys = torch.normal(middle, 1.5)\nnoise = ys - middle"
    depth = 8 if "if True" in dealing else 4
    body = textwrap.indent("l = criterion(net(a), b)\nl.backward()", " " * depth)
    used = own_names([made, "net = c()", f"{dealing}\n{body}"], KNOWN).used
    assert (used["X"], used["y"]) == ("xs", "ys")


def test_a_part_of_what_was_read_is_a_result_of_its_own() -> None:
    cell = """table = read()
xs, ys = table[:, :1], table[:, 1:]
net = c()
l = criterion(net(xs), ys)
l.backward()"""
    used = own_names([cell], KNOWN).used
    assert (used["X"], used["y"]) == ("xs", "ys")
