"""A server on this machine that answers as a model provider does, and keeps what it was asked."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, ClassVar, Self

from .exchange import Incoming, Outgoing, Provider, Relay
from .listeners import ADDRESS, Listener
from .replies import Failure, FailureKind, Reply
from .scripts import Rule, ScriptedAnswers


class LoopbackServer:
    """Serves one provider's protocol on a free port of this machine, until it is closed.

    Made and closed in sync or async code alike; it runs on a thread of its own, so that clients
    of both kinds can talk to it. An exception in a rule is answered with a status of 500, and
    raised again when the server is closed: a test whose rule is broken cannot pass.

    Args:
        provider: The protocol to speak.
        key: The key that clients must send, for their constructors; None when any will do.
        port: Port to listen on; 0 takes a free one.

    Raises:
        ConfigurationError: If the port cannot be had.

    Attributes:
        key: The key that clients must send.
        body_limit: Most bytes of a request's body; a subclass may set another.
        requests_kept: How many of the latest requests are kept, all when None; for a subclass
            that serves for days.
        closing_limit: Seconds that closing waits for a rule that is still at work.
    """

    # The largest that a provider takes: a batch of Anthropic's.
    body_limit: ClassVar[int] = 256 * 1024 * 1024
    requests_kept: ClassVar[int | None] = None
    closing_limit: ClassVar[float] = 10.0

    def __init__(
        self, provider: Provider | Relay, *, key: str | None = None, port: int = 0
    ) -> None:
        self.key = key
        self._provider = provider
        self._script = ScriptedAnswers()
        self._requests: list[Incoming] = []
        self._received = 0
        self._at_work: Incoming | None = None
        self._faults: list[BaseException] = []
        self._lock = threading.RLock()
        self._listener = Listener(
            port, answer=self._answer, blame=self._faults.append, body_limit=self.body_limit
        )

    # -- what it was asked -------------------------------------------------------------------

    @property
    def url(self) -> str:
        """What goes into a client's ``base_url``."""
        return f"http://{ADDRESS}:{self._listener.port}{self._provider.root}"

    @property
    def requests(self) -> list[Incoming]:
        """The requests so far, in the order in which they came."""
        return list(self._requests)

    @property
    def last(self) -> Incoming:
        """The latest request.

        Raises:
            LookupError: If none has come.
        """
        if not self._requests:
            raise LookupError(f"no request has come to {self.url}")
        return self._requests[-1]

    @property
    def received(self) -> int:
        """Requests that ever came, forgotten ones included."""
        return self._received

    @property
    def connections(self) -> int:
        """Connections that were ever opened."""
        return self._listener.accepted

    @property
    def open_connections(self) -> int:
        """Connections that are open now."""
        return self._listener.open

    # -- what it shall answer ----------------------------------------------------------------

    @property
    def default(self) -> Reply | Failure:
        """The answer when neither the queue nor a rule has one; at first ``Reply(text="ok")``."""
        return self._script.default

    @default.setter
    def default(self, answer: Reply | Failure) -> None:
        self._script.default = answer

    def say(self, text: str | Sequence[str] | None = None, **fields: Any) -> None:
        """Queue a reply.

        Args:
            text: The words; a sequence gives the pieces of a stream.
            **fields: Further fields of :class:`Reply`.
        """
        self.add(Reply(text=text, **fields))

    def fail(self, kind: FailureKind = "server_error", **fields: Any) -> None:
        """Queue a failure.

        Args:
            kind: What goes wrong.
            **fields: Further fields of :class:`Failure`.
        """
        self.add(Failure(kind=kind, **fields))

    def add(self, *answers: Reply | Failure) -> None:
        """Queue answers; each is taken by one valid request that wants words of a model."""
        self._script.add(*answers)

    def when(self, rule: Rule) -> None:
        """Ask a function when the queue is empty; rules are asked in order, until one answers.

        Args:
            rule: Takes a request and gives an answer, or None to leave it to the next rule and
                in the end to ``default``. It runs on the server's thread: it must not block, nor
                call this server.
        """
        self._script.when(rule)

    def clear(self) -> None:
        """Forget the queue, the rules and the requests."""
        self._script.clear()
        self._requests.clear()

    def assert_all_used(self) -> None:
        """Check that every queued answer was asked for.

        Raises:
            AssertionError: If some still wait.
        """
        if unsaid := self._script.unsaid:
            raise AssertionError(f"{len(unsaid)} answers were never asked for: {unsaid!r:.500}")

    # -- until when --------------------------------------------------------------------------

    def wait_until(self, met: Callable[[], bool], *, seconds: float = 10.0) -> bool:
        """Wait for a condition, such as a connection that a client closes.

        Args:
            met: The condition.
            seconds: Longest wait.

        Returns:
            Whether it was met in time.
        """
        until = time.monotonic() + seconds
        while not met():
            if time.monotonic() >= until:
                return False
            time.sleep(0.005)
        return True

    async def await_until(self, met: Callable[[], bool], *, seconds: float = 10.0) -> bool:
        """The async twin of :meth:`wait_until`."""
        return await asyncio.to_thread(self.wait_until, met, seconds=seconds)

    def close(self) -> None:
        """End all connections and the server's thread; calling it twice does no harm.

        Raises:
            BaseException: What a rule or an event of a reply raised, or a TimeoutError for one
                that never ends; a group, if there are several.
        """
        if not self._listener.close(seconds=self.closing_limit):
            self._faults.append(TimeoutError(self._unfinished()))
        faults = self._faults.copy()
        self._faults.clear()
        if len(faults) > 1:
            raise BaseExceptionGroup("rules or replies of a loopback server failed", faults)
        if faults:
            raise faults[0]

    async def aclose(self) -> None:
        """The async twin of :meth:`close`."""
        await asyncio.to_thread(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.url}>"

    def _unfinished(self) -> str:
        blocked = self._at_work
        work = f"a rule at {blocked.method} {blocked.path}" if blocked else "an event of a reply"
        waited = f"{self.closing_limit:g} seconds"
        return f"{self!r} did not end within {waited}: {work} blocks its thread, and must not"

    async def _answer(self, request: Incoming) -> Outgoing:
        self._received += 1
        self._requests.append(request)
        if self.requests_kept is not None:
            del self._requests[: -self.requests_kept]
        try:
            with self._lock:
                self._at_work = request
                answer = self._provider.answer(request, self._script)
                self._at_work = None
            return answer if isinstance(answer, Outgoing) else await answer
        except asyncio.CancelledError:
            raise
        # pytest.fail raises no Exception, and a rule may call it.
        except BaseException as error:
            self._at_work = None
            error.add_note(f"raised while {self.url} answered {request.method} {request.path}")
            self._faults.append(error)
            return _broken(error)


def _broken(error: BaseException) -> Outgoing:
    told = {
        "message": f"the test's rule or answer failed: {error!r}",
        "type": "rule_error",
        "code": None,
    }
    # The official clients of OpenAI and Anthropic would otherwise try again.
    headers = {"x-should-retry": "false"}
    return Outgoing(status=500, headers=headers, body=json.dumps({"error": told}).encode())
