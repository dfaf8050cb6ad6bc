"""TextCleaner cleans in a fixed order, keeps what is text, and is linear on hostile input."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, strategies as st

from racto.core.testing import TextProcessorContract
from racto.rag.processors import TextCleaner

OFF = dict.fromkeys(
    [
        "normalize_unicode",
        "strip_html",
        "strip_control_chars",
        "collapse_whitespace",
        "collapse_blank_lines",
    ],
    False,
)


class TestContract(TextProcessorContract):
    """TextCleaner is a text processor."""

    @pytest.fixture
    def processor(self) -> TextCleaner:
        return TextCleaner()


@pytest.mark.parametrize(
    ("flag", "text", "cleaned"),
    [
        ("normalize_unicode", "e\u0301", "\u00e9"),
        ("strip_html", "a <b>c</b>", "a c"),
        ("strip_control_chars", "a\x00b\x0cc\r\nd\x85e\x7f", "ab\nc\nd\ne"),
        ("collapse_whitespace", "a  \t b\u00a0\u3000c", "a b c"),
        ("collapse_blank_lines", "a\n\n \n\t\nb\n\nc", "a\n\nb\n\nc"),
    ],
)
def test_each_flag_does_its_part_and_no_other(flag: str, text: str, cleaned: str):
    assert TextCleaner(**{**OFF, flag: True}).process(text) == cleaned
    assert TextCleaner(**OFF).process(text) == text


def test_all_steps_together():
    text = " <p>Cafe\u0301\t\tau  lait</p>\r\n\r\n\r\n<p>x\x00</p> "
    assert TextCleaner().process(text) == "Caf\u00e9 au lait\n\nx"


def test_flags_may_be_given_by_position():
    assert TextCleaner(True, False, True, True, True).process("<b>x</b>") == "<b>x</b>"


def test_comparisons_are_no_markup():
    text = "if a < b: return c\nif d > e: pass"
    assert TextCleaner().process(text) == text


@given(st.text())
def test_letters_and_digits_survive(text: str):
    cleaned = TextCleaner(strip_html=False, normalize_unicode=False).process(text)
    assert [c for c in cleaned if c.isalnum()] == [c for c in text if c.isalnum()]


@pytest.mark.parametrize(
    "piece", ["<", "</", "<!--", "<a ", '<a b="', "<a b=c ", "<a \t", "<!doctype ", "\n ", "\t"]
)
def test_hostile_text_takes_no_more_than_its_length(piece: str):
    # 40,000 brackets took the reference 1.8 s; a quadratic search would take minutes on these.
    text = piece * 400_000
    began = time.process_time()
    TextCleaner().process(text)
    assert time.process_time() - began < 20
