"""A matrix is an array of numpy's or rows of floats, and needs no library."""

from __future__ import annotations

from racto.core import Matrix


def test_rows_of_floats_are_a_matrix() -> None:
    assert isinstance([[0.1, 0.2], [0.3, 0.4]], Matrix)
    assert not isinstance(0.1, Matrix)
    assert not isinstance(iter([[0.1]]), Matrix)
