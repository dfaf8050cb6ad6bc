"""Credentials: found wherever they travel, and sent to nobody whom they do not belong to."""

from __future__ import annotations

import pytest

from racto.providers.connections.credentials import (
    key_for,
    secrets_at,
    secrets_in,
    secrets_of,
)

OWN = ("api.vendor.com",)


@pytest.mark.parametrize(
    ("base_url", "is_sent"),
    [
        (None, True),
        ("https://api.vendor.com/v1", True),
        ("https://eu.api.vendor.com/v1", True),
        ("https://API.Vendor.com:443/v1", True),
        ("http://api.vendor.com/v1", False),
        ("https://vendor.com/v1", False),
        ("https://fakeapi.vendor.com.evil.org/v1", False),
        ("https://notapi.vendor.com.evil/v1", False),
        ("https://evilapi.vendor.com/v1", False),
        ("https://api.vendor.com@evil.org/v1", False),
        ("http://localhost:8000", False),
        ("http://[", False),
    ],
)
def test_a_key_of_the_environment_goes_to_its_own_provider_alone(
    monkeypatch: pytest.MonkeyPatch, base_url: str | None, is_sent: bool
) -> None:
    monkeypatch.setenv("VENDOR_KEY", "from-the-environment")
    found = key_for(None, "VENDOR_KEY", base_url=base_url, own=OWN)
    assert (found is not None) is is_sent
    given = key_for("given", "VENDOR_KEY", base_url=base_url, own=OWN)
    assert given is not None
    assert given.get_secret_value() == "given"


def test_credentials_are_found_by_the_names_of_headers() -> None:
    headers = {
        "Authorization": "Bearer token-4711",
        "X-Gateway-Key": "gateway-4711",
        "Cookie": "sid=cookie-4711; theme=dark",
        "x-team": "plain-words",
    }
    found = secrets_in(headers)
    assert {"Bearer token-4711", "token-4711", "gateway-4711", "cookie-4711"} <= found
    assert not any("plain-words" in each or each == "dark" for each in found)


def test_dummies_are_words_of_any_text() -> None:
    assert secrets_of("EMPTY") == secrets_of("") == secrets_of(None) == set()
    assert secrets_of("a-key-with\na newline") >= {"a-key-with"}


def test_a_password_is_found_in_a_url() -> None:
    assert secrets_at("https://me:pass%40word@host/v1") == {"pass%40word", "pass@word"}
    assert secrets_at("https://host") == secrets_at(None) == secrets_at("http://[") == set()
