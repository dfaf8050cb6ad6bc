"""Keys: kept as digests, compared whole, never repeated."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ConfigurationError
from racto.retrieval.server.http import KeyRing


def test_a_digest_stands_for_its_key() -> None:
    ring = KeyRing(["sha256:" + hashlib.sha256(b"the-true-key").hexdigest()])
    assert ring.admits(b"Bearer the-true-key")
    assert not ring.admits(b"Bearer sha256:" + hashlib.sha256(b"the-true-key").hexdigest().encode())
    assert "the-true-key" not in repr(vars(KeyRing(["the-true-key"])))


def test_without_keys_everybody_may_pass() -> None:
    assert KeyRing().admits(None)


@pytest.mark.parametrize("key", ["short", "with a space", "sch\xfcssel-lang", "tab\tinside"])
def test_a_key_that_cannot_be_sent_is_refused_unseen(key: str) -> None:
    with pytest.raises(ConfigurationError, match="key 1") as caught:
        KeyRing([key])
    assert key not in str(caught.value)


@given(st.binary(max_size=60))
def test_no_other_bytes_open(header: bytes) -> None:
    assert not KeyRing(["long-enough-key"]).admits(header)


def test_a_digest_with_a_mistake_is_no_key() -> None:
    with pytest.raises(ConfigurationError, match="key 1 must have 64 hexadecimal digits"):
        KeyRing(["sha256:" + "0" * 63])
