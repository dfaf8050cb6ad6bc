"""Single calls, before they are sent and after they came back: no I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from racto.core.deadlines import Deadline
from racto.core.errors import RactoGatewayError
from racto.core.protocols.codecs import RequestCodec

from .api_keys import Server
from .call_failures import invalid
from .json_texts import dumped
from .uploads import SpoolBody

if TYPE_CHECKING:
    import httpx2

LARGEST_REPLY = 64 * 2**20
"""Most bytes of a reply that is kept in memory; result files go to disk, however large."""

MOST_REDIRECTS = 5
"""Most redirects of one call."""

_LONGEST_ERROR = 256 * 1024
_CONNECT_SECONDS = 10.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call to a server, fit to be made again.

    Attributes:
        method: HTTP method.
        path: Path below the server's root, or a whole address at the same host.
        params: The query.
        headers: Headers beside the server's own.
        json: Body as JSON; None for none.
        body: A body that is streamed from disk instead.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)
    body: SpoolBody | None = None

    @property
    def name(self) -> str:
        """What it does, for errors."""
        # The query of an upload's address is as good as a key; it stays out.
        return f"{self.method} {self.path.partition('?')[0]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole reply of status below 300.

    Attributes:
        headers: Its headers, looked up regardless of case.
        body: Its body.
    """

    headers: Mapping[str, str]
    body: bytes


class Collected:
    """A reply as it comes in.

    Args:
        server: Who answers.
        codec: Knows the provider's errors.
        call: What was asked.
        response: The open response.
    """

    def __init__(
        self, server: Server, codec: RequestCodec, *, call: Call, response: httpx2.Response
    ) -> None:
        self._server = server
        self._codec = codec
        self._call = call
        self._response = response
        self._body = bytearray()

    @property
    def is_enough(self) -> bool:
        """Whether the rest may stay unread, because an error needs no more."""
        return self._response.status_code >= 300 and len(self._body) > _LONGEST_ERROR

    def take(self, piece: bytes) -> None:
        """Take a piece.

        Raises:
            InvalidResponseError: If the reply is longer than any that the protocol has.
        """
        self._body += piece
        if len(self._body) > LARGEST_REPLY:
            raise invalid(
                self._server, self._call.name, f"the answer is longer than {LARGEST_REPLY} bytes"
            )

    def reply(self) -> Reply:
        """The whole reply.

        Raises:
            RactoGatewayError: If it is a refusal.
        """
        if self._response.status_code >= 300:
            raise self.refusal()
        return Reply(headers=self._response.headers, body=bytes(self._body))

    def refusal(self) -> RactoGatewayError:
        """The error that a reply of status 300 or above reports."""
        status, body = self._response.status_code, self._server.cleaned(bytes(self._body))
        if status < 400:
            place = self._response.headers.get("location", "nowhere").partition("?")[0]
            why = f"the answer is a redirect ({status}) to {place}, which is not followed"
            return invalid(self._server, self._call.name, why)
        return self._codec.refused(status, body, headers=dict(self._response.headers))


def built(
    client: httpx2.Client | httpx2.AsyncClient,
    server: Server,
    call: Call,
    *,
    timeout: httpx2.Timeout,
    content: Any = None,
    headers: Mapping[str, str] | None = None,
) -> httpx2.Request:
    """The request of a call.

    Args:
        client: Who will send it.
        server: Whom to call.
        call: The call.
        timeout: For connecting, and between two bytes.
        content: The pieces of a streamed body.
        headers: Further headers.
    """
    sent = {**server.headers, **call.headers, **(headers or {})}
    if call.body is not None:
        # Without it the body would go out in chunks, which upload servers do not take.
        sent["content-length"] = str(call.body.size)
    elif call.json is not None:
        content = dumped(call.json)
        sent.setdefault("content-type", "application/json")
    url = call.path if call.path.startswith(("https://", "http://")) else server.root + call.path
    # An empty query would cut off the one that an address brings.
    params = dict(call.params) or None
    return client.build_request(
        call.method, url, params=params, headers=sent, content=content, timeout=timeout
    )


def onward(
    server: Server, call: Call, request: httpx2.Request, response: httpx2.Response
) -> httpx2.Request | None:
    """The request that follows a redirect; None when the response is the answer.

    Only reading is redirected, and our credentials stay with our server.

    Args:
        server: Whom the call was for.
        call: The call.
        request: What was sent last.
        response: What came back.

    Raises:
        InvalidResponseError: If it would leave encryption behind.
    """
    import httpx2

    place = response.headers.get("location")
    if response.status_code not in _REDIRECTS or call.method != "GET" or not place:
        return None
    url = request.url.join(place)
    here = (request.url.scheme, request.url.host, request.url.port)
    headers = {name: value for name, value in request.headers.items() if name != "host"}
    if (url.scheme, url.host, url.port) != here:
        if url.scheme != "https":
            raise invalid(server, call.name, f"the answer redirects to {url.scheme}://{url.host}")
        ours = {"cookie", *(name.lower() for name in server.headers)}
        headers = {name: value for name, value in headers.items() if name not in ours}
    return httpx2.Request("GET", url, headers=headers, extensions=request.extensions)


def timeout_of(seconds: float, deadline: Deadline) -> httpx2.Timeout:
    """The timeouts of a call.

    Args:
        seconds: Most seconds between two bytes.
        deadline: The end of it all.

    Raises:
        DeadlineExceededError: If the time is up.
    """
    import httpx2

    # A timeout of zero would put the socket into non-blocking mode.
    deadline.check("the call")
    between = deadline.timeout(seconds)
    return httpx2.Timeout(between, connect=deadline.timeout(min(seconds, _CONNECT_SECONDS)))
