from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import booleans, floats, integers, one_of, sampled_from, text

from emulators.signals.publication import Publication, PublishedTag, RefusalReason, WriteRefusal

LABELS = ["bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64"]

# label, range, value, accepted value
ACCEPTED_ROWS = [
    ("bool", None, True, True),
    ("bool", None, 1, True),
    ("bool", None, 0.0, False),
    ("i16", None, -32768, -32768),
    ("i16", None, 12.0, 12),
    ("i16", (0, 3), 3, 3),
    ("u64", None, 2**64 - 1, 2**64 - 1),
    ("f64", (0.0, 80.0), 80, 80.0),
    ("f32", None, 1e38, 1e38),
]


@pytest.mark.parametrize(("label", "eu_range", "value", "accepted"), ACCEPTED_ROWS)
def test_value_that_fits_is_accepted_in_the_tags_own_type(label, eu_range, value, accepted) -> None:
    tag = PublishedTag("X", label, is_writable=True, eu_range=eu_range)

    result = tag.accept(value)

    assert result == accepted
    assert type(result) is type(accepted)


REFUSED_ROWS = [
    ("bool", None, 2, RefusalReason.WRONG_TYPE),
    ("bool", None, math.nan, RefusalReason.WRONG_TYPE),
    ("bool", None, "true", RefusalReason.WRONG_TYPE),
    ("i16", None, True, RefusalReason.WRONG_TYPE),
    ("i16", None, 1.5, RefusalReason.WRONG_TYPE),
    ("i16", None, None, RefusalReason.WRONG_TYPE),
    ("i16", None, 32768, RefusalReason.OUT_OF_RANGE),
    ("u8", None, -1, RefusalReason.OUT_OF_RANGE),
    ("i16", (0, 3), 4, RefusalReason.OUT_OF_RANGE),
    ("f64", (0.0, 80.0), 80.1, RefusalReason.OUT_OF_RANGE),
    ("f64", None, math.nan, RefusalReason.NOT_FINITE),
    ("f64", None, -math.inf, RefusalReason.NOT_FINITE),
    ("i64", None, math.inf, RefusalReason.NOT_FINITE),
    ("f32", None, 1e39, RefusalReason.OUT_OF_RANGE),
    ("f64", None, 10**400, RefusalReason.OUT_OF_RANGE),
]


@pytest.mark.parametrize(("label", "eu_range", "value", "reason"), REFUSED_ROWS)
def test_value_that_does_not_fit_is_refused_with_its_reason(label, eu_range, value, reason: RefusalReason) -> None:
    tag = PublishedTag("X", label, is_writable=True, eu_range=eu_range)

    with pytest.raises(WriteRefusal, match=r"^X: ") as refusal:
        tag.accept(value)

    assert refusal.value.reason is reason


def test_read_only_tag_refuses_any_value() -> None:
    with pytest.raises(WriteRefusal, match="may not be written") as refusal:
        PublishedTag("X", "f64").accept(1.0)

    assert refusal.value.reason is RefusalReason.NOT_WRITABLE


@settings(derandomize=True, deadline=None, max_examples=200)
@given(label=sampled_from(LABELS), value=one_of(booleans(), integers(), floats(), text(max_size=3)))
def test_any_value_is_refused_or_stored_without_change(label: str, value: object) -> None:
    tag = PublishedTag("X", label, is_writable=True)
    publication = Publication([tag])

    try:
        accepted = tag.accept(value)
    except WriteRefusal:
        return
    stored = publication.snapshot(1, 10, {"X": accepted}).value(publication, "X")

    assert stored == (float(np.float32(accepted)) if label == "f32" else accepted)


def test_record_may_be_a_view_on_a_larger_block() -> None:
    layout = np.dtype({"names": ["B", "A"], "formats": ["<f4", "?"], "offsets": [12, 3], "itemsize": 20})
    publication = Publication([PublishedTag("A", "bool"), PublishedTag("B", "f32")], layout)

    snapshot = publication.snapshot(1, 10, {"A": True, "B": 1.5})

    assert snapshot.record.size == 20
    assert (snapshot.value(publication, "A"), snapshot.value(publication, "B")) == (True, 1.5)


def test_record_of_another_type_than_the_tag_is_refused() -> None:
    with pytest.raises(ValueError, match="the record has int32, the tag float32"):
        Publication([PublishedTag("A", "f32")], np.dtype([("A", "<i4")]))


def test_record_without_the_tag_is_refused() -> None:
    with pytest.raises(ValueError, match="no field in the record"):
        Publication([PublishedTag("A", "f32")], np.dtype([("B", "<f4")]))


def test_two_tags_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same name"):
        Publication([PublishedTag("A", "f32"), PublishedTag("A", "i16")])


def test_unknown_machine_type_is_refused() -> None:
    with pytest.raises(ValueError, match="'REAL' is no machine type"):
        PublishedTag("A", "REAL")
