"""Separators are taken apart at their white space, and letters keep their marks."""

from __future__ import annotations

import pytest

from racto.rag.chunkers.pauses import Pause, between_letters, next_visible, take_apart


@pytest.mark.parametrize(
    ("separator", "kept", "skipped", "rest"),
    [(". ", 1, 2, 1), ("\n\n", 0, 2, 2), (",", 1, 1, 0), ("\n## ", 0, 1, 4), (" ", 0, 1, 1)],
)
def test_a_separator_is_parted_at_its_first_white_space(
    separator: str, kept: int, skipped: int, rest: int
):
    assert take_apart(separator) == Pause(separator, kept, skipped, rest)


def test_the_next_visible_character():
    assert next_visible("a \n\u3000b", 1) == 4
    assert next_visible("a  ", 1) == 3


def test_a_cut_moves_before_marks_but_not_out_of_its_range():
    assert between_letters("abe\u0301\u0302c", 1, 4) == 2
    assert between_letters("abe\u0301\u0302c", 3, 4) == 4
    assert between_letters("abc", 1, 2) == 2
    assert between_letters("a" + "\u0301" * 100, 1, 90) == 90
