"""Addresses of servers, in every form in which Ollama's own tools take them."""

from __future__ import annotations

import pytest

from racto.core import ConfigurationError
from racto.providers.ollama.hosts import base_url_of


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("1.2.3.4", "http://1.2.3.4:11434"),
        (":56789", "http://127.0.0.1:56789"),
        ("example.com:56789/", "http://example.com:56789"),
        ("example.com/path/", "http://example.com:11434/path"),
        ("http://example.com", "http://example.com:80"),
        ("https://ollama.com", "https://ollama.com:443"),
        ("https://example.com:8443/path", "https://example.com:8443/path"),
        ("[::1]:56789", "http://[::1]:56789"),
        ("http://[fe80::1]", "http://[fe80::1]:80"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("[::]:1234", "http://[::1]:1234"),
        ("https://me:pa%40ss@example.com", "https://me:pa%40ss@example.com:443"),
        ("me:pass@[::1]:1/p", "http://me:pass@[::1]:1/p"),
        (' "10.0.0.1:1" ', "http://10.0.0.1:1"),
    ],
)
def test_every_form_is_one_url(address: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert base_url_of(address) == url
    monkeypatch.setenv("OLLAMA_HOST", address)
    assert base_url_of(None) == url


@pytest.mark.parametrize("address", ["host:port", "http://[::1", "host:99999"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match="no address"):
        base_url_of(address)


def test_without_any_it_is_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    assert base_url_of(None) == base_url_of("") == "http://127.0.0.1:11434"
