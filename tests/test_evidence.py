from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import Unobserved
from grader.evidence import DataPart, Evidence, ModelPart, TrainPart, read_evidence
from tests.evidence_factory import evidence, observed, tensor

anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
KINDS = ("data", "model", "loss", "optimizer", "train", "plain", "result", "transfer")


def data(**changed: Any) -> str:
    X = {"shape": [2, 1], "dtype": "float32", "values": [0.0, 1.0]}
    return json.dumps({"kind": "data", "names": {"X": "cards"}, "X": X} | changed)


def test_every_part_survives_its_way_as_json() -> None:
    parts = observed()
    read = read_evidence(json.dumps(part.model_dump()) for part in parts)
    assert list(read.parts()) == list(parts)


def test_numbers_that_are_lost_survive_too() -> None:
    X = {"shape": [3], "dtype": "float32", "values": [math.nan, math.inf, -math.inf]}
    seen = read_evidence([data(X=X)]).part(DataPart).X
    assert seen is not None
    assert np.isnan(seen.values[0])
    assert seen.values[1:] == (math.inf, -math.inf)


@pytest.mark.parametrize(
    "record",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"kind": "cooking"}',
        '{"kind": "train", "training": {}}',
        data(X=3),
        data(X={"shape": [2], "dtype": "float32", "values": ["a"]}),
        data(names=[1]),
        "[" * 100_000,
        '{"kind": "data", "X": ' + "[" * 500 + "]" * 500 + "}",
    ],
)
def test_what_does_not_fit_was_not_observed(record: str) -> None:
    assert not list(read_evidence([record]).parts())


@given(st.sampled_from(KINDS), st.dictionaries(st.text(), anything))
def test_no_record_breaks_the_reading(kind: str, record: dict[str, object]) -> None:
    read_evidence([json.dumps(record | {"kind": kind})])


@given(st.text())
def test_no_text_breaks_the_reading(record: str) -> None:
    read_evidence([record])


def test_a_broken_record_does_not_hide_the_others() -> None:
    assert DataPart in read_evidence(["{", data(), "null"])


def test_what_we_do_not_know_is_ignored() -> None:
    assert read_evidence([data(colour="red")]).part(DataPart).names == {"X": "cards"}


def test_of_two_records_of_a_kind_the_later_one_counts() -> None:
    read = read_evidence([data(), data(names={"X": "later"})])
    assert read.part(DataPart).names == {"X": "later"}


def test_asking_for_what_was_not_observed_says_so() -> None:
    seen = evidence(without=[TrainPart])
    assert TrainPart not in seen
    assert ModelPart in seen
    with pytest.raises(Unobserved, match="before this could be observed"):
        seen.part(TrainPart)


def test_functions_that_were_replaced_are_gathered_from_all_parts() -> None:
    one, other, *_ = observed()
    seen = Evidence(
        [
            one.model_copy(update={"replaced": ("torch.equal", "json.dumps")}),
            other.model_copy(update={"replaced": ("torch.equal",)}),
        ]
    )
    assert seen.replaced == ("json.dumps", "torch.equal")


def test_a_tensors_values_come_in_its_shape() -> None:
    assert tensor([[1.0, 2.0], [3.0, 4.0]]).array().tolist() == [[1, 2], [3, 4]]


def test_a_tensor_with_values_left_out_is_flat() -> None:
    assert tensor(np.zeros((3, 1))).model_copy(update={"shape": (5000, 1)}).array().shape == (3,)
