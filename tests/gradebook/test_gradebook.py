from __future__ import annotations

import threading
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from grader.gradebook import (
    EXECUTION,
    GRADED,
    WHOLE,
    Change,
    GivenOverride,
    Gradebook,
    Handle,
    Maker,
    NewMark,
    Student,
    Work,
)
from grader.language.messages import say
from grader.models import Override
from tests.reporting.samples import forgot_zero_grad, graded

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.models import GradedSubmission

MAKER = Maker("m" * 64, "d" * 64, "0.2.0")
LATER = Maker("n" * 64, "e" * 64, "0.2.0")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def work(student: str = "李华", version: str = "a", *, content: bytes = b"{}") -> Work:
    return Work(student, "01_exact_line", version * 64, f"{student}.ipynb", content)


def mark(book: Gradebook, one: Work, result: GradedSubmission, maker: Maker = MAKER) -> bool:
    execution = result.execution
    evidence = {"k" * 64: EXECUTION.pack(execution)} if execution is not None else {}
    return book.record(NewMark(one, result, maker, evidence, run="k" * 64)) == 1


def test_what_goes_in_comes_out_after_the_book_was_closed(opened: Callable[[], Gradebook]) -> None:
    doubt = say("{student} handed in two.", student="李华")
    late = replace(work(), handed_in_at=NOON, marked_late=True, doubt=doubt)
    with opened() as book:
        book.receive([late])
        assert mark(book, late, forgot_zero_grad("李华"))
    [entry] = opened().entries()
    assert entry.work == late
    assert entry.graded == forgot_zero_grad("李华")
    assert (entry.maker, entry.points) == (MAKER.digest, forgot_zero_grad("李华").mark.points)


def test_nan_infinity_and_broken_text_are_kept(opened: Callable[[], Gradebook]) -> None:
    result = forgot_zero_grad("李华")
    odd = replace(
        result,
        figures=replace(result.figures, losses=(float("inf"), 1.0)),
        submission=replace(result.submission, student="a\ud800b"),
    )
    book = opened()
    assert mark(book, work(), odd)
    [entry] = book.entries()
    assert entry.graded is not None
    assert entry.graded.figures.losses == (float("inf"), 1.0)
    assert entry.graded.submission.student == "a?b"


def test_of_versions_received_together_the_last_counts_whichever_came_first_before(
    opened: Callable[[], Gradebook],
) -> None:
    book = opened()
    first, second = work(version="a", content=b"first"), work(version="b", content=b"second")
    book.receive([first, second])
    book.receive([second, first])
    [entry] = book.entries()
    assert entry.work.version == first.version


def test_every_version_is_kept_and_the_one_received_last_counts(
    opened: Callable[[], Gradebook],
) -> None:
    book = opened()
    book.receive([work(version="a", content=b"first")])
    book.receive([work(version="b", content=b"second")])
    assert [e.work.content for e in book.entries()] == [b"second"]
    assert [e.work.content for e in book.entries(every_version=True)] == [b"first", b"second"]
    book.receive([work(version="a", content=b"first")])
    assert [e.work.content for e in book.entries()] == [b"first"]


def test_a_mark_by_the_same_maker_is_written_once(opened: Callable[[], Gradebook]) -> None:
    book = opened()
    assert mark(book, work(), graded("李华"))
    assert not mark(book, work(), forgot_zero_grad("李华"))
    [entry] = book.entries()
    assert entry.points == 100
    assert mark(book, work(), forgot_zero_grad("李华"), LATER)
    [entry] = book.entries()
    assert entry.maker == LATER.digest
    assert mark(book, work(), graded("李华"), MAKER)
    [entry] = book.entries()
    assert (entry.maker, entry.points) == (MAKER.digest, 100)


