"""An Ollama server of one's own: started, filled with models, and stopped with the program."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from types import TracebackType

from racto.core.errors import (
    RactoGatewayAPIError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
)
from racto.core.flows import Flow, arun, run, step
from racto.core.retries import Deadline
from racto.providers.kits.wires import WireReply, WireRequest

from .connection import PROVIDER, connect
from .hosts import DEFAULT_HOST, DEFAULT_PORT, base_url_of
from .processes import ServerProcess
from .pulls import PullProgress, pulling

_POLL_SECONDS = 0.05
_PROBE_SECONDS = 2.0


class OllamaServerManager:
    """Starts ``ollama serve`` and ends it again, with every process that it started.

    A server that already answers at the address is used as it is, and left running. One manager
    is for one thread at a time::

        with OllamaServerManager() as server:
            server.pull("qwen3:4b")
            kit = OllamaDeveloperKit("qwen3:4b", base_url=server.url)

    Args:
        host: Address to listen at. Every other than this machine's own opens the server, which
            asks nobody for a key, to the network.
        port: Port to listen at.
        startup_timeout: Most seconds to wait until the server answers.
        ollama_bin: Name or path of the program.
    """

    def __init__(
        self,
        host: str = DEFAULT_HOST,
        port: int = DEFAULT_PORT,
        *,
        startup_timeout: float = 30.0,
        ollama_bin: str = "ollama",
    ) -> None:
        self._address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._startup_timeout = startup_timeout
        self._program = ollama_bin
        self._process: ServerProcess | None = None
        self._connection = connect(base_url=self._address)

    @property
    def url(self) -> str:
        """Address of the server, for ``base_url``."""
        return base_url_of(self._address)

    @property
    def is_mine(self) -> bool:
        """Whether this manager has started the server, and it runs."""
        return self._process is not None and self._process.is_alive

    @property
    def log(self) -> str:
        """The last lines that the server wrote; empty when another one is used."""
        return self._process.log if self._process is not None else ""

    def start(self) -> None:
        """Start the server, and wait until it answers; nothing if one answers already.

        Raises:
            ConfigurationError: If the program is not there.
            RactoGatewayTimeoutError: If it does not answer in time.
            RactoGatewayAPIError: If it ends at once; the error shows what it wrote.
        """
        run(self._starting())

    async def astart(self) -> None:
        """Async twin of :meth:`start`."""
        await arun(self._starting())

    def stop(self) -> None:
        """End the server, if this manager has started it, and all processes that it started."""
        run(self._stopping())

    async def astop(self) -> None:
        """Async twin of :meth:`stop`."""
        await arun(self._stopping())

    def pull(
        self,
        model: str,
        on_progress: Callable[[PullProgress], None] | None = None,
        *,
        timeout: float | None = None,
    ) -> None:
        """Download a model, or what is new of it.

        Args:
            model: Name of the model, with or without a tag.
            on_progress: Told of each step.
            timeout: Seconds for the whole download; None for no limit.

        Raises:
            RactoGatewayError: If there is no such model, or the download breaks off.
        """
        run(self._pulling(model, on_progress, timeout))

    async def apull(
        self,
        model: str,
        on_progress: Callable[[PullProgress], None] | None = None,
        *,
        timeout: float | None = None,
    ) -> None:
        """Async twin of :meth:`pull`."""
        await arun(self._pulling(model, on_progress, timeout))

    def list_models(self) -> list[str]:
        """Names of the models that are here.

        Raises:
            RactoGatewayError: If the server does not answer.
        """
        return run(self._listing())

    async def alist_models(self) -> list[str]:
        """Async twin of :meth:`list_models`."""
        return await arun(self._listing())

    def __enter__(self) -> OllamaServerManager:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> OllamaServerManager:
        await self.astart()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.astop()

    def __repr__(self) -> str:
        return f"OllamaServerManager({self.url!r})"

    def _starting(self) -> Flow[None]:
        if (yield from self._answers()):
            return
        deadline = Deadline.after(self._startup_timeout)
        process = ServerProcess([self._program, "serve"], {"OLLAMA_HOST": self._address})
        try:
            while not (yield from self._answers()):
                yield from self._checked(process, deadline)
                yield from step(time.sleep, _asleep, _POLL_SECONDS)
        except BaseException:
            yield from _ending(process)
            raise
        self._process = process

    def _checked(self, process: ServerProcess, deadline: Deadline) -> Flow[None]:
        if not process.is_alive:
            # Its log is whole from here on.
            yield from _ending(process)
            raise RactoGatewayAPIError(
                f"`{self._program} serve` ended at once; it wrote:\n{process.log}",
                provider=PROVIDER,
            )
        if deadline.remaining() <= 0:
            raise RactoGatewayTimeoutError(
                f"`{self._program} serve` did not answer at {self.url} within "
                f"{self._startup_timeout:g} s; it wrote:\n{process.log}",
                provider=PROVIDER,
            )

    def _stopping(self) -> Flow[None]:
        process, self._process = self._process, None
        transport = self._connection.transport
        yield from step(transport.close, transport.aclose)
        if process is not None:
            yield from _ending(process)

    def _pulling(
        self,
        model: str,
        on_progress: Callable[[PullProgress], None] | None,
        timeout: float | None,
    ) -> Flow[None]:
        deadline = Deadline.after(timeout)
        yield from pulling(model, self._connection, on_progress=on_progress, deadline=deadline)

    def _listing(self) -> Flow[list[str]]:
        reply = yield from self._asked("/api/tags")
        try:
            return [str(model["name"]) for model in json.loads(reply.body)["models"]]
        except (KeyError, TypeError, ValueError) as error:
            raise self._connection.translator.invalid(
                f"the reply lists no models ({error})", body=reply.body
            ) from error

    def _answers(self) -> Flow[bool]:
        """Whether an Ollama server answers at the address."""
        try:
            reply = yield from self._asked("/api/version")
            return "version" in json.loads(reply.body)
        except (RactoGatewayError, ValueError, TypeError):
            return False

    def _asked(self, path: str) -> Flow[WireReply]:
        request, deadline = WireRequest(path=path, body={}), Deadline.after(_PROBE_SECONDS)
        transport = self._connection.transport
        reply = yield from step(transport.send, transport.asend, request, deadline)
        return reply


async def _asleep(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)


def _ending(process: ServerProcess) -> Flow[None]:
    # A server takes seconds to go, in which a loop has others to serve.
    yield from step(ServerProcess.end, _ended, process)


async def _ended(process: ServerProcess) -> None:
    import asyncio

    await asyncio.to_thread(process.end)
