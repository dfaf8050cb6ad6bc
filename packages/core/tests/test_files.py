"""Attachments know their type whatever the operating system's table says."""

from __future__ import annotations

import base64
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from racto.core import RactoFile


@pytest.mark.parametrize(
    ("name", "mime_type"),
    [
        ("a.png", "image/png"),
        ("a.JPG", "image/jpeg"),
        ("a.webp", "image/webp"),
        ("a.pdf", "application/pdf"),
        ("a.txt", "text/plain"),
        ("a.md", "text/markdown"),
        ("a.csv", "text/csv"),
        ("a.mp3", "audio/mpeg"),
        ("a", "application/octet-stream"),
        ("a.unheard-of", "application/octet-stream"),
        ("a.txt.gz", "application/octet-stream"),
    ],
)
def test_the_type_follows_from_the_extension(tmp_path: Path, name: str, mime_type: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\x00data")
    for given_path in (path, str(path)):
        file = RactoFile.from_path(given_path)
        assert (file.data, file.mime_type, file.name) == (b"\x00data", mime_type, name)


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        RactoFile.from_path(tmp_path / "none.png")


def test_the_three_parameters_are_positional_and_the_type_is_tidied() -> None:
    for file in (
        RactoFile(b"x", " Text/Plain; charset=utf-8", "n"),
        RactoFile.from_bytes(b"x", "text/plain;charset=utf-8", "n"),
    ):
        assert (file.data, file.mime_type, file.name, file.is_text) == (
            b"x",
            "text/plain",
            "n",
            True,
        )
    assert RactoFile(b"", "image/png").name == ""


@pytest.mark.parametrize(
    ("mime_type", "image", "pdf", "text"),
    [
        ("image/jpeg", True, False, False),
        ("image/png", True, False, False),
        ("image/gif", True, False, False),
        ("image/webp", True, False, False),
        ("image/svg+xml", False, False, False),
        ("application/pdf", False, True, False),
        ("text/html", False, False, True),
        ("application/json", False, False, False),
    ],
)
def test_kinds(mime_type: str, image: bool, pdf: bool, text: bool) -> None:
    file = RactoFile(b"", mime_type)
    assert (file.is_image, file.is_pdf, file.is_text) == (image, pdf, text)


@given(st.binary(max_size=64))
def test_base64_gives_the_bytes_back(data: bytes) -> None:
    file = RactoFile.from_bytes(data, "image/png")
    assert base64.b64decode(file.base64_data) == data
    assert file.data_uri == f"data:image/png;base64,{file.base64_data}"


def test_a_file_is_frozen_and_prints_no_bytes() -> None:
    file = RactoFile(b"SECRET" * 100, "image/png", "a.png")
    assert repr(file) == "RactoFile('a.png', 'image/png', 600 bytes)"
    with pytest.raises(FrozenInstanceError):
        file.name = "b"  # type: ignore[misc]
