"""A BERT encoder's forward pass in numpy: token numbers in, one mean vector a text out.

Texts are laid end to end instead of being filled up to one length: no multiplication is spent on
padding, no mask is needed, and a text's vector does not depend on what stands beside it. Only
attention looks at texts one by one, or at all texts of one length together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .gelu import gelu

# Rows of the wide layer at once: 256 rows of 1,536 values are 1.5 MB.
_ROWS = 256
# Attention weights at once: 4 MB, whatever the number of texts.
_SCORES = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """A layer normalisation: scale and shift, float32, shape (d,) each."""

    scale: Any
    shift: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Dense:
    """A linear map: matrix of shape (inputs, outputs) and bias of shape (outputs,), float32."""

    matrix: Any
    bias: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of the encoder.

    Attributes:
        attend: Queries, already divided by the root of a head's width, keys and values side by
            side: d to 3 d.
        attended: What the heads found, d to d.
        attended_norm: Normalises after attention.
        widen: d to the width of the wide layer.
        narrow: And back.
        norm: Normalises the layer's result.
    """

    attend: Dense
    attended: Dense
    attended_norm: Norm
    widen: Dense
    narrow: Dense
    norm: Norm


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """Weights of an encoder, and the pass through them. Holds no state: threads may share it.

    Attributes:
        np: The numpy module.
        words: One vector a token, shape (v, d).
        places: One vector a position, with that of the first segment added, shape (p, d).
        norm: Normalises their sum.
        layers: In their order.
        heads: Heads of attention; they divide d.
        epsilon: Added to variances.
    """

    np: Any
    words: Any
    places: Any
    norm: Norm
    layers: Sequence[Layer]
    heads: int
    epsilon: float

    def means(self, texts: Sequence[Sequence[int]]) -> Any:
        """The mean of each text's last hidden vectors.

        Args:
            texts: Token numbers of n texts, none of them empty or longer than p. Texts of one
                length that stand beside each other are computed together.

        Returns:
            Shape (n, d), float32, not normalised.
        """
        np = self.np
        sizes = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts))
        starts = np.cumsum(sizes) - sizes
        total = int(sizes.sum())
        tokens = np.fromiter((token for text in texts for token in text), np.intp, count=total)
        hidden = self.words[tokens]
        hidden += self.places[np.arange(total) - np.repeat(starts, sizes)]
        self._normalise(hidden, self.norm)
        runs = _runs(sizes.tolist())
        for layer in self.layers:
            self._attend(hidden, layer, runs)
            for start in range(0, total, _ROWS):
                self._think(hidden[start : start + _ROWS], layer)
        made = np.add.reduceat(hidden, starts, axis=0)
        made /= sizes[:, None].astype(np.float32)
        return made

    def _attend(self, hidden: Any, layer: Layer, runs: list[tuple[int, int]]) -> None:
        np = self.np
        mixed = _mapped(hidden, layer.attend)
        found = np.empty_like(hidden)
        start = 0
        for count, length in runs:
            once = max(1, _SCORES // (self.heads * length * length))
            for first in range(0, count, once):
                stop = start + min(once, count - first) * length
                self._look(mixed[start:stop], found[start:stop], length)
                start = stop
        hidden += _mapped(found, layer.attended)
        self._normalise(hidden, layer.attended_norm)

    def _look(self, mixed: Any, found: Any, length: int) -> None:
        np = self.np
        # Views of shape (texts, heads, tokens, width of a head).
        parts = mixed.reshape(-1, length, 3, self.heads, found.shape[1] // self.heads)
        queries, keys, values = parts.transpose(2, 0, 3, 1, 4)
        scores = queries @ keys.swapaxes(-1, -2)
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        seen = scores @ values
        seen /= scores.sum(axis=-1, keepdims=True)
        found.reshape(parts.shape[0], length, self.heads, -1)[:] = seen.transpose(0, 2, 1, 3)

    def _think(self, rows: Any, layer: Layer) -> None:
        wide = _mapped(rows, layer.widen)
        gelu(self.np, wide)
        rows += _mapped(wide, layer.narrow)
        self._normalise(rows, layer.norm)

    def _normalise(self, rows: Any, norm: Norm) -> None:
        np = self.np
        rows -= rows.mean(axis=1, keepdims=True)
        spread = np.einsum("ij,ij->i", rows, rows)[:, None]
        spread /= rows.shape[1]
        spread += self.epsilon
        np.sqrt(spread, out=spread)
        rows /= spread
        rows *= norm.scale
        rows += norm.shift


def _mapped(rows: Any, dense: Dense) -> Any:
    made = rows @ dense.matrix
    made += dense.bias
    return made


def _runs(sizes: list[int]) -> list[tuple[int, int]]:
    """Neighbours of one length, as (how many, length)."""
    runs: list[tuple[int, int]] = []
    for size in sizes:
        count = runs.pop()[0] if runs and runs[-1][1] == size else 0
        runs.append((count + 1, size))
    return runs
