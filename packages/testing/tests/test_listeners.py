"""The port that a server listens on."""

from __future__ import annotations

import pytest

from racto.core.errors import ConfigurationError
from racto.testing import OpenAIServer


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
