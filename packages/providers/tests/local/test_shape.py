"""A model that is computed otherwise is refused, and the error says which file says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from racto.core import ConfigurationError
from racto.providers.local.shape import Shape, read_shape

from .tiny import CONFIG, POOLING, written


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in CONFIG.items() if name != key}


def test_sizes_are_read_and_are_minilms_without_a_config(tmp_path: Path) -> None:
    assert read_shape(written(tmp_path / "a")) == Shape(
        width=16, layers=2, heads=4, inner=24, positions=64, epsilon=1e-12
    )
    assert read_shape(written(tmp_path / "b", config=None, pooling=None)) == Shape()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"config": {**CONFIG, "model_type": "roberta"}}, "model_type is 'roberta'"),
        ({"config": {**CONFIG, "hidden_act": "gelu_new"}}, "must be 'gelu'"),
        ({"config": {**CONFIG, "position_embedding_type": "relative_key"}}, "absolute"),
        ({"config": {**CONFIG, "hidden_size": "16"}}, "hidden_size is '16'"),
        ({"config": {**CONFIG, "num_hidden_layers": 0}}, "positive"),
        ({"config": {**CONFIG, "num_attention_heads": 3}}, "3 heads do not divide"),
        ({"config": {**CONFIG, "layer_norm_eps": float("nan")}}, "between 0 and 1"),
        ({"config": without("intermediate_size")}, "intermediate_size is None"),
        ({"config": []}, "no JSON object"),
        ({"config": {"padding": "x" * 1_000_001}}, "larger than 1,000,000"),
        ({"pooling": None}, "how its vectors are pooled"),
        ({"pooling": {"pooling_mode_cls_token": True}}, "another pooling"),
        ({"pooling": {**POOLING, "pooling_mode_max_tokens": True}}, "another pooling"),
        ({"pooling": {"pooling_mode": "cls"}}, "another pooling"),
        ({"pooling": {}}, "is not set"),
        ({"modules": [{"type": "sentence_transformers.models.Dense"}]}, "Dense"),
        ({"modules": ["?"]}, "the step ''"),
    ],
)
def test_other_encoders_are_refused(tmp_path: Path, files: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read_shape(written(tmp_path / "model", **files))


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 200_000])
def test_files_that_are_no_json_are_refused(tmp_path: Path, content: bytes) -> None:
    folder = written(tmp_path / "model")
    (folder / "config.json").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"config\.json.*read as JSON"):
        read_shape(folder)


@pytest.mark.parametrize("kind", ["sentence_transformers.models.Normalize", "Pooling"])
def test_steps_and_poolings_of_such_models_are_taken(tmp_path: Path, kind: str) -> None:
    files: dict[str, Any] = {"modules": [{"type": kind}], "pooling": {"pooling_mode": "mean"}}
    assert read_shape(written(tmp_path / "model", **files)).width == 16
