"""Whatever is no file of safetensors is refused in racto's words."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from racto.core import ConfigurationError, MissingExtraError
from racto.providers.local.tensors import open_tensors


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 a pickle in an archive",
        (2**62).to_bytes(8, "little") + b"{}",
        (10**9).to_bytes(8, "little") + b"{" * 100,
        (2).to_bytes(8, "little") + b"[]",
        (61).to_bytes(8, "little")
        + b'{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,99999999]}}',
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"the test cannot read .*model\.safetensors"):
        open_tensors(path, purpose="the test")


def test_files_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot read"):
        open_tensors(tmp_path / "none", purpose="the test")


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(MissingExtraError, match=r"the test needs .*safetensors.*an-extra"):
        open_tensors(tmp_path, purpose="the test", install="an-extra")
