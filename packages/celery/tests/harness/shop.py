"""The app of the tests, imported alike by the tests and by the worker processes they start.

Set by the environment: SHOP_BROKER and SHOP_BACKEND (URLs), SHOP_PREFIX (of queue and keys).
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from celery import Celery  # type: ignore[import-untyped]
from pydantic import BaseModel

from racto.celery import RactoCeleryWorker, RetryConfig, TaskLimits
from racto.core.chat import ChatConfig
from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import (
    BadRequestError,
    EmptyDocumentError,
    RateLimitError,
    ServerError,
)
from racto.core.responses import LLMResponse
from racto.core.testing import ScriptedKit
from racto.core.tools import ToolRegistry


class Order(BaseModel):
    """A response model that workers can import."""

    item: str
    count: int


def make_app(broker: str, backend: str, prefix: str) -> Celery:
    """An app on the given services, in which nothing is shared with other prefixes."""
    app = Celery("shop", broker=broker, backend=backend)
    app.conf.update(
        task_default_queue=f"{prefix}.tasks",
        result_backend_transport_options={"global_keyprefix": f"{prefix}:"},
        broker_transport_options={"global_keyprefix": f"{prefix}:", "visibility_timeout": 60},
        worker_prefetch_multiplier=1,
        # Otherwise each thread of an event loop opens a back end, and leaves its sockets behind.
        result_backend_thread_safe=True,
        broker_connection_retry_on_startup=True,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        broker_connection_timeout=2,
    )
    if broker.startswith("amqp"):
        app.conf.broker_transport_options = {}
    return app


def log(line: str) -> None:
    """Write a line to the file of events, of which the tests count."""
    with Path(os.environ["SHOP_LOG"]).open("a") as file:
        file.write(f"{line}\n")


def get_price(item: str) -> int:
    """The price of an item in cents."""
    return 100 * len(item)


TOOLS = ToolRegistry([get_price])


class ShopKit(ScriptedKit):
    """Answers what the user's words ask for; each is made in the process that uses it."""

    def __init__(self, model: str = "shop-1") -> None:
        super().__init__(self.reply, model=model)
        self.pid = os.getpid()

    def reply(self, config: ChatConfig) -> Any:
        """Do what the words say."""
        verb, _, rest = config.user_message.partition(" ")
        action = getattr(self, f"do_{verb}", None)
        return action(rest, config) if action else f"{self.model}: {config.user_message}"

    def close(self) -> None:
        """Note that a kit was closed, and by which process."""
        log(f"closed {self.pid} {os.getpid()}")

    def do_pid(self, rest: str, config: ChatConfig) -> str:
        """The process that made the kit, and the one that runs it."""
        return f"{self.pid} {os.getpid()}"

    def do_fields(self, rest: str, config: ChatConfig) -> str:
        """What the request says, as JSON."""
        fields = config.model_dump_json(
            include=config.model_fields_set - {"tools", "response_model"}
        )
        tools = list(config.tools.tools) if config.tools is not None else []
        model = config.response_model.__name__ if config.response_model else ""
        return f"{fields}|{tools}|{model}"

    def do_sleep(self, rest: str, config: ChatConfig) -> str:
        """Take so many seconds."""
        time.sleep(float(rest))
        return "slept"

    def do_hang(self, rest: str, config: ChatConfig) -> str:
        """Take no notice of the soft time limit."""
        end = time.monotonic() + float(rest)
        while time.monotonic() < end:
            try:
                time.sleep(0.05)
            except Exception as error:
                log(f"ignored {type(error).__name__}")
        return "hung"

    def do_wrap(self, rest: str, config: ChatConfig) -> str:
        """Turn the soft time limit into an error that looks retryable."""
        log("wrap")
        try:
            time.sleep(float(rest))
        except Exception as error:
            raise ServerError("the connection broke") from error
        return "slept"

    def do_refuse(self, rest: str, config: ChatConfig) -> str:
        """Fail as a provider that finds the request malformed."""
        log(f"refuse {rest}")
        raise BadRequestError("400: no such field; api_key=sk-secret-0123456789", status_code=400)

    def do_limit(self, rest: str, config: ChatConfig) -> str:
        """Ask to wait, twice; then answer."""
        return self._after(f"limit {rest}", 2, RateLimitError("429", retry_after=0.3))

    def do_break(self, rest: str, config: ChatConfig) -> str:
        """Always fail as a provider that is down."""
        return self._after(f"break {rest}", 99, ServerError("503: down", status_code=503))

    def do_crash(self, rest: str, config: ChatConfig) -> str:
        """Fail with what is no error of racto's."""
        raise RuntimeError("boom with password=hunter2hunter2")

    def do_large(self, rest: str, config: ChatConfig) -> LLMResponse:
        """A reply of so many characters, with as much thinking."""
        return LLMResponse(content="x" * int(rest), thinking="y" * int(rest))

    def do_marked(self, rest: str, config: ChatConfig) -> LLMResponse:
        """A reply whose JSON looks like an object of kombu's."""
        return LLMResponse(content="{}", parsed={"__type__": "datetime", "__value__": "no date"})

    def _after(self, line: str, failures: int, error: Exception) -> str:
        log(f"{line} {time.time():.3f}")
        seen = Path(os.environ["SHOP_LOG"]).read_text().count(f"{line} ")
        if seen <= failures:
            raise error
        return f"after {seen}"


class ShopPipeline:
    """Cuts a file into lines, each a chunk with a vector."""

    def ingest(self, path: str, **metadata: Any) -> list[Chunk]:
        """The chunks of a file."""
        lines = Path(path).read_text().splitlines()
        if not lines:
            raise EmptyDocumentError(f"{path} is empty", source=path)
        return [
            Chunk(
                content=line,
                chunk_id=f"c{at}",
                embedding=[0.25] * 384,
                metadata=ChunkMetadata(source=path, extra=metadata),
            )
            for at, line in enumerate(lines)
        ]


def make_kit() -> ShopKit:
    """The kit of one process."""
    log(f"kit {os.getpid()}")
    return ShopKit()


def make_second_kit() -> ShopKit:
    """The kit of the second worker."""
    return ShopKit("shop-2")


def make_pipeline() -> ShopPipeline:
    """The pipeline of one process."""
    return ShopPipeline()


def make_workers(app: Celery) -> tuple[RactoCeleryWorker, RactoCeleryWorker]:
    """The workers of the tests; the second is named by its order, and has another kit."""
    first = RactoCeleryWorker(
        app,
        kit=make_kit,
        rag=make_pipeline,
        retry_config=RetryConfig(max_retries=2, initial_delay_s=0.1, max_delay_s=0.2),
        tools=TOOLS,
        limits=TaskLimits(soft_time_s=1.2, hard_time_s=2.4, result_bytes=20_000),
    )
    return first, RactoCeleryWorker(app, kit="shop:make_second_kit")


if "SHOP_BROKER" in os.environ:
    app = make_app(os.environ["SHOP_BROKER"], os.environ["SHOP_BACKEND"], os.environ["SHOP_PREFIX"])
    worker, second = make_workers(app)
