from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.authoring.regions import fault, has_regions, stubbed

BEGIN, STUB, END = "### BEGIN SOLUTION", "### STUB", "### END SOLUTION"

line = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1).filter(
    lambda text: not text.startswith("#")
)
indent = st.sampled_from(["", "    ", "        "])


@given(st.lists(line), indent, st.lists(line), st.lists(line, min_size=1), st.lists(line))
def test_the_stub_alone_takes_the_place_of_the_region(
    before: list[str], margin: str, solution: list[str], stub: list[str], after: list[str]
) -> None:
    region = [BEGIN, *solution, STUB, *(f"# {text}" for text in stub), END]
    source = "\n".join([*before, *(margin + text for text in region), *after])
    assert fault(source) is None
    assert stubbed(source) == "\n".join([*before, *(margin + text for text in stub), *after])


def test_a_stub_keeps_its_own_comment_and_indentation() -> None:
    source = f"for x in X:\n    {BEGIN}\n    f(x)\n    {STUB}\n    # ...  # TODO: f\n    {END}"
    assert stubbed(source) == "for x in X:\n    ...  # TODO: f"


def test_a_cell_may_hold_several_regions() -> None:
    one = f"{BEGIN}\nx = 1\n{STUB}\n# x = ...\n{END}"
    assert fault(f"{one}\n{one}") is None
    assert stubbed(f"{one}\ny = x\n{one}") == "x = ...\ny = x\nx = ..."


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("x = 1", "there is no solution"),
        (f"{BEGIN}\n{BEGIN}", f"{BEGIN} is where {STUB} should be"),
        (f"{BEGIN}\nx = 1\n{END}", f"{END} is where {STUB} should be"),
        (f"x = 1\n{END}", f"{END} is where {BEGIN} should be"),
        (f"{STUB}\n# x = ...\n{END}", f"{STUB} is where {BEGIN} should be"),
        (f"{BEGIN}\nx = 1", f"{STUB} is missing"),
        (f"{BEGIN}\nx = 1\n{STUB}\n# x = ...", f"{END} is missing"),
        (f"{BEGIN}\nx = 1\n{STUB}\n{END}", "the stub is empty"),
        (f"{BEGIN}\nx = 1\n{STUB}", "the stub is empty"),
        (f"{BEGIN}\nx = 1\n{STUB}\n# x = ...\ny = 2\n{END}", "does not begin with"),
    ],
)
def test_a_region_that_is_not_clear_is_told_with_what_to_do(source: str, told: str) -> None:
    assert told in str(fault(source))


def test_code_that_only_speaks_of_solutions_holds_no_region() -> None:
    assert not has_regions("# the solution is on page 3\nprint('### BEGIN SOLUTION')")
