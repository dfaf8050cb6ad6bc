"""Only what is surely HTML is removed from a text."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from racto.rag.processors.markup import without_markup


@pytest.mark.parametrize(
    "text",
    [
        "if a < b and c > d",
        "if a <b and c> d",
        "a<b && c>d",
        "vector<int> x; List<String> y; <T>",
        "run it with <file-name> and <path>",
        "x << 3 >> 1, <3, <-, ->",
        "<a b <c",
        "<!-- no end",
        '<a href="no end',
    ],
)
def test_what_is_no_tag_stays(text: str):
    assert without_markup(text) == text


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("a <b>bold</B> word", "a bold word"),
        ("bo<b>l</b>d", "bold"),
        ("one<br/>two<BR >three", "one\ntwo\nthree"),
        ("<td>1</td><td>2</td>", " 1  2 "),
        ("<a href=\"x > y\" title='z'>link</a>", "link"),
        ("<input disabled value=3 checked>", "\n"),
        ("<!DOCTYPE html><?xml version='1'?>x", "x"),
        ("a<!-- <b> c > --> d", "a d"),
        ("a<!-- 1 -->b<!-- 2 -->c<!-- 3", "abc<!-- 3"),
    ],
)
def test_tags_and_comments_go(text: str, rest: str):
    assert without_markup(text) == rest


@given(st.text(alphabet="<>!-/ab =\"'", max_size=60))
def test_only_spans_in_brackets_go(text: str):
    kept = iter(text)
    assert all(character in kept or character == "\n" for character in without_markup(text))
