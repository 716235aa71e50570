from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.isolation.launch import Ending, Launch

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(texts), st.dictionaries(texts, texts), texts)
def test_a_launch_arrives_as_it_was_sent(argv: list[str], env: dict[str, str], text: str) -> None:
    launch = Launch(tuple(argv), env, "/w", "room", text)
    assert Launch.decode(launch.encode()) == launch


@given(st.integers(-64, 255), st.sampled_from(["", "memory", "processes"]))
def test_an_ending_arrives_as_it_was_sent(status: int, cause: str) -> None:
    ending = Ending(status, cause)
    assert Ending.decode(ending.encode()) == ending
