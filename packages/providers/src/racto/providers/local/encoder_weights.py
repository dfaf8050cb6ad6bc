"""An encoder read from ``model.safetensors``: every tensor's shape is checked before it is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from racto.core.errors import ConfigurationError, MissingExtraError
from racto.providers.arrays import numpy

from .encoder import Dense, Encoder, Layer, Norm
from .shape import Shape
from .tensors import open_tensors

INSTALL = "racto-providers[minilm]"
PURPOSE = "the MiniLM embedder"
_NUMBERS = ("F32", "F16")


def load_encoder(path: Path, shape: Shape) -> Encoder:
    """Read an encoder; the memory of its weights in float32, 91 MB for all-MiniLM-L6-v2.

    Args:
        path: A file of safetensors, named as sentence-transformers names BERT's tensors.
        shape: Its sizes; the size of the vocabulary is that of the file.

    Raises:
        MissingExtraError: If a library of the extra is not installed.
        ConfigurationError: If the file is none of safetensors, lacks a tensor, or holds one of
            another shape or type.
    """
    try:
        np = numpy(purpose=PURPOSE)
    except MissingExtraError as error:
        raise MissingExtraError("numpy", install=INSTALL, purpose=PURPOSE) from error
    with open_tensors(path, purpose=PURPOSE, install=INSTALL) as tensors:
        return _Reading(np, path, tensors).encoder(shape)


class _Reading:
    """One file being read."""

    def __init__(self, np: Any, path: Path, tensors: Any) -> None:
        self._np, self._path, self._tensors = np, path, tensors
        names = set(tensors.keys())
        # Some programs save a model as a part of another one.
        self._prefix = "bert." if "bert.embeddings.LayerNorm.weight" in names else ""
        self._names = names

    def encoder(self, shape: Shape) -> Encoder:
        self._check(shape)
        words = self._tensor("embeddings.word_embeddings.weight")
        places = self._tensor("embeddings.position_embeddings.weight")
        # All texts are a first segment, whose vector can be added once.
        places += self._tensor("embeddings.token_type_embeddings.weight")[0]
        return Encoder(
            np=self._np,
            words=words,
            places=places,
            norm=self._norm("embeddings.LayerNorm"),
            layers=[self._layer(f"encoder.layer.{n}", shape) for n in range(shape.layers)],
            heads=shape.heads,
            epsilon=shape.epsilon,
        )

    def _layer(self, name: str, shape: Shape) -> Layer:
        np = self._np
        query, key, value = (
            self._dense(f"{name}.attention.self.{part}") for part in ("query", "key", "value")
        )
        scale = np.float32((shape.width // shape.heads) ** -0.5)
        return Layer(
            attend=Dense(
                matrix=np.hstack([query.matrix * scale, key.matrix, value.matrix]),
                bias=np.hstack([query.bias * scale, key.bias, value.bias]),
            ),
            attended=self._dense(f"{name}.attention.output.dense"),
            attended_norm=self._norm(f"{name}.attention.output.LayerNorm"),
            widen=self._dense(f"{name}.intermediate.dense"),
            narrow=self._dense(f"{name}.output.dense"),
            norm=self._norm(f"{name}.output.LayerNorm"),
        )

    def _dense(self, name: str) -> Dense:
        matrix = self._np.ascontiguousarray(self._tensor(f"{name}.weight").T)
        return Dense(matrix=matrix, bias=self._tensor(f"{name}.bias"))

    def _norm(self, name: str) -> Norm:
        return Norm(scale=self._tensor(f"{name}.weight"), shift=self._tensor(f"{name}.bias"))

    def _tensor(self, name: str) -> Any:
        found = self._tensors.get_tensor(self._prefix + name)
        return found.astype(self._np.float32, copy=False)

    def _check(self, shape: Shape) -> None:
        for name, wanted in _tensors_of(shape):
            if self._prefix + name not in self._names:
                raise self._refused(f"there is no tensor {name}")
            header = self._tensors.get_slice(self._prefix + name)
            found = tuple(header.get_shape())
            if not _fits(found, wanted):
                said = ", ".join(str(size) if size else "any number" for size in wanted)
                raise self._refused(f"{name} has the shape {found}, and must have ({said})")
            if header.get_dtype() not in _NUMBERS:
                kind = header.get_dtype()
                raise self._refused(f"{name} is of type {kind}, and must be F32 or F16")

    def _refused(self, why: str) -> ConfigurationError:
        return ConfigurationError(
            f"{self._path} does not hold the encoder that config.json beside it, or without one "
            f"all-MiniLM-L6-v2, describes: {why}"
        )


def _fits(found: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return len(found) == len(wanted) and all(
        have == size if size else have > 0 for have, size in zip(found, wanted, strict=True)
    )


def _tensors_of(shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes, where 0 stands for any size; lazily, for a config may claim any number."""
    width, inner = shape.width, shape.inner
    yield "embeddings.word_embeddings.weight", (0, width)
    yield "embeddings.position_embeddings.weight", (shape.positions, width)
    yield "embeddings.token_type_embeddings.weight", (0, width)
    yield from _pair("embeddings.LayerNorm", (width,))
    for number in range(shape.layers):
        layer = f"encoder.layer.{number}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            yield from _pair(f"{layer}.attention.{part}", (width, width))
        yield from _pair(f"{layer}.attention.output.LayerNorm", (width,))
        yield from _pair(f"{layer}.intermediate.dense", (inner, width))
        yield from _pair(f"{layer}.output.dense", (width, inner))
        yield from _pair(f"{layer}.output.LayerNorm", (width,))


def _pair(name: str, shape: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", shape
    yield f"{name}.bias", shape[:1]
