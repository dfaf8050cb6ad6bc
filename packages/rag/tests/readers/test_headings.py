"""Headings are found where CommonMark finds them, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from racto.rag.readers.headings import find_headings, front_matter


def titles(text: str) -> list[str]:
    return [section.title for section in find_headings(text)]


@pytest.mark.parametrize(
    "text",
    [
        "```\n# code\n```",
        "~~~ sh\n# code\n```\n# still\n~~~",
        "````\n```\n# code\n````",
        "- ```sh\n  # code\n  ```",
        "1. text\n\n   ```\n   # code\n   ```",
        "> ```\n> # code\n> ```",
        "```\n# never closed",
        "<!--\n# comment\n-->",
        "<!-- one line --> # text",
        "    # indented code",
        "####### seven",
        "#hash",
        "# \n#\n###",
        "a | b\n--- | ---",
        "- item\n---",
        "text\n\n---",
        "para\n- item\n---",
        "> quote\n---",
    ],
)
def test_what_is_no_heading(text: str):
    assert titles(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# One", ["One"]),
        ("   ### Three spaces", ["Three spaces"]),
        ("# Closed ##", ["Closed"]),
        ("# C#", ["C#"]),
        ("# `code` and **bold**", ["code and bold"]),
        ("# A [link](https://example.org) {#anchor}", ["A link"]),
        ("Under\n=====\n\nLine\n---", ["Under", "Line"]),
        ("Two\nlines\n---", ["Two lines"]),
        ("```\ncode\n```\n# After", ["After"]),
        ("```inline``` text\n# After", ["After"]),
        ("- ```\n  # code\n  ```\n# After", ["After"]),
        ("<!--\n# no\n-->\n# After", ["After"]),
        ("```\ncode\n``` no end\n```\n# After", ["After"]),
    ],
)
def test_what_is_a_heading(text: str, found: list[str]):
    assert titles(text) == found


@given(st.text(alphabet="#=-`~<!>| \n\tab1.", max_size=120))
def test_headings_lie_in_the_text_in_order(text: str):
    starts = [section.start for section in find_headings(text)]
    assert starts == sorted(set(starts))
    for section in find_headings(text):
        assert 1 <= section.level <= 6
        assert not text[section.start].isspace()


@pytest.mark.parametrize(
    ("text", "offset", "title"),
    [
        ("---\ntitle: A\n---\n# B", 16, "A"),
        ("---\ntags: x\n---", 15, None),
        ("---\nno end", 0, None),
        ("text\n---\n", 0, None),
        ("---\n\n--- x\n", 0, None),
    ],
)
def test_front_matter(text: str, offset: int, title: str | None):
    assert front_matter(text) == (offset, title)
