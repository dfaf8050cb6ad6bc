"""The list of models as the official client reads it."""

from __future__ import annotations

import openai
import pytest

from racto.testing import OpenAIServer


def test_models_are_listed_and_shown(client: openai.OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    assert names
    assert client.models.retrieve(names[0]).id == names[0]


def test_an_unknown_model_is_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="'x' does not exist") as caught:
        client.models.retrieve("x")
    assert caught.value.code == "model_not_found"


def test_the_list_can_fail(openai_server: OpenAIServer, client: openai.OpenAI) -> None:
    openai_server.fail("server_error")
    with pytest.raises(openai.InternalServerError):
        client.models.list()
