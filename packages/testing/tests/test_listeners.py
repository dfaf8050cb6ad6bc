"""The port that a server listens on."""

from __future__ import annotations

import gc
import socket
import threading
import warnings
from typing import Any

import pytest

from racto.core.errors import ConfigurationError
from racto.testing import OpenAIServer, Reply


def test_a_port_can_be_chosen_and_a_taken_one_is_an_error(openai_server: OpenAIServer) -> None:
    port = int(openai_server.url.split(":")[2].split("/")[0])
    with pytest.raises(ConfigurationError, match=f"127.0.0.1:{port}"):
        OpenAIServer(port=port)
    openai_server.close()
    with OpenAIServer(port=port) as again:
        assert str(port) in again.url
    with pytest.raises(ConfigurationError, match="0 for a free one"):
        OpenAIServer(port=70_000)


def test_only_this_machine_can_reach_it(openai_server: OpenAIServer) -> None:
    assert openai_server.url.startswith("http://127.0.0.1:")
    assert openai_server._listener._socket.getsockname()[0] == "127.0.0.1"


def test_closing_while_clients_connect_leaks_no_socket() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(40):
            server = OpenAIServer()
            address = ("127.0.0.1", server._listener.port)
            clients = [socket.create_connection(address) for _ in range(3)]
            server.close()
            for client in clients:
                client.close()
        gc.collect()


def test_a_rule_that_blocks_does_not_hold_up_closing_for_ever(raw: Any) -> None:
    class Impatient(OpenAIServer):
        closing_limit = 0.05

    released = threading.Event()
    server = Impatient()
    server.when(lambda _: Reply(text=f"{released.wait(20)}"))
    raw.connect(server).sendall(raw.message())
    assert server.wait_until(lambda: server.received == 1)
    with pytest.raises(TimeoutError, match="rule at POST /v1/chat/completions"):
        server.close()
    released.set()
    server._listener._thread.join(20)
    server.close()
