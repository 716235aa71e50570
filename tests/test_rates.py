from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.models import Share, Tally


def seen_at_most(count: int, of: int, rate: float) -> float:
    return math.fsum(math.comb(of, k) * rate**k * (1 - rate) ** (of - k) for k in range(count + 1))


def test_none_of_fifteen_hundred_is_below_two_in_a_thousand() -> None:
    bound = Share(0, 1500).at_most
    assert bound == pytest.approx(1 - 0.05 ** (1 / 1500), rel=1e-4)
    assert bound < 0.002
    assert Share(0, 1500).one_in == 500


@given(st.integers(0, 60), st.integers(1, 60))
def test_the_bound_is_the_rate_at_which_so_few_are_seen_once_in_twenty_times(
    count: int, of: int
) -> None:
    count = min(count, of)
    bound = Share(count, of).at_most
    assert count / of <= bound <= 1
    if count < of:
        assert seen_at_most(count, of, bound) == pytest.approx(0.05, rel=1e-2)


@given(st.integers(0, 60), st.integers(1, 60))
def test_the_lower_bound_is_the_upper_one_of_the_others(count: int, of: int) -> None:
    count = min(count, of)
    assert Share(count, of).at_least == 1 - Share(of - count, of).at_most


def test_nothing_seen_of_nothing_bounds_nothing() -> None:
    assert (Share(0, 0).rate, Share(0, 0).at_most, Share(0, 0).at_least) == (0.0, 1.0, 0.0)


def test_tallies_add_up() -> None:
    both = Tally(right=3, hurt=1, right_withheld=1) + Tally(right=2, wrong=4, full=1)
    assert both.hurt_share == Share(1, 4)
    assert both.full_share == Share(1, 4)


def test_a_mistake_is_named_misnamed_or_without_a_name() -> None:
    tally = Tally(mistakes=10, named=7, misnamed=1)
    shares = (tally.named_share, tally.misnamed_share, tally.unnamed_share)
    assert sum(share.count for share in shares) == 10
