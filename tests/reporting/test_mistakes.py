from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grader.models import Step
from grader.reporting.code import anonymous
from grader.reporting.mistakes import common_mistakes
from tests.reporting import samples

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.models import GradedSubmission
    from grader.reporting.code import CodeLine


def text_of(lines: tuple[CodeLine, ...]) -> str:
    return "\n".join(line.html.striptags() for line in lines)


def writing(student: str, code: str) -> GradedSubmission:
    return rewriting(student, lambda source: source + code)


def rewriting(student: str, change: Callable[[str], str]) -> GradedSubmission:
    whole = samples.forgot_zero_grad(student)
    train = samples.CELL_OF[Step.TRAIN]
    cells = tuple(
        replace(cell, source=change(cell.source)) if cell.number == train else cell
        for cell in whole.submission.cells
    )
    return replace(whole, submission=replace(whole.submission, cells=cells))


def test_the_most_common_mistake_comes_first_with_all_its_students() -> None:
    first, second = common_mistakes(samples.whole_class())
    assert (first.id, len(first.students), first.share) == ("zero_grad_missing", 7, 7 / 22)
    assert (second.id, len(second.students)) == ("learning_rate_too_high", 1)


def test_the_example_shows_the_line_but_no_comment_and_no_text() -> None:
    secret = writing("li_hua", "  # 李华, class 3\n    note = 'ask Li Hua'\n")
    (mistake,) = common_mistakes([secret])
    assert [line.number for line in mistake.example if line.marked] == [6]
    assert "loss.backward()" in text_of(mistake.example)
    assert "ask" not in text_of(mistake.example)
    assert "class 3" not in text_of(mistake.example)


def test_an_example_begins_and_ends_with_code_where_comments_were() -> None:
    comments = {"losses = []": "# none yet", "    losses.append(loss.item())": "    # that was it"}

    def commented(source: str) -> str:
        return "\n".join(comments.get(line, line) for line in source.split("\n"))

    (mistake,) = common_mistakes([rewriting("li_hua", commented)])
    assert [line.number for line in mistake.example] == [3, 4, 5, 6, 7]


def test_an_example_never_names_its_writer() -> None:
    named = writing("Grace Hopper", "\n    model_hopper = model")
    assert common_mistakes([named])[0].example == ()
    other = samples.forgot_zero_grad("Ada")
    assert common_mistakes([named, other])[0].example != ()


def test_what_the_handout_says_is_no_example() -> None:
    whole = samples.forgot_zero_grad()
    idle = replace(whole.submission, unchanged=frozenset({Step.TRAIN}))
    assert common_mistakes([replace(whole, submission=idle)])[0].example == ()


def test_code_without_words_keeps_its_lines() -> None:
    code = 'a = """one\ntwo"""  # three\nb = f"{a}!"\nc = \'\'\n'
    bare = anonymous(code)
    assert bare.count("\n") == code.count("\n")
    assert bare.split("\n")[0].startswith("a = ")
    assert not any(word in bare for word in ("one", "two", "three", "!"))
    assert "c = ''" in bare
