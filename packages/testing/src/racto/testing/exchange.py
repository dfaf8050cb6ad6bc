"""One request and its answer as bytes, and what a provider must bring to stand behind a server."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .replies import Conduct, Failure, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A request as it came in; a server keeps all of them in ``requests``.

    Attributes:
        method: HTTP method, in capitals.
        path: Path without the query.
        query: The query's fields; of one that comes twice the last.
        target: Path and query as they were sent, with their escapes.
        headers: Headers, names in lower case. Keys and tokens are kept out of ``repr``.
        body: The bytes of the body.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    target: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """An answer as it goes out.

    Attributes:
        status: HTTP status.
        headers: Headers; the server adds length or chunking itself.
        body: A whole body.
        events: The encoded events of a streamed body instead, each sent as one chunk.
        conduct: How it travels.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    events: Iterable[bytes] | None = None
    conduct: Conduct = Conduct()  # noqa: RUF009 - frozen


class Script(Protocol):
    """Where a provider gets what its model shall say."""

    def reply_to(self, request: Incoming) -> Reply | Failure:
        """The next scripted answer, or the rule's; taken when a valid request wants one."""
        ...

    def outcome_of(self, request: Incoming) -> Reply | Failure:
        """The answer to a valid request that wants no words, such as one for embeddings.

        A reply with words waits for a request that wants them; a failure, or a reply that only
        brings a body, headers or a conduct, is taken.
        """
        ...


class Provider(Protocol):
    """One provider's protocol, as a server speaks it: pure but for the objects it keeps.

    It refuses what the real API refuses, with the real API's status and words, before it asks
    the script for anything.
    """

    @property
    def name(self) -> str:
        """Name of the provider, for example ``openai``."""
        ...

    @property
    def root(self) -> str:
        """Path of the API's root, for example ``/v1``; a client's base URL ends with it."""
        ...

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer to one request, errors included; called from one thread at a time."""
        ...


class Relay(Protocol):
    """Stands behind a server as a :class:`Provider` does, and must wait for its answers."""

    @property
    def name(self) -> str:
        """Name of the relay."""
        ...

    @property
    def root(self) -> str:
        """Path of the API's root."""
        ...

    def answer(self, request: Incoming, script: Script) -> Awaitable[Outgoing]:
        """The answer to one request; cancelled when its client leaves or the server closes."""
        ...
