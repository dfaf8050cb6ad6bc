"""A sealed event shows any change, and its link cannot be imitated by a text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ConfigurationError
from racto.kafka.audit.chain import AuditChain, chain_key, first_digest, is_intact, link_of

KEY = b"0123456789abcdef"
EVENTS = st.lists(
    st.fixed_dictionaries({"user_id": st.text(max_size=20), "prompt": st.text(max_size=40)}),
    min_size=1,
    max_size=5,
)


@given(events=EVENTS, key=st.sampled_from([None, KEY]))
def test_links_follow_each_other(events: list[dict[str, str]], key: bytes | None) -> None:
    chain, previous = AuditChain("ab12", key=key), first_digest("ab12", key=key)
    for number, event in enumerate(events, 1):
        sealed = chain.seal(json.dumps(event, ensure_ascii=False).encode())
        link = link_of(sealed)
        assert link is not None
        assert (link.chain_id, link.sequence, link.previous) == ("ab12", number, previous)
        assert is_intact(sealed, link, key=key)
        read = json.loads(sealed)
        assert {name: read[name] for name in event} == event
        assert (read["sequence"], read["digest"]) == (number, link.digest)
        previous = link.digest
    assert chain.head[:2] == ("ab12", len(events))


@given(
    prompt=st.text(max_size=40), place=st.integers(min_value=0), flip=st.integers(1, 255),
    key=st.sampled_from([None, KEY]),
)  # fmt: skip
def test_any_changed_byte_shows(prompt: str, place: int, flip: int, key: bytes | None) -> None:
    sealed = bytearray(AuditChain("ab", key=key).seal(json.dumps({"prompt": prompt}).encode()))
    sealed[place % len(sealed)] ^= flip
    link = link_of(bytes(sealed))
    assert link is None or not is_intact(bytes(sealed), link, key=key)


def test_without_the_key_nothing_can_be_sealed() -> None:
    forged = AuditChain("ab").seal(b'{"prompt":"x"}')
    link = link_of(forged)
    assert link is not None
    assert not is_intact(forged, link, key=KEY)


def test_a_text_cannot_pass_for_a_link() -> None:
    tail = AuditChain("ab").seal(b'{"a":1}')[6:].decode()
    assert link_of(json.dumps({"prompt": tail}).encode()) is None


def test_what_was_not_kept_is_taken_back() -> None:
    chain = AuditChain("ab")
    head = chain.head
    first = chain.seal(b'{"a":1}')
    chain.back(head)
    assert chain.seal(b'{"a":1}') == first


@pytest.mark.parametrize("name", ["", "xyz", "AB", "a" * 65])
def test_ids_are_hexadecimal(name: str) -> None:
    with pytest.raises(ConfigurationError, match="0-9 and a-f"):
        AuditChain(name)


def test_short_keys_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="needs 16 bytes or more, and this one has 5"):
        chain_key("short")
    assert chain_key("0123456789abcdef") == KEY
