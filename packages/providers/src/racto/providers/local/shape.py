"""The sizes of a sentence encoder, read from the files beside its weights and checked.

Only encoders that are computed as MiniLM is are taken: BERT with GELU and learned positions, and
the mean over all tokens. Any other would give vectors that look right and mean nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from racto.core.errors import ConfigurationError

# The files are some hundred bytes long.
_LARGEST_FILE = 1_000_000
_SIZES = {
    "width": "hidden_size",
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
    "inner": "intermediate_size",
    "positions": "max_position_embeddings",
}
_HABITS = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}
_MODULES = ("Transformer", "Pooling", "Normalize")
_MEAN = "pooling_mode_mean_tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Sizes of an encoder; without arguments those of all-MiniLM-L6-v2.

    Attributes:
        width: Length of the vectors.
        layers: Number of layers.
        heads: Heads of attention in each.
        inner: Width of the wide layer.
        positions: Tokens of the longest text.
        epsilon: Added to variances.
    """

    width: int = 384
    layers: int = 6
    heads: int = 12
    inner: int = 1536
    positions: int = 512
    epsilon: float = 1e-12


def read_shape(folder: Path) -> Shape:
    """Read ``config.json``, ``1_Pooling/config.json`` and ``modules.json``, where they are there.

    Args:
        folder: Where the weights lie. Without ``config.json`` they are taken for
            all-MiniLM-L6-v2; an encoder of other sizes must say how its vectors are pooled.

    Raises:
        ConfigurationError: If a file cannot be read, or describes another kind of encoder.
    """
    shape = _sizes(folder / "config.json")
    _check_pooling(folder / "1_Pooling" / "config.json", told=shape != Shape())
    _check_modules(folder / "modules.json")
    return shape


def _sizes(path: Path) -> Shape:
    config = _read(path, dict)
    if config is None:
        return Shape()
    for key, wanted in _HABITS.items():
        if config.get(key, wanted) != wanted:
            raise _refused(path, f"{key} is {config[key]!r}, and must be {wanted!r}")
    found = {name: config.get(key) for name, key in _SIZES.items()}
    for name, value in found.items():
        if type(value) is not int or value < 1:
            raise _refused(path, f"{_SIZES[name]} is {value!r}, and must be a positive number")
    epsilon = config.get("layer_norm_eps", Shape().epsilon)
    if type(epsilon) is not float or not 0 < epsilon < 1:
        raise _refused(path, f"layer_norm_eps is {epsilon!r}, and must be between 0 and 1")
    shape = Shape(**found, epsilon=epsilon)
    if shape.width % shape.heads:
        raise _refused(path, f"{shape.heads} heads do not divide a hidden_size of {shape.width}")
    return shape


def _check_pooling(path: Path, *, told: bool) -> None:
    config = _read(path, dict)
    if config is None:
        if told:
            raise ConfigurationError(
                f"the encoder is not all-MiniLM-L6-v2, and there is no {path} that says how its "
                "vectors are pooled; copy the whole folder of the model"
            )
        return
    others = [key for key, value in config.items() if key.startswith("pooling_mode_") and value]
    if config.get("pooling_mode", "mean") != "mean" or [key for key in others if key != _MEAN]:
        raise _refused(path, "it asks for another pooling than the mean over all tokens")
    if "pooling_mode" not in config and _MEAN not in others:
        raise _refused(path, f"{_MEAN} is not set")


def _check_modules(path: Path) -> None:
    for module in _read(path, list) or []:
        kind = str(module.get("type", "")) if isinstance(module, dict) else ""
        if kind.rpartition(".")[2] not in _MODULES:
            raise _refused(path, f"the step {kind!r} is none of {', '.join(_MODULES)}")


def _read(path: Path, kind: type) -> Any:
    if not path.is_file():
        return None
    if path.stat().st_size > _LARGEST_FILE:
        raise _refused(path, f"it is larger than {_LARGEST_FILE:,} bytes")
    try:
        found = json.loads(path.read_bytes())
    # A ValueError is bad JSON or bad UTF-8; brackets within brackets exhaust the parser.
    except (ValueError, RecursionError, OSError) as error:
        raise _refused(path, f"it cannot be read as JSON: {error}") from error
    if not isinstance(found, kind):
        raise _refused(path, f"it holds no JSON {'object' if kind is dict else 'array'}")
    return found


def _refused(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"{path} describes no encoder like all-MiniLM-L6-v2: {why}. Give the folder of a model of "
        "sentence-transformers that is a BERT with GELU and mean pooling"
    )
