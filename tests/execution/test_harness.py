from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import from_dict

from grader.execution import harness
from grader.execution.harness import MIME, Question, answers, observe, opening, speaks_for_us
from grader.kernels import delivery as recorder
from grader.models import Cell, CellKind, Plan, Step, Transfer

TOKEN = "our token"  # noqa: S105
QUESTION = Question("", TOKEN, 1)
TRANSFER = Transfer("-3.0 * X + 0.5", (Cell(2, CellKind.CODE, "y = 2 * X + 1"),))


def emitted(text: object, mime: str = MIME) -> Any:
    return from_dict({"output_type": "display_data", "data": {mime: text}, "metadata": {}})


def plan(*sources: str) -> Plan:
    cells = tuple(Cell(n, CellKind.CODE, source) for n, source in enumerate(sources, 1))
    return Plan(cells, {1: (Step.DATA,)}, {"X": ("X", "x")}, seed=7, probe_seed=1, epochs=100)


def test_the_first_cell_is_python_and_leaves_no_name_behind() -> None:
    source = opening(plan("X = 1", "print('\ud800 损失')"), prepared=False)
    compile(source, "<opening>", "exec")
    assigned = {line.partition(" ")[0] for line in source.splitlines() if line.startswith("_code")}
    assert assigned == {"_code"}
    assert source.splitlines()[-2].startswith("del ")


def test_a_kernel_that_has_the_recorder_is_told_to_begin_and_no_more() -> None:
    short, long = (opening(plan("X = 1"), prepared=prepared) for prepared in (True, False))
    assert long.splitlines()[-1] == short
    assert len(short) < 1000


def test_the_first_cell_gives_no_cell_of_the_notebook_away() -> None:
    assert "2 * X" not in opening(plan("y = 2 * X + 1"), prepared=False)


def test_a_question_says_how_many_answers_are_due() -> None:
    assert observe((Step.DATA, Step.MODEL), 1, "t").parts == 2
    assert observe((Step.TRAIN,), 1, "t", plain=100).parts == 2
    assert observe((Step.RESULT,), 1, "t", transfer=TRANSFER).parts == 2


def test_an_answer_in_chinese_is_no_longer_than_it_was_said() -> None:
    said = json.dumps({"token": TOKEN, "record": {"names": "损失" * 1000}}, ensure_ascii=False)
    (record,) = answers([emitted(said)], QUESTION)
    assert len(record) < 2_100
    assert json.loads(record) == {"names": "损失" * 1000}


def test_half_a_character_in_an_answer_does_not_keep_it_from_being_told() -> None:
    said = json.dumps({"token": TOKEN, "record": {"names": "\ud800"}})
    (record,) = answers([emitted(said)], QUESTION)
    assert json.loads(record.encode()) == {"names": "?"}


def test_a_question_is_one_expression_that_carries_its_token() -> None:
    question = observe((Step.TRAIN,), 1, TOKEN, plain=100, transfer=TRANSFER)
    compile(question.source, "<question>", "eval")
    assert repr(TOKEN) in question.source
    assert question.token == TOKEN


def test_training_once_more_is_unpacked_only_where_it_is_asked_for() -> None:
    short, long = (observe((Step.TRAIN,), 1, "t", plain=epochs) for epochs in (None, 100))
    assert "codes" not in short.source
    assert "codes" in long.source


def test_an_answer_is_one_that_carries_our_token() -> None:
    record = {"kind": "data", "names": {"X": "损失"}}
    said = [
        emitted(json.dumps({"token": "our token", "record": record})),
        emitted(json.dumps({"token": "a guess", "record": record})),
        emitted(json.dumps({"record": record})),
        emitted(json.dumps({"token": "our token", "record": record}), mime="text/plain"),
    ]
    assert [json.loads(record) for record in answers(said, QUESTION)] == [record]


@pytest.mark.parametrize("text", ["", "{", "[1]", "7", "null", "[" * 100_000, None, 7, {"a": 1}])
def test_what_is_no_answer_is_passed_over(text: object) -> None:
    assert answers([emitted(text)], QUESTION) == ()


@given(st.text())
def test_no_text_is_taken_for_an_answer_without_the_token(text: str) -> None:
    assert answers([emitted(text)], QUESTION) == ()


def test_a_cell_that_emits_our_type_speaks_in_our_name() -> None:
    assert speaks_for_us([emitted("1", mime="text/plain"), emitted("{}")])
    assert not speaks_for_us([emitted("1", mime="text/plain")])
    assert not speaks_for_us([from_dict({"output_type": "stream", "text": MIME})])


def test_the_recorder_is_compiled_once() -> None:
    harness.prepare()
    assert recorder.compiled("rehearsing") is recorder.compiled("rehearsing")
    first, again = (opening(plan("X = 1"), prepared=False) for _ in range(2))
    assert first == again
