from __future__ import annotations

import pytest

from grader.submission.packages import is_misspelt, others_imported


@pytest.mark.parametrize("name", ["troch", "numpi", "Torch", "mathplotlib", "panda", "pytorch"])
def test_a_slip_of_the_fingers_is_no_package(name: str) -> None:
    assert is_misspelt(name)


@pytest.mark.parametrize("name", ["timm", "torchinfo", "torchvision", "polars", "wandb", "d2l"])
def test_a_package_of_its_own_is_not_misspelt(name: str) -> None:
    assert not is_misspelt(name)


def test_only_packages_are_named_that_grading_may_lack() -> None:
    cells = ["import os, torch, wandb.sdk as w", "from .mine import x\nfrom d2l import torch", "("]
    assert others_imported(cells) == ("wandb", "d2l")
