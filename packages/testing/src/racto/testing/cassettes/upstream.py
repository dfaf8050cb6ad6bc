"""The real provider behind a recording; the one place that imports an HTTP client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from racto.core.errors import MissingExtraError
from racto.testing.exchange import Incoming

# The client's own connection ends here; the one to the provider is another.
_OF_THE_CONNECTION = frozenset(
    [
        "host",
        "connection",
        "content-length",
        "transfer-encoding",
        "accept-encoding",
        "keep-alive",
        "expect",
        "te",
        "upgrade",
        "proxy-connection",
    ]
)


class Upstream:
    """Sends requests on to a real API.

    Args:
        url: Root of the API, for example ``https://api.openai.com/v1``.
        timeout: Seconds to wait for each piece of an answer.
    """

    def __init__(self, url: str, *, timeout: float = 600.0) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._client: Any = None

    def ask(self, request: Incoming) -> AbstractContextManager[Any]:
        """Send a request on; the open response is an ``httpx2.Response``."""
        return self._asked(request)

    def close(self) -> None:
        """Hang up; another request would connect again."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    @contextmanager
    def _asked(self, request: Incoming) -> Iterator[Any]:
        if self._client is None:
            self._client = _httpx().Client(timeout=self._timeout, follow_redirects=False)
        built = self._client.build_request(
            request.method,
            self._url + request.path,
            params=dict(request.query),
            headers=_sent_on(request.headers),
            content=request.body,
        )
        response = self._client.send(built, stream=True)
        try:
            yield response
        finally:
            response.close()


def _sent_on(headers: Mapping[str, str]) -> dict[str, str]:
    kept = {name: text for name, text in headers.items() if name not in _OF_THE_CONNECTION}
    # A recording should be readable, and secrets in it findable.
    return {**kept, "accept-encoding": "identity"}


def _httpx() -> Any:
    try:
        import httpx2
    except ImportError as error:
        raise MissingExtraError(
            "httpx2", install="racto-testing[record]", purpose="recording a real API"
        ) from error
    return httpx2
