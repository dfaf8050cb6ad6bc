"""The connection: keys from the environment, and GET for what has no body."""

from __future__ import annotations

import base64

import pytest

from racto.core import RactoGatewayError
from racto.core.retries import NO_DEADLINE
from racto.providers.kits import WireRequest
from racto.providers.ollama.connection import connect
from racto.testing import OllamaServer


def test_a_request_without_a_body_is_a_get(ollama_server: OllamaServer) -> None:
    transport = connect(base_url=ollama_server.url, headers={"x-trace": "7"}).transport
    transport.send(WireRequest(path="/api/version", body={}), NO_DEADLINE)
    assert ollama_server.last.method == "GET"
    assert ollama_server.last.headers["x-trace"] == "7"
    transport.send(WireRequest(path="/api/show", body={"model": "m"}), NO_DEADLINE)
    assert ollama_server.last.method == "POST"
    transport.close()


def test_the_key_may_come_from_the_environment(
    ollama_server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "k")
    monkeypatch.setenv("OLLAMA_HOST", ollama_server.url)
    transport = connect().transport
    transport.send(WireRequest(path="/api/tags", body={}), NO_DEADLINE)
    assert ollama_server.last.headers["authorization"] == "Bearer k"
    with pytest.raises(RactoGatewayError):
        transport.send(WireRequest(path="/api/no", body={}), NO_DEADLINE)
    transport.close()
    elsewhere = connect(base_url=ollama_server.url).transport
    elsewhere.send(WireRequest(path="/api/tags", body={}), NO_DEADLINE)
    assert "authorization" not in ollama_server.last.headers
    elsewhere.close()


@pytest.mark.parametrize("name", ["authorization", "Authorization", "AUTHORIZATION"])
def test_headers_of_the_caller_win(ollama_server: OllamaServer, name: str) -> None:
    connection = connect(
        api_key="overridden", base_url=ollama_server.url, headers={name: "Bearer mine"}
    )
    connection.transport.send(WireRequest(path="/api/tags", body={}), NO_DEADLINE)
    assert ollama_server.last.headers["authorization"] == "Bearer mine"
    connection.transport.close()


def test_a_name_and_a_password_in_the_address_are_sent(ollama_server: OllamaServer) -> None:
    address = ollama_server.url.replace("://", "://me:pass%40word@")
    connection = connect(base_url=address)
    connection.transport.send(WireRequest(path="/api/tags", body={}), NO_DEADLINE)
    scheme, _, proof = ollama_server.last.headers["authorization"].partition(" ")
    assert (scheme, base64.b64decode(proof)) == ("Basic", b"me:pass@word")
    assert "pass@word" not in str(connection.translator.reported("no pass@word"))
    connection.transport.close()
