"""The contract of embedders: one vector a text, in order, the same every time."""

from __future__ import annotations

import math
from typing import Any

from racto.core.protocols.embedders import Embedder, Fingerprinted, QueryEmbedder

from .contract import Contract
from .samples import TOPICS, near
from .voices import Voice

_TEXTS = list(TOPICS.values())


class EmbedderContract(
    Contract, subject="embedder", protocol=Embedder, powers=(Fingerprinted, QueryEmbedder)
):
    """All laws of an embedder. Give a fixture ``embedder``."""

    def test_each_text_has_a_vector(self, embedder: Embedder, voice: Voice) -> None:
        """The result has shape (n, d), d being ``dimension``, and only finite numbers.

        If this fails: count the vectors that came back before returning them, and raise
        ``EmbeddingError`` when the number differs.
        """
        matrix = voice(embedder, "embed", _TEXTS)
        assert len(matrix) == len(_TEXTS)
        assert embedder.dimension > 0
        assert {len(row) for row in matrix} == {embedder.dimension}
        assert all(math.isfinite(float(value)) for row in matrix for value in row)

    def test_arrays_are_float32_and_contiguous(self, embedder: Embedder, voice: Voice) -> None:
        """Where the result is an array, it is two-dimensional, float32 and C-contiguous.

        If this fails: convert once with ``numpy.ascontiguousarray(rows, dtype="float32")``.
        """
        matrix: Any = voice(embedder, "embed", _TEXTS)
        # racto-core knows no numpy; whoever returns arrays is recognised by their look.
        if hasattr(matrix, "dtype"):
            assert (matrix.ndim, str(matrix.dtype)) == (2, "float32")
            assert matrix.flags["C_CONTIGUOUS"]

    def test_no_texts_give_no_vectors(self, embedder: Embedder, voice: Voice) -> None:
        """No texts give a result of no rows, without an error.

        If this fails: return early; providers refuse empty requests.
        """
        assert len(voice(embedder, "embed", [])) == 0

    def test_order_is_kept(self, embedder: Embedder, voice: Voice) -> None:
        """Each vector belongs to its own text, whatever stands beside it, repeated texts too.

        If this fails: texts sorted by length for speed must be put back in order, and duplicates
        that are embedded once must be spread again.
        """
        # Reversed, so that a sort by length or by text cannot restore the order by chance.
        mixed = [*reversed(_TEXTS), _TEXTS[0], _TEXTS[0]]
        rows = dict(zip(_TEXTS, voice(embedder, "embed", _TEXTS), strict=True))
        for text, row in zip(mixed, voice(embedder, "embed", mixed), strict=True):
            # Batches are padded differently, which moves the last digits of real models.
            assert near(row, rows[text], 1e-3)

    def test_same_text_same_vector(self, embedder: Embedder, voice: Voice) -> None:
        """A text has the same vector alone, in a batch, and on the next day.

        If this fails: check for randomness (dropout, Python's salted ``hash``) and for padding
        that leaks into the vector.
        """
        batch = voice(embedder, "embed", tuple(_TEXTS))
        alone = voice(embedder, "embed", [_TEXTS[2]])
        assert near(batch[2], alone[0], 1e-3)

    def test_different_texts_differ(self, embedder: Embedder, voice: Voice) -> None:
        """Texts on different subjects have different vectors.

        If this fails: check that the texts reach the model, and that vectors are not all the
        first one.
        """
        rows = voice(embedder, "embed", _TEXTS)
        # Rounded: noise in the last digits would make equal vectors look different.
        distinct = {tuple(round(float(value), 4) for value in row) for row in rows}
        assert len(distinct) == len(_TEXTS)

    def test_any_text_is_embedded(self, embedder: Embedder, voice: Voice) -> None:
        """Long, foreign and odd texts are embedded like all others.

        If this fails: check how the tokenizer takes emoji, control characters and texts beyond
        the model's limit, which are shortened, not refused.
        """
        # The thousand words exceed what small models read; they cut, and nobody is told.
        odd = [
            "日本語のテキスト",
            "👩‍👩‍👧 e\u0301 \u2028",
            " \n\t ",
            "?",
            "word " * 1000,
            "a" * 3000,
        ]
        matrix = voice(embedder, "embed", odd)
        assert len(matrix) == len(odd)
        assert all(math.isfinite(float(value)) for row in matrix for value in row)

    def test_many_callers_at_once(self, embedder: Embedder, voice: Voice) -> None:
        """Many threads or tasks get each their own vectors.

        If this fails: load the model once, under a lock, and share no buffers between calls.
        """
        expected = voice(embedder, "embed", _TEXTS)
        calls: list[tuple[Any, ...]] = [([text],) for text in _TEXTS * 2]
        answers = voice.together(embedder, "embed", calls)
        assert all(
            near(answer[0], expected[i % len(_TEXTS)], 1e-3) for i, answer in enumerate(answers)
        )

    def test_queries_share_the_space(self, embedder: Embedder, voice: Voice) -> None:
        """A question's vector has the length of the documents', and the same one every time.

        If this fails: use the same model for questions, with its own prefix or input type.
        """
        self.needs_power(embedder, QueryEmbedder)
        one = voice(embedder, "embed_query", "What moves the oceans?")
        assert len(one) == len(voice(embedder, "embed", ["x"])[0])
        assert near(one, voice(embedder, "embed_query", "What moves the oceans?"), 1e-3)

    def test_fingerprint_is_stable(self, embedder: Any, voice: Voice) -> None:
        """The fingerprint is a text that use does not change.

        If this fails: derive it from the model's name, revision and dimension, all of them known
        before the first call.
        """
        self.needs_power(embedder, Fingerprinted)
        # Taken before the first call, because an index is opened before anything is embedded.
        before = embedder.fingerprint
        voice(embedder, "embed", ["x"])
        assert isinstance(before, str)
        assert before
        assert embedder.fingerprint == before