def test_evidence_and_changes_are_kept_with_the_mark(opened: Callable[[], Gradebook]) -> None:
    book = opened()
    mark(book, work(), graded("李华"))
    change = Change("train.epochs", 10.0, 0.0)
    later = NewMark(work(), forgot_zero_grad("李华"), LATER, {"j" * 64: b"new"}, changes=(change,))
    book.record(later)
    assert sorted(book.evidence(work())) == ["j" * 64, "k" * 64]
    assert [(student, what) for student, _, what in book.changes("01_exact_line")] == [
        ("李华", change)
    ]


def test_the_last_override_of_a_check_counts_and_none_is_lost(
    opened: Callable[[], Gradebook],
) -> None:
    book = opened()
    book.receive([work()])
    for hours, (check, points) in enumerate(
        [("train.epochs", 3.0), (WHOLE, 50), ("train.epochs", 5)]
    ):
        given = Override(points, "=因为", "王老师", NOON + timedelta(hours=hours))
        book.override("李华", "01_exact_line", GivenOverride(check, given))
    found = book.overrides(["01_exact_line", "02_noisy_line"])[("李华", "01_exact_line")]
    assert {one.check: one.override.points for one in found} == {"train.epochs": 5.0, WHOLE: 50.0}
    assert {one.override.by for one in found} == {"王老师"}


def test_a_name_on_a_platform_may_become_another_students_and_no_other_name_does(
    opened: Callable[[], Gradebook],
) -> None:
    book = opened()
    book.enrol(
        [(Student("s1"), [Handle("canvas", "17")]), (Student("s2"), [Handle("canvas", "18")])]
    )
    book.enrol([(Student("s3"), [Handle("canvas", "17")])])
    assert book.handles("canvas", "01_exact_line") == {"17": "s3", "18": "s2"}


def test_what_is_known_of_students_is_added_to_never_taken_away(
    opened: Callable[[], Gradebook],
) -> None:
    book = opened()
    book.enrol([(Student("s1", "李华", "li@x.cn"), [Handle("canvas", "17")])])
    book.enrol([(Student("s1", section="B"), [Handle("moodle", "5", "01_exact_line")])])
    assert book.students() == {"s1": Student("s1", "李华", "li@x.cn", "B")}
    assert book.handles("canvas", "01_exact_line") == {"17": "s1"}
    assert book.handles("moodle", "01_exact_line") == {"5": "s1"}
    assert book.handles("moodle", "02_noisy_line") == {}


def test_many_threads_and_two_graders_write_at_once_and_lose_nothing(
    opened: Callable[[], Gradebook],
) -> None:
    books = [opened(), opened()]
    failures: list[BaseException] = []

    def grade(book: Gradebook, students: range) -> None:
        try:
            for number in students:
                one = work(f"s{number}")
                book.receive([one])
                mark(book, one, graded(f"s{number}"))
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=grade, args=(book, range(first, 24, 2)))
        for book in books
        for first in (0, 1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    found = list(books[0].entries())
    assert len(found) == 24
    assert {entry.points for entry in found} == {100.0}


def test_a_grader_knows_how_many_others_are_at_work(opened: Callable[[], Gradebook]) -> None:
    first, second = opened(), opened()
    with first.at_work() as alone, second.at_work() as others:
        assert (alone, others) == (0, 1)
    with first.at_work() as again:
        assert again == 0


@pytest.mark.parametrize("student", ["a'; DROP TABLE mark; --", "😀", "李 小明", "x" * 300])
def test_any_name_is_kept_as_it_is(opened: Callable[[], Gradebook], student: str) -> None:
    book = opened()
    mark(book, work(student), graded(student))
    assert [entry.work.student for entry in book.entries(student=student)] == [student]


def test_a_mark_that_an_older_version_wrote_down_is_read() -> None:
    result = forgot_zero_grad("李华")
    older = zlib.decompress(GRADED.pack(result)).replace(b'"figures":', b'"story":', 1)
    assert GRADED.unpack(zlib.compress(older)) == result
