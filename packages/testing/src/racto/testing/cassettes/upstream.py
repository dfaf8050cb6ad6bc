"""The real provider behind a recording; the one place that imports an HTTP client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from racto.core.errors import ConfigurationError, MissingExtraError
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

    Attributes:
        url: Root of the API, without a slash at its end.
    """

    def __init__(self, url: str, *, timeout: float = 600.0) -> None:
        self.url = url.rstrip("/")
        self._timeout = timeout
        self._trusted: Any = None

    def ask(self, request: Incoming) -> AbstractAsyncContextManager[Any]:
        """Send a request on, path and query as they came.

        Args:
            request: The request.

        Returns:
            Holds the open response, an ``httpx2.Response``.

        Raises:
            ConfigurationError: If the API cannot be reached, or breaks off.
            MissingExtraError: If httpx2 is not installed.
        """
        return self._asked(request)

    @asynccontextmanager
    async def _asked(self, request: Incoming) -> AsyncIterator[Any]:
        httpx2 = _httpx()
        # Reading the certificates is the dear part of a client, and only that is shared.
        self._trusted = self._trusted or httpx2.create_ssl_context()
        async with httpx2.AsyncClient(timeout=self._timeout, verify=self._trusted) as client:
            built = client.build_request(
                request.method,
                self.url + request.target,
                headers=_sent_on(request.headers),
                content=request.body,
            )
            try:
                response = await client.send(built, stream=True)
                yield response
            except (httpx2.TransportError, httpx2.InvalidURL) as error:
                raise ConfigurationError(
                    f"the real API at {self.url} gave no answer to {request.method} "
                    f"{request.path} ({error!r}); check upstream= and the network"
                ) from error


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
