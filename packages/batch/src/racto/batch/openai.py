"""Batches of OpenAI's, and of servers that speak its batch API."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from pydantic import SecretStr

from racto.core.flows import arun, run
from racto.core.prompts import RactoPrompt
from racto.core.protocols.codecs import Encoding, RequestCodec
from racto.core.retries import RetryPolicy

from .codecs import codec_of
from .encoding import Item
from .jobs import BatchJobInfo
from .openai_host import OpenAIBatchHost
from .processor import HostedBatchProcessor, Results


class OpenAIBatchProcessor(HostedBatchProcessor):
    """Requests to OpenAI at half the price, answered within a day.

    One job holds 50,000 requests, or 200 MB, of one endpoint and one model; more become several
    parts. See :class:`~racto.batch.processor.HostedBatchProcessor` for all it can do.

    Args:
        model: Model for items that name none.
        api_key: Key; the environment variable ``OPENAI_API_KEY`` when None.
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

    provider: ClassVar[str] = "openai"

    def __init__(
        self,
        model: str = "gpt-4o-mini",
        *,
        api_key: SecretStr | str | None = None,
        base_url: str | None = None,
        default_prompt: RactoPrompt | None = None,
        codec: RequestCodec | Encoding | None = None,
        state: str | Path | None = None,
        timeout: float = 600.0,
        retries: RetryPolicy = RetryPolicy(attempts=5),  # noqa: B008 - frozen
    ) -> None:
        shaping = codec_of("openai", codec, model=model, api_key=api_key, base_url=base_url)
        host = OpenAIBatchHost(
            shaping, api_key=api_key, base_url=base_url, timeout=timeout, retries=retries
        )
        super().__init__(
            shaping, host, default_prompt=default_prompt, state=state, site=base_url or ""
        )

    def submit_batch(
        self,
        items: Iterable[Item],
        *,
        prompt: RactoPrompt | None = None,
        completion_window: str = "24h",
        label: str = "",
    ) -> BatchJobInfo:
        """Upload the items as JSONL and start the job; too many become several parts.

        Args:
            items: The requests, as items or as their fields.
            prompt: System prompt for items without a system text; None for the processor's own.
            completion_window: Time that OpenAI may take; it knows ``24h`` only.
            label: What to call the job, where people look at it.

        Raises:
            ConfigurationError: If items cannot be sent; names all of them, and nothing was
                uploaded.
            RactoGatewayError: If OpenAI refuses, or cannot be reached.
        """
        return run(self._submitted(items, prompt, window=completion_window, label=label))

    async def asubmit_batch(
        self,
        items: Iterable[Item],
        *,
        prompt: RactoPrompt | None = None,
        completion_window: str = "24h",
        label: str = "",
    ) -> BatchJobInfo:
        """Async twin of :meth:`submit_batch`."""
        return await arun(self._submitted(items, prompt, window=completion_window, label=label))

    def submit_and_wait(
        self,
        items: Iterable[Item],
        *,
        prompt: RactoPrompt | None = None,
        completion_window: str = "24h",
        poll_interval_s: float = 60.0,
        max_wait_s: float = 86400.0,
    ) -> Results:
        """Submit, wait and collect, as every processor does.

        Args:
            items: The requests.
            prompt: System prompt for items without a system text; None for the processor's own.
            completion_window: Time that OpenAI may take; it knows ``24h`` only.
            poll_interval_s: Seconds between two looks at the job.
            max_wait_s: Seconds to wait in all.

        Raises:
            DeadlineExceededError: If the job has not ended by then (a ``TimeoutError``); it goes
                on, and can be collected later by the id in the message.
        """
        whole = self._whole(items, prompt, poll_interval_s, max_wait_s, window=completion_window)
        return run(whole)

    async def asubmit_and_wait(
        self,
        items: Iterable[Item],
        *,
        prompt: RactoPrompt | None = None,
        completion_window: str = "24h",
        poll_interval_s: float = 60.0,
        max_wait_s: float = 86400.0,
    ) -> Results:
        """Async twin of :meth:`submit_and_wait`."""
        whole = self._whole(items, prompt, poll_interval_s, max_wait_s, window=completion_window)
        return await arun(whole)
