from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.kernels.keeper import Launch

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(texts), st.dictionaries(texts, texts), texts)
def test_a_launch_arrives_as_it_was_sent(argv: list[str], env: dict[str, str], cwd: str) -> None:
    launch = Launch(tuple(argv), env, cwd)
    assert Launch.decode(launch.encode()) == launch
