"""``racto-kafka serve``: prompts in, answers out, with any kit."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from contextlib import AsyncExitStack
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from racto.core import discovery
from racto.core.errors import ConfigurationError
from racto.core.protocols.chat import ChatKit
from racto.core.retries import RetryPolicy

from .arguments import connection_of, variable
from .config import KafkaConsumerConfig, KafkaProducerConfig
from .consumer import KafkaConsumerClient
from .handlers import each
from .messages import KafkaMessage, KafkaPublishRequest
from .producer import KafkaProducerClient
from .serving import PromptAnswerer
from .stream import KafkaStreamProcessor
from .stream_config import KafkaStreamConfig
from .stream_stats import StreamStats

_OPENAI = "openai"
_LONGEST_SYSTEM = 1_000_000
_PLACEHOLDER_KEY = "none"
_TRANSACTION_MS = 300_000

Settings = TypeVar("Settings", bound=BaseModel)


def perform(options: argparse.Namespace) -> int:
    """Answer prompts until a signal, the limit, or an error ends it; 0 when it ended in order."""
    # First of all: what is wrong with the options is told before anything connects.
    kit = make_kit(options)
    settings = _settings(options)
    asyncio.run(_serve(options, kit, settings))
    return 0


def make_kit(options: argparse.Namespace) -> ChatKit:
    """The kit that the options name.

    Raises:
        ConfigurationError: If no model is named, or it has neither key nor server.
        PluginNotFoundError: If the kit is not installed; the message holds the install line.
    """
    if not options.model:
        raise ConfigurationError("name the model: --model NAME (or RACTO_MODEL)")
    key, url = variable(options.key_env, "--key-env"), options.base_url
    if options.kit == _OPENAI:
        named = os.environ.get("OPENAI_BASE_URL")
        if url is None:
            # A key in the environment goes to the server that the environment names beside it,
            # and not to one of the command line.
            url, key = named, key or os.environ.get("OPENAI_API_KEY")
        if not (url or key):
            raise ConfigurationError(
                f"model {options.model!r} needs OPENAI_API_KEY in the environment, --key-env of "
                "another variable, --kit of another provider, or --base-url of a server that "
                "speaks OpenAI's protocol"
            )
        # Servers on one's own machine take any key, but the protocol wants one.
        key = key or _PLACEHOLDER_KEY
    wanted = {"model": options.model, "api_key": key, "base_url": url}
    given = {name: value for name, value in wanted.items() if value is not None}
    kit: ChatKit = discovery.create("racto.chat_kits", options.kit, **given)
    return kit


def _settings(options: argparse.Namespace) -> KafkaStreamConfig:
    workers = options.workers
    return KafkaStreamConfig(
        batch_size=workers,
        # Enough that no worker waits for a poll, and few enough to drain soon.
        max_in_flight=4 * workers,
        workers=workers,
        poll_while_handling=True,
        guarantee="exactly_once" if options.exactly_once else "at_least_once",
        retry=RetryPolicy(attempts=options.attempts, base=1.0),
        dead_letter_topic=options.dead_letters or f"{options.input}.dead",
        drain_timeout_s=options.drain,
    )


async def _serve(options: argparse.Namespace, kit: ChatKit, settings: KafkaStreamConfig) -> None:
    async with AsyncExitStack() as stack:
        stack.push_async_callback(kit.aclose)
        producer = await stack.enter_async_context(_producer(options))
        consumer = await stack.enter_async_context(_consumer(options))
        answerer = PromptAnswerer(
            kit,
            output_topic=options.output,
            system=_system(options),
            max_tokens=options.max_tokens,
            format=options.format,
            max_prompt_bytes=options.max_prompt_bytes,
        )
        left = options.limit

        def count() -> None:
            nonlocal left
            if left is not None:
                left -= 1
                if left <= 0:
                    processor.stop()

        async def answer(message: KafkaMessage) -> KafkaPublishRequest:
            reply = await answerer.aanswer(message)
            # Before the answer is published: the end of the run waits for that.
            count()
            return reply

        def refuse(message: KafkaMessage, error: Exception) -> list[KafkaPublishRequest]:
            count()
            return answerer.refuse(message, error)

        processor = KafkaStreamProcessor(
            consumer=consumer, producer=producer, config=settings, on_given_up=refuse
        )
        _say(f"answering {options.input} with {options.model}; Ctrl-C ends it in order")
        try:
            await processor.arun(each(answer))
        finally:
            _say(_summary(processor.stats))


def _made(kind: type[Settings], **fields: Any) -> Settings:
    try:
        return kind(**fields)
    except ValidationError as error:
        # pydantic's own text repeats the input, and a password may be part of it.
        found = error.errors(include_url=False, include_input=False, include_context=False)
        told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}".lstrip(": ") for e in found)
        raise ConfigurationError(told) from None


def _producer(options: argparse.Namespace) -> KafkaProducerClient:
    extra: dict[str, Any] = dict(options.option)
    if options.exactly_once:
        extra["transactional.id"] = options.exactly_once
        # Models take their time, and a transaction that outlives its own fences this instance.
        extra.setdefault("transaction.timeout.ms", _TRANSACTION_MS)
    return KafkaProducerClient(
        config=_made(KafkaProducerConfig, **connection_of(options), extra=extra)
    )


def _consumer(options: argparse.Namespace) -> KafkaConsumerClient:
    config = _made(
        KafkaConsumerConfig,
        topics=(options.input,),
        group_id=options.group,
        auto_offset_reset=options.start,
        **connection_of(options),
        extra=dict(options.option),
    )
    # The answerer reads the bytes itself, and says better what is wrong with a prompt.
    return KafkaConsumerClient(config=config, value_deserializer=bytes, key_deserializer=bytes)


def _system(options: argparse.Namespace) -> str | None:
    if options.system_file is None:
        text: str | None = options.system
        return text
    size = options.system_file.stat().st_size
    if size > _LONGEST_SYSTEM:
        raise ConfigurationError(
            f"--system-file {options.system_file} has {size:,} bytes, and {_LONGEST_SYSTEM:,} are "
            "the most"
        )
    try:
        read: str = options.system_file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"--system-file {options.system_file} is not UTF-8: {error}"
        ) from error
    return read


def _summary(stats: StreamStats) -> str:
    return (
        f"answered {stats.handled:,} of {stats.consumed:,} prompts; tried again {stats.retried:,}, "
        f"put aside {stats.dead_lettered:,}"
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201
