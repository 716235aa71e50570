from __future__ import annotations

import base64
import json
import math
import tracemalloc
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import Unobserved
from grader.evidence import (
    DataPart,
    Evidence,
    LossPart,
    ModelPart,
    OptimizerPart,
    TrainPart,
    read_evidence,
)
from grader.evidence.bounds import (
    LARGEST,
    LONGEST_TEXT,
    LONGEST_WORD,
    MOST_CHARS,
    MOST_ENTRIES,
    MOST_UNPACKED,
)
from grader.evidence.packed import MOST_NUMBERS
from tests.evidence_factory import evidence, observed, tensor, train_part

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


# ---- more than the recorder would tell ---------------------------------------------------------


def zeros(count: int) -> dict[str, str]:
    return {"packed": base64.b64encode(zlib.compress(bytes(4 * count), 9)).decode("ascii")}


def test_as_many_numbers_as_the_recorder_packs_are_read() -> None:
    X = {"shape": [MOST_NUMBERS, 1], "dtype": "float32", "values": zeros(MOST_NUMBERS)}
    assert DataPart in read_evidence([data(X=X)])


def test_a_few_characters_do_not_unfold_to_gigabytes() -> None:
    # 100 of these records are 2 MB, and were 10 GB in the grader's own process.
    tensor = {"shape": [1], "dtype": "float32", "values": zeros(MOST_NUMBERS)}
    records = [data(given={str(n): tensor for n in range(20)}) for _ in range(100)]
    assert sum(map(len, records)) < 2_500_000
    tracemalloc.start()
    try:
        seen = read_evidence(records)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert seen.too_large
    assert peak < 300_000_000


@pytest.mark.parametrize(
    "record",
    [
        data(X={"shape": [1], "dtype": "float32", "values": zeros(MOST_NUMBERS + 1)}),
        data(X={"shape": [1], "dtype": "float32", "values": [0.0] * (MOST_NUMBERS + 1)}),
        data(X={"shape": [1] * 65, "dtype": "float32", "values": [0.0]}),
        data(X={"shape": [10**30], "dtype": "float32", "values": [0.0]}),
        data(replaced=["torch"] * 1000),
        data(given={str(n): {"shape": [], "dtype": "", "values": []} for n in range(1000)}),
    ],
    ids=["packed", "a list", "a shape", "a large number", "names", "tensors"],
)
def test_more_than_the_recorder_tells_of_anything_was_not_observed(record: str) -> None:
    seen = read_evidence([record])
    assert DataPart not in seen
    assert seen.unread
    with pytest.raises(Unobserved, match="could not be read"):
        seen.part(DataPart)


@pytest.mark.parametrize("epochs", [10**18, -(10**18), 10**400, 1e300], ids=range(4))
def test_any_number_of_epochs_is_read(epochs: float) -> None:
    told = train_part().model_dump()
    told["training"]["epochs"] = epochs
    seen = read_evidence([json.dumps(told)])
    found = seen.part(TrainPart).training
    assert not seen.unread
    assert found is not None
    assert found.epochs == (LARGEST if epochs > 0 else -LARGEST)


@pytest.mark.parametrize(
    "records",
    [
        [data(colour="x" * MOST_CHARS)],
        [data(colour=[[]] * (MOST_ENTRIES // 2))],
        [data(colour="x" * (MOST_CHARS // 3))] * 4,
        [
            data(given={str(n): {"shape": [], "dtype": "", "values": zeros(MOST_NUMBERS)}})
            for n in range(MOST_UNPACKED // MOST_NUMBERS + 1)
        ],
    ],
    ids=["one text", "one list", "texts", "packed numbers"],
)
def test_a_run_whose_records_are_too_large_says_so(records: list[str]) -> None:
    seen = read_evidence(records)
    assert seen.too_large
    with pytest.raises(Unobserved, match="more than can be read"):
        seen.part(TrainPart)


def test_a_long_text_is_cut_where_it_can_be_seen() -> None:
    probe = {"prediction": [1.0], "target": [1.0], "error": "e" * 5_000_000}
    loss = {"kind": "loss", "loss": {"type": "t" * 5_000_000, "probes": [probe]}}
    seen = read_evidence(
        [json.dumps(loss), data(faults=["f" * 5_000_000], names={"X": "n" * 9999})]
    )
    found = seen.part(LossPart).loss
    assert found is not None
    assert found.type == "t" * LONGEST_WORD + " …"
    assert found.probes[0].error == "e" * LONGEST_TEXT + " …"
    assert seen.faults == ("f" * LONGEST_TEXT + " …",)
    assert seen.part(DataPart).names == {"X": "n" * LONGEST_WORD + " …"}


@pytest.mark.parametrize(
    ("rate", "due"),
    [(0.01, 0.01), (1, 1), (10**400, math.inf), (-(10**400), -math.inf), ("x" * 5_000, None)],
    ids=["usual", "whole", "huge", "hugely negative", "a text"],
)
def test_a_learning_rate_beyond_all_bounds_is_none_that_breaks_the_grader(
    rate: float | str, due: float | None
) -> None:
    groups = [{"lr": rate, "nesterov": False}]
    told = {"type": "SGD", "lineage": [], "groups": groups, "owns": [], "foreign": 0}
    seen = read_evidence([json.dumps({"kind": "optimizer", "optimizer": told})])
    found = seen.part(OptimizerPart).optimizer
    assert found is not None
    assert found.groups[0]["nesterov"] is False
    assert found.groups[0]["lr"] == ("x" * LONGEST_WORD + " …" if due is None else due)
