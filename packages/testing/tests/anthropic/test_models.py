"""The server lists the models that it was given."""

from __future__ import annotations

import anthropic
import pytest

from racto.testing import AnthropicServer


def test_the_sdk_lists_and_retrieves_models() -> None:
    with AnthropicServer(models=[f"claude-{number}" for number in range(5)]) as server:
        sdk = anthropic.Anthropic(base_url=server.url, api_key="test-key", max_retries=0)
        with sdk:
            assert [model.id for model in sdk.models.list(limit=2)] == [
                f"claude-{number}" for number in range(5)
            ]
            model = sdk.models.retrieve("claude-3")
            assert (model.display_name, model.lifecycle) == ("Claude 3", "active")
            assert model.created_at.year == 2026
            assert list(sdk.models.list(lifecycle=["retired"])) == []


def test_an_unknown_model_is_not_found(sdk: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError, match="model: gone"):
        sdk.models.retrieve("gone")


def test_a_page_of_no_size_is_refused(sdk: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.BadRequestError, match="limit: Input should be"):
        sdk.models.list(limit=0)
