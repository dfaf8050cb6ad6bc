"""Prompts in, answers out: a stream's handler that asks a chat kit."""

from __future__ import annotations

from pydantic import BaseModel

from racto.core.errors import ConfigurationError, RactoGatewayError
from racto.core.flows import Flow, arun, run, step
from racto.core.protocols.chat import ChatKit

from .messages import HeaderValue, KafkaMessage, KafkaPublishRequest
from .prompts import PromptFormat, answer_of, read_prompt, refusal_of

MAX_PROMPT_BYTES = 1_000_000
"""What a broker takes by default is a little more."""


class PromptAnswerer:
    """Answers each prompt with a kit, under the prompt's key and with its headers.

    Give :meth:`answer` or :meth:`aanswer` to a stream through :func:`~racto.kafka.each`, and
    :meth:`refuse` as its ``on_given_up``, so that whoever waits for an answer is told.

    Args:
        kit: Asks the model.
        output_topic: Where answers go.
        system: System text for prompts that bring none.
        max_tokens: Most tokens an answer may have, whatever the prompt asks for.
        format: How prompts are read: ``auto``, ``text`` or ``json``.
        max_prompt_bytes: Largest prompt that is taken.

    Raises:
        ConfigurationError: If a limit is below 1.
    """

    def __init__(
        self,
        kit: ChatKit,
        *,
        output_topic: str,
        system: str | None = None,
        max_tokens: int = 4096,
        format: PromptFormat = "auto",
        max_prompt_bytes: int = MAX_PROMPT_BYTES,
    ) -> None:
        for name, value in (("max_tokens", max_tokens), ("max_prompt_bytes", max_prompt_bytes)):
            if value < 1:
                raise ConfigurationError(f"{name} must be at least 1, not {value}")
        self._kit = kit
        self._topic = output_topic
        self._system = system
        self._max_tokens = max_tokens
        self._format = format
        self._limit = max_prompt_bytes

    def answer(self, message: KafkaMessage) -> KafkaPublishRequest:
        """Answer one prompt.

        Raises:
            BadRequestError: If the message is no prompt.
            RactoGatewayError: What the kit raises.
        """
        return run(self._answer(message))

    async def aanswer(self, message: KafkaMessage) -> KafkaPublishRequest:
        """Async twin of :meth:`answer`."""
        return await arun(self._answer(message))

    def refuse(self, message: KafkaMessage, error: Exception) -> list[KafkaPublishRequest]:
        """What to publish for a prompt that was given up: an answer whose ``error`` says why."""
        return [self._reply(message, refusal_of(message, error))]

    def _answer(self, message: KafkaMessage) -> Flow[KafkaPublishRequest]:
        prompt = read_prompt(message.raw_value, format=self._format, limit=self._limit)
        config = prompt.chat_config(system=self._system, max_tokens=self._max_tokens)
        response = yield from step(self._kit.chat, self._kit.achat, config)
        return self._reply(message, answer_of(message, response))

    def _reply(self, message: KafkaMessage, answer: BaseModel) -> KafkaPublishRequest:
        return KafkaPublishRequest(
            topic=self._topic,
            value=answer.model_dump_json().encode(),
            key=message.raw_key,
            headers=_headers(message),
        )


def _headers(message: KafkaMessage) -> list[tuple[str, HeaderValue]]:
    try:
        # All of them: correlation headers go by many names.
        return list(message.headers)
    except RactoGatewayError:
        # Not even librdkafka can read them, and a prompt is answered for its own sake.
        return []
