"""The connection of a kit: one secret, kept out of every message."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from racto.core import BadRequestError, ConfigurationError, RactoGatewayAuthError
from racto.core.retries import NO_DEADLINE
from racto.providers.anthropic.connection import connect
from racto.providers.kits import WireRequest
from racto.testing import AnthropicServer


def test_a_key_and_a_token_contradict_each_other() -> None:
    with pytest.raises(ConfigurationError, match="either api_key or auth_token"):
        connect(api_key="a", auth_token=SecretStr("b"))


@pytest.mark.parametrize("given", [{"api_key": "secret-1"}, {"auth_token": "secret-1"}])
def test_whichever_is_given_is_cut_out_of_messages(
    given: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "another")
    error = connect(**given).translator.reported({"message": "secret-1 is not known"})
    assert "secret-1" not in str(error)


@pytest.mark.parametrize("variable", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
def test_a_key_of_the_environment_is_for_anthropic_alone(
    anthropic_server: AnthropicServer, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(anthropic_server.key))
    asked = WireRequest(path="/v1/messages", body={})
    abroad = connect(base_url=anthropic_server.url).transport
    with pytest.raises(RactoGatewayAuthError, match="own servers"):
        abroad.send(asked, NO_DEADLINE)
    abroad.close()
    assert str(anthropic_server.key) not in str(anthropic_server.last.headers)
    # Whoever sets the key sets the address too.
    monkeypatch.setenv("ANTHROPIC_BASE_URL", anthropic_server.url)
    at_home = connect().transport
    with pytest.raises(BadRequestError):
        at_home.send(asked, NO_DEADLINE)
    at_home.close()
    assert str(anthropic_server.key) in str(anthropic_server.last.headers)
