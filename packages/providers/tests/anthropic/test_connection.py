"""The connection of a kit: one secret, kept out of every message."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from racto.core import ConfigurationError
from racto.providers.anthropic.connection import connect


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
