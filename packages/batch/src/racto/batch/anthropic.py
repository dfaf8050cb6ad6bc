"""Message batches of Anthropic's."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import SecretStr

from racto.core.prompts import RactoPrompt
from racto.core.protocols.codecs import Encoding, RequestCodec
from racto.core.retries import RetryPolicy

from .anthropic_host import AnthropicBatchHost
from .codecs import codec_of
from .processor import HostedBatchProcessor


class AnthropicBatchProcessor(HostedBatchProcessor):
    """Requests to Claude at half the price, answered within a day.

    One job holds 100,000 requests, or 256 MB, of any models; more become several parts. Results
    are kept by Anthropic for 29 days. See
    :class:`~racto.batch.processor.HostedBatchProcessor` for all it can do.

    Args:
        model: Model for items that name none.
        api_key: Key; the environment variable ``ANTHROPIC_API_KEY`` when None.
        base_url: Another server that speaks the same API.
        default_prompt: System prompt for items without a system text.
        codec: A codec or a kit, instead of the kit that racto-providers offers: its settings,
            default prompt and prices count.
        state: Folder for the state; ``racto/batch`` in the user's folder for state when None.
        timeout: Seconds that one call may go without a byte.
        retries: How often a call is repeated that failed for a while.

    Raises:
        PluginNotFoundError: If racto-providers is not installed, and no codec is given.
        RactoGatewayAuthError: If there is no key.
    """

    provider: ClassVar[str] = "anthropic"

    def __init__(
        self,
        model: str = "claude-haiku-4-5-20251001",
        *,
        api_key: SecretStr | str | None = None,
        base_url: str | None = None,
        default_prompt: RactoPrompt | None = None,
        codec: RequestCodec | Encoding | None = None,
        state: str | Path | None = None,
        timeout: float = 600.0,
        retries: RetryPolicy = RetryPolicy(attempts=5),  # noqa: B008 - frozen
    ) -> None:
        shaping = codec_of("anthropic", codec, model=model, api_key=api_key, base_url=base_url)
        host = AnthropicBatchHost(
            shaping, api_key=api_key, base_url=base_url, timeout=timeout, retries=retries
        )
        super().__init__(
            shaping, host, default_prompt=default_prompt, state=state, site=base_url or ""
        )
