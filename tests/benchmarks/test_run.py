from __future__ import annotations

import argparse

import pytest

from benchmarks.run import Peer


def test_a_peer_gets_the_whole_class_or_as_many_as_are_asked_for() -> None:
    assert Peer.named("floor").entrant(60).submissions == 60
    assert Peer.named("nbgrader:10").entrant(60).submissions == 10
    assert Peer.named("nbgrader:10").entrant(4).submissions == 4


@pytest.mark.parametrize("text", ["grader", "nbgrader:ten", "nbgrader:0", ""])
def test_what_is_no_peer_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        Peer.named(text)
