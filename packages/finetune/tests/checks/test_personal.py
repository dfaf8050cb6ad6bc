"""Personal data: shapes with check digits are found, look-alikes are not, and it stays fast."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, strategies as st

from racto.finetune import find_personal_data, redact_personal_data


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("mail ann.lee+x@host.example.org now", "mail [email] now"),
        ("card 4111 1111 1111 1111.", "card [card]."),
        ("IBAN DE89 3704 0044 0532 0130 00", "IBAN [iban]"),
        ("call +43 316 123456", "call [phone]"),
        ("call (0316) 123 456", "call [phone]"),
        ("from 8.8.8.8", "from [ip]"),
        ("key sk-abcdefghijklmnop", "key ***"),
        ("ann@host.test and bob@host.test", "[email] and [email]"),
    ],
    ids=range(8),
)
def test_what_is_found(text: str, masked: str) -> None:
    assert find_personal_data(text)
    assert redact_personal_data(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112", "0000 0000 0000 0000", "DE00370400440532013000",
        "version 1.2.3.4.5", "127.0.0.1 and 10.0.0.1", "on 2026-01-31 at 12:30", "a@b", "3.14159265358979",
        "1,234,567", "", "@", "@@@", "the year 2026",
    ],
)  # fmt: skip
def test_what_is_not(text: str) -> None:
    assert find_personal_data(text) == []
    assert redact_personal_data(text) == text


@given(st.text())
def test_places_lie_in_the_text_and_apart(text: str) -> None:
    found = find_personal_data(text)
    ends = [0, *(each.end for each in found)]
    assert all(start <= each.start < each.end for start, each in zip(ends, found, strict=False))


@pytest.mark.parametrize(
    "text",
    ["a" * 50_000, "1" * 50_000, "1 " * 25_000, "a@" * 25_000, "a.@b." * 10_000, "+1-" * 15_000],
    ids=range(6),
)
def test_no_text_makes_it_slow(text: str) -> None:
    begin = time.process_time()
    find_personal_data(text)
    assert time.process_time() - begin < 2
