"""What was worked out of a value is worked out once, and forgotten with the value."""

import gc
from dataclasses import dataclass
from weakref import ref

from grader.remembering import remembered, remembered_if_short


@dataclass(frozen=True)
class Heap:
    """Something large."""

    grains: tuple[int, ...]


def test_the_same_object_is_asked_about_once() -> None:
    asked: list[Heap] = []

    @remembered
    def weight(heap: Heap) -> int:
        asked.append(heap)
        return sum(heap.grains)

    heap, equal = Heap((1, 2)), Heap((1, 2))
    assert [weight(heap), weight(heap)] == [3, 3]
    assert len(asked) == 1
    assert weight(equal) == 3
    assert len(asked) == 2


def test_nothing_is_held_on_to_when_the_object_is_gone() -> None:
    made: list[ref[Heap]] = []

    @remembered
    def doubled(heap: Heap) -> Heap:
        answer = Heap(heap.grains * 2)
        made.append(ref(answer))
        return answer

    heap = Heap((1,))
    doubled(heap)
    gc.collect()
    assert made[0]() is not None
    del heap
    gc.collect()
    assert made[0]() is None


def test_an_object_in_the_place_of_a_gone_one_is_another() -> None:
    @remembered
    def first(heap: Heap) -> int:
        return heap.grains[0]

    # CPython gives the place of the last one to the next one.
    assert [first(Heap((n,))) for n in range(50)] == list(range(50))


def test_a_failure_is_no_answer() -> None:
    tries: list[Heap] = []

    @remembered
    def at_second(heap: Heap) -> int:
        tries.append(heap)
        if len(tries) == 1:
            raise LookupError
        return len(tries)

    heap = Heap(())
    try:
        at_second(heap)
    except LookupError:
        assert at_second(heap) == 2


def test_a_long_text_is_not_kept() -> None:
    asked: list[int] = []

    @remembered_if_short
    def length(text: str) -> int:
        asked.append(len(text))
        return len(text)

    short, long = "x = 1", "x = 1\n" * 1000
    assert [length(text) for text in (short, short, long, long)] == [5, 5, 6000, 6000]
    assert asked == [5, 6000, 6000]
