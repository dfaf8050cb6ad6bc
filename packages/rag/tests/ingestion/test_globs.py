"""Patterns mean what they mean to pathlib and to .gitignore."""

from __future__ import annotations

import pytest

from racto.core.errors import ConfigurationError
from racto.rag.ingestion.globs import exclusion, path_matcher


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("**/*", ["a.md", "x/y/a.md"], []),
        ("*.md", ["a.md"], ["x/a.md", "a.mdx", "amd"]),
        ("**/*.md", ["a.md", "x/y/a.md"], ["a.txt"]),
        ("x/**", ["x/a", "x/y/a"], ["y/x/a", "xa"]),
        ("x/**/a.md", ["x/a.md", "x/y/z/a.md"], ["x/b.md"]),
        ("?.[mt]d", ["a.md", "a.td"], ["ab.md", "/.md", "a.xd"]),
        ("[!a].md", ["b.md"], ["a.md"]),
        ("a+b(1).md", ["a+b(1).md"], ["aab1.md"]),
        ("[.md", ["[.md"], ["x.md"]),
    ],
)
def test_globs(pattern: str, matching: list[str], other: list[str]) -> None:
    matches = path_matcher([pattern])
    assert all(map(matches, matching))
    assert not any(map(matches, other))


@pytest.mark.parametrize(
    ("pattern", "excluded", "kept"),
    [
        ("*.log", ["a.log", "x/y/a.log"], ["a.logs"]),
        ("drafts", ["drafts", "x/drafts"], ["drafts.md"]),
        ("drafts/", ["drafts", "x/drafts"], []),
        ("docs/old", ["docs/old"], ["x/docs/old"]),
        ("/docs/old/**", ["docs/old", "docs/old/a.md"], ["docs/older"]),
    ],
)
def test_exclusions(pattern: str, excluded: list[str], kept: list[str]) -> None:
    leaves_out = exclusion([pattern])
    assert all(map(leaves_out, excluded))
    assert not any(map(leaves_out, kept))


@pytest.mark.parametrize("pattern", ["[z-a]", "**/[9-0].md"])
def test_a_pattern_that_is_none_is_told(pattern: str) -> None:
    with pytest.raises(ConfigurationError, match="no pattern"):
        path_matcher([pattern])


def test_brackets_hold_plain_characters() -> None:
    assert path_matcher(["[[]x].md"])("[x].md")
    assert path_matcher(["[&&a]"])("&")
