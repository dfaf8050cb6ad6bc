"""Weights are loaded when every tensor is there in its size, and refused otherwise."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racto.core import ConfigurationError, MissingExtraError
from racto.providers.local.encoder import Encoder
from racto.providers.local.encoder_weights import load_encoder
from racto.providers.local.shape import Shape, read_shape

from .tiny import tensors, written

VALUE = "encoder.layer.1.attention.self.value"
TEXT = [[2, 5, 6, 3]]


def loaded(folder: Path, weights: dict[str, Any], shape: Shape | None = None) -> Encoder:
    written(folder, weights=weights)
    return load_encoder(folder / "model.safetensors", shape or read_shape(folder))


def test_names_of_a_part_and_half_floats_are_taken(tmp_path: Path) -> None:
    weights = tensors()
    whole = loaded(tmp_path / "a", weights).means(TEXT)
    part = {f"bert.{name}": value for name, value in weights.items()}
    np.testing.assert_array_equal(loaded(tmp_path / "b", part).means(TEXT), whole)
    half = {name: value.astype(np.float16) for name, value in weights.items()}
    made = loaded(tmp_path / "c", half).means(TEXT)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, whole, atol=0.05)


def test_what_is_not_used_is_not_asked_for(tmp_path: Path) -> None:
    weights = {**tensors(), "pooler.dense.weight": np.ones((3, 3))}
    assert loaded(tmp_path / "a", weights).means(TEXT).shape == (1, 16)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({f"{VALUE}.weight": None}, f"no tensor {VALUE}.weight"),
        ({f"{VALUE}.bias": np.ones(15, np.float32)}, r"the shape \(15,\), and must have \(16\)"),
        ({f"{VALUE}.weight": np.ones(256, np.float32)}, r"the shape \(256,\)"),
        ({f"{VALUE}.bias": np.ones(16, np.int64)}, "of type I64"),
        (
            {"embeddings.word_embeddings.weight": np.ones((0, 16), np.float32)},
            r"the shape \(0, 16\), and must have \(any number, 16\)",
        ),
    ],
)
def test_other_tensors_are_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    weights = {name: value for name, value in (tensors() | change).items() if value is not None}
    with pytest.raises(ConfigurationError, match=said):
        loaded(tmp_path / "model", weights)


def test_a_config_that_claims_a_million_layers_costs_nothing(tmp_path: Path) -> None:
    shape = Shape(width=16, layers=10**12, heads=4, inner=24, positions=64)
    with pytest.raises(ConfigurationError, match=r"no tensor encoder\.layer\.2\."):
        loaded(tmp_path / "model", tensors(), shape)


def test_a_missing_numpy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(tmp_path / "model")
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(MissingExtraError, match=r"numpy.*racto-providers\[minilm\]"):
        load_encoder(folder / "model.safetensors", read_shape(folder))
