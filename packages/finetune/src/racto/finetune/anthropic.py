"""Tuning Claude: Anthropic's API has no way to do it, and this says so at once."""

from __future__ import annotations

from racto.core.errors import UnsupportedFeatureError


class AnthropicFineTuner:
    """Raises when it is made: no release of Anthropic's API or SDK has fine-tuning endpoints.

    Amazon Bedrock tunes some of the Claude models, in Amazon's own API and console. The dataset
    is what both have in common: ``dataset.export_jsonl(path, provider="anthropic")`` writes the
    file that Bedrock takes. The reference's class of this name uploads the data first, and fails
    then.

    Args:
        api_key: Not used; it is here because the reference takes it.

    Raises:
        UnsupportedFeatureError: Always, before anything is read or sent.
    """

    def __init__(self, api_key: str | None = None) -> None:
        raise UnsupportedFeatureError(
            "Anthropic's API cannot fine-tune models: it has no such endpoint. Claude models are "
            "tuned at Amazon Bedrock: write the file with dataset.export_jsonl(path, "
            "provider='anthropic'), put it into an S3 bucket, and create a model customization "
            "job there",
            feature="fine-tuning",
            provider="anthropic",
        )
