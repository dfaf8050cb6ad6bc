"""Vectors are of length 1, always the same, and near for texts that share words."""

from __future__ import annotations

import math

from hypothesis import given, strategies as st

from racto.testing.vectors import tokens, vector


@given(st.text(), st.integers(1, 64))
def test_every_text_has_a_vector_of_length_one(text: str, size: int) -> None:
    found = vector(text, size)
    assert len(found) == size
    assert math.isclose(sum(value * value for value in found), 1)
    assert vector(text, size) == found


def test_texts_that_share_words_are_near() -> None:
    def nearness(one: str, two: str) -> float:
        return sum(a * b for a, b in zip(vector(one, 256), vector(two, 256), strict=True))

    assert math.isclose(nearness("The red fox", "fox, RED the"), 1)
    assert nearness("a red fox", "the red fox") > nearness("a red fox", "income tax law")


@given(st.text())
def test_tokens_grow_with_the_text(text: str) -> None:
    assert 1 <= tokens(text) <= tokens(text + "four") <= tokens(text) + 1


def test_half_a_surrogate_pair_does_no_harm() -> None:
    assert len(vector("\ud800", 8)) == 8
    assert tokens("\ud800") == 1
