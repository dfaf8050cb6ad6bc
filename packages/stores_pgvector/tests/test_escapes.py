"""Escapes are exact, keep the order of strings, and leave nothing that PostgreSQL refuses."""

from __future__ import annotations

from hypothesis import example, given, strategies as st

from racto.stores.pgvector.escapes import escaped, unescaped

_LETTERS = st.one_of(
    st.characters(),
    st.sampled_from(["\x00", "\x01", "\x02", "\ud7ff", "\ud800", "\udfff", "\ue000", "\ue001"]),
)
TEXTS = st.text(_LETTERS, max_size=8)


@given(TEXTS)
@example("a\x00b\x01\x02\ue000\U00010000\ud83d")
def test_what_goes_in_comes_out(text: str) -> None:
    safe = escaped(text)
    assert "\x00" not in safe
    safe.encode("utf-8")
    assert unescaped(safe) == text


@given(TEXTS, TEXTS)
def test_order_is_kept(one: str, two: str) -> None:
    assert (one < two) == (escaped(one).encode() < escaped(two).encode())


def test_ordinary_text_is_itself() -> None:
    text = "Grüße, 日本語, \n\t 👩‍👩‍👧"
    assert escaped(text) is text
    assert unescaped(text) is text


@given(TEXTS)
def test_no_text_looks_like_a_tagged_value(text: str) -> None:
    assert escaped(text)[:2] not in ("\x01d", "\x01m", "\x01t", "\x01n")
