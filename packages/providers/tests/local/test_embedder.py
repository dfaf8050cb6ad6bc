"""The local embedder: meaning before words, any text, any length, any number of threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from racto.core import ConfigurationError
from racto.providers.local import LocalEmbedder, embedder as room

PAIRS = [
    ("How do I reset my password?", "I forgot my login credentials and cannot sign in"),
    ("The physician examined the patient", "A doctor looked at the sick man"),
    ("Stock prices fell sharply", "Shares on the market dropped a lot"),
    ("The kitten slept on the couch", "A cat was napping on the sofa"),
    ("It rained heavily all night", "There was a storm with downpours until morning"),
]


@pytest.fixture(scope="module")
def embedder() -> LocalEmbedder:
    return LocalEmbedder()


def test_paraphrases_find_each_other(embedder: LocalEmbedder) -> None:
    ones, twos = (np.asarray(embedder.embed(side)) for side in zip(*PAIRS, strict=True))
    assert np.argmax(ones @ twos.T, axis=1).tolist() == list(range(len(PAIRS)))


def test_rows_have_length_one_but_for_empty_texts(embedder: LocalEmbedder) -> None:
    made = np.asarray(embedder.embed(["a word", "", "another"]))
    assert made.shape == (3, 256)
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), [1.0, 0.0, 1.0], atol=1e-6)


@pytest.mark.parametrize("dimensions", [64, 128])
def test_shorter_vectors_are_the_beginning_of_longer_ones(
    embedder: LocalEmbedder, dimensions: int
) -> None:
    short = LocalEmbedder(dimensions)
    begin = np.asarray(embedder.embed(["a few words"]))[:, :dimensions]
    expected = begin / np.linalg.norm(begin)
    np.testing.assert_allclose(short.embed(["a few words"]), expected, atol=1e-6)
    assert short.fingerprint != embedder.fingerprint
    assert short.dimension == dimensions


def test_however_texts_are_grouped_the_vectors_are_the_same(
    embedder: LocalEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["one", "", "two words", "a rather longer text " * 20, "", "end"]
    whole: Any = embedder.embed(texts)
    monkeypatch.setattr(room, "_MOST_TOKENS", 10)
    monkeypatch.setattr(room, "_TEXTS_AT_ONCE", 4)
    np.testing.assert_allclose(embedder.embed(texts), whole, atol=1e-5)


async def test_both_voices_and_lengths_that_cannot_be() -> None:
    small = LocalEmbedder(64)
    np.testing.assert_array_equal(await small.aembed(["x"]), small.embed(["x"]))
    with pytest.raises(ConfigurationError, match="64, 128, 256"):
        LocalEmbedder(100)
