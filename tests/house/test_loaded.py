"""The law on what an import loads finds a heavy library and a sibling that are planted."""

from __future__ import annotations

from pathlib import Path

import pytest

from laws import loaded


def portion(root: Path, name: str, text: str) -> Path:
    folder = root / name / "racto" / name
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(text, "utf-8")
    return root / name


def test_a_light_portion_passes(tmp_path: Path) -> None:
    source = portion(tmp_path, "feather", "import json, pydantic\n")
    assert not loaded.light_import("racto.feather", [source]).verdict()


def test_a_heavy_library_is_found(tmp_path: Path) -> None:
    (tmp_path / "heavy_sdk.py").write_text("", "utf-8")
    source = portion(tmp_path, "stone", "import heavy_sdk\n")
    report = loaded.light_import("racto.stone", [source, tmp_path])
    assert report.violations == ["racto.stone: loads heavy_sdk"]


def test_a_sibling_is_found(tmp_path: Path) -> None:
    paths = [portion(tmp_path, "one", ""), portion(tmp_path, "two", "import racto.one\n")]
    report = loaded.light_import("racto.two", paths)
    assert report.violations == ["racto.two: loads its sibling racto.one"]


def test_a_portion_that_fails_to_import_says_why(tmp_path: Path) -> None:
    source = portion(tmp_path, "broken", "raise RuntimeError('on purpose')\n")
    with pytest.raises(AssertionError, match="on purpose"):
        loaded.light_import("racto.broken", [source])
