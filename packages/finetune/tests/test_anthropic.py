"""Claude is not tuned at Anthropic, and the tuner says so before anything happens."""

from __future__ import annotations

import inspect

import pytest

from racto.core.errors import UnsupportedFeatureError
from racto.finetune import AnthropicFineTuner


def test_a_tuner_for_claude_cannot_be_made() -> None:
    with pytest.raises(UnsupportedFeatureError, match="Amazon Bedrock") as caught:
        AnthropicFineTuner("a-key")
    assert caught.value.feature == "fine-tuning"
    assert "provider='anthropic'" in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_it_takes_what_the_reference_takes() -> None:
    assert inspect.signature(AnthropicFineTuner).parameters["api_key"].default is None
