"""Keys: whose they are, where they may go, and what no message may show."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from racto.batch.api_keys import key_for, server_of
from racto.core import ConfigurationError, RactoGatewayAuthError

OWN = ("provider.example",)


def key(given: str | None = None, base_url: str | None = None, *, elsewhere: bool = False) -> str:
    found = key_for(
        given, "TEST_KEY", provider="test", base_url=base_url, own=OWN, elsewhere=elsewhere
    )
    return "" if found is None else found.get_secret_value()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", "from-outside")


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        (None, "from-outside"),
        ("https://provider.example/v1", "from-outside"),
        ("https://eu.provider.example", "from-outside"),
        ("http://provider.example/v1", ""),
        ("https://notprovider.example/v1", ""),
        ("https://provider.example.evil.example/v1", ""),
        ("http://[broken", ""),
    ],
)
def test_the_environments_key_goes_to_its_provider_alone(
    base_url: str | None, expected: str
) -> None:
    assert key(None, base_url) == expected
    assert key("given", base_url) == "given"


def test_no_key_is_told_with_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_KEY")
    with pytest.raises(RactoGatewayAuthError, match=r"api_key=.*TEST_KEY"):
        key()
    assert key(elsewhere=True) == ""


def test_a_key_that_no_header_takes_is_told_and_not_shown() -> None:
    with pytest.raises(RactoGatewayAuthError, match="line breaks") as caught:
        key("sk-abc\ndef")
    assert "abc" not in str(caught.value)


@pytest.mark.parametrize("root", ["", "localhost:1", "ftp://a/b", "https://", "http://[x"])
def test_an_address_that_is_none_is_told(root: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        server_of("test", root, {}, None)


def test_secrets_are_cut_out_and_dummies_are_not() -> None:
    root = "https://user:p%40ssword@gateway.example/v1/"
    server = server_of("test", root, {"x-key": "k"}, SecretStr("key-of-the-house"))
    said = server.cleaned(b"key-of-the-house p%40ssword p@ssword user")
    assert said == b"*** *** *** user"
    assert "key-of-the-house" not in repr(server)
    assert server_of("test", "http://a", {}, SecretStr("none")).cleaned(b"none") == b"none"
