"""Addresses say which store is meant, and keep secrets out of sight."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ConfigurationError
from racto.core.transfers import StoreAddress


@pytest.mark.parametrize(
    ("text", "name", "options"),
    [
        ("memory", "memory", {}),
        ("qdrant:url=http://localhost:6333,collection=docs", "qdrant",
         {"url": "http://localhost:6333", "collection": "docs"}),
        ("faiss:dimension=384,flat=true,path=null", "faiss",
         {"dimension": 384, "flat": True, "path": None}),
        ('pg:dsn="host=a, b",table=t', "pg", {"dsn": "host=a, b", "table": "t"}),
        ("x:key=a=b", "x", {"key": "a=b"}),
        ("x:version=[1]", "x", {"version": "[1]"}),
    ],
)  # fmt: skip
def test_reading(text: str, name: str, options: dict[str, object]) -> None:
    address = StoreAddress.parse(text)
    assert (address.name, address.options) == (name, options)


def test_secrets_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "s3cret,=")
    address = StoreAddress.parse("pinecone:api_key=env:MY_KEY,namespace=hr")
    assert address.options == {"api_key": "s3cret,=", "namespace": "hr"}
    assert "s3cret" not in repr(address)
    monkeypatch.delenv("MY_KEY")
    with pytest.raises(ConfigurationError, match="MY_KEY, which is not set"):
        StoreAddress.parse("pinecone:api_key=env:MY_KEY")


@pytest.mark.parametrize("text", ["", ":a=1", "x:novalue", "x:1a=2", 'x:a="open'])
def test_what_cannot_be_read(text: str) -> None:
    with pytest.raises(ConfigurationError):
        StoreAddress.parse(text)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_an_error(text: str) -> None:
    with suppress(ConfigurationError):
        assert StoreAddress.parse(text).name
