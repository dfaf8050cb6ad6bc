"""The forward pass computes BERT's formulas, alike for every grouping of the texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from racto.providers.local import encoder as room
from racto.providers.local.encoder import Encoder
from racto.providers.local.encoder_weights import load_encoder
from racto.providers.local.shape import read_shape

from .tiny import plain, tensors, written

TEXTS = [[2, 7, 3], [2, 9, 3], [2, 5, 30, 3], [2, *range(4, 24), 3], [2, *[8] * 62]]


@pytest.fixture
def encoder(tmp_path: Path) -> Encoder:
    folder = written(tmp_path / "model")
    return load_encoder(folder / "model.safetensors", read_shape(folder))


def directions(encoder: Encoder, texts: list[list[int]]) -> np.ndarray:
    rows = encoder.means(texts)
    made: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return made


def test_it_computes_the_formulas(encoder: Encoder) -> None:
    weights = tensors()
    wanted = [plain(weights, text) for text in TEXTS]
    np.testing.assert_allclose(directions(encoder, TEXTS), wanted, atol=2e-6)


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 0, 3, 1, 2], [0, 2, 1, 1, 0]])
def test_a_vector_depends_on_its_text_alone(encoder: Encoder, order: list[int]) -> None:
    alone = [directions(encoder, [TEXTS[i]])[0] for i in order]
    together = directions(encoder, [TEXTS[i] for i in order])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_pieces_of_any_size_make_the_same(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [TEXTS[0]] * 5 + [TEXTS[3]] * 3
    whole = encoder.means(texts)
    monkeypatch.setattr(room, "_ROWS", 4)
    monkeypatch.setattr(room, "_SCORES", 80)
    np.testing.assert_allclose(encoder.means(texts), whole, atol=1e-5)
