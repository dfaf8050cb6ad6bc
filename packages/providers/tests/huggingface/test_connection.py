"""The connection: where it goes, and headers that the caller may override."""

from __future__ import annotations

from racto.core.retries import NO_DEADLINE
from racto.providers.huggingface.connection import connect
from racto.providers.kits import WireRequest
from racto.testing import HuggingFaceServer


def test_headers_of_the_caller_win(huggingface_server: HuggingFaceServer) -> None:
    transport = connect(
        token="overridden",
        base_url=f"{huggingface_server.url}/v1/",
        headers={"Authorization": "Bearer test-key"},
    ).transport
    transport.send(WireRequest(path="/embed", body={"inputs": ["a"]}), NO_DEADLINE)
    assert huggingface_server.last.path == "/embed"
    assert huggingface_server.last.headers["authorization"] == "Bearer test-key"
    transport.close()


def test_a_server_of_ones_own_may_want_no_token() -> None:
    with HuggingFaceServer(key=None) as server:
        transport = connect(base_url=server.url).transport
        transport.send(WireRequest(path="/embed", body={"inputs": ["a"]}), NO_DEADLINE)
        transport.close()
