"""How a provider is reached: its clients are made here, and each single call."""

from __future__ import annotations

from typing import Any, Literal, Protocol, TypeAlias

from racto.core.errors import ConfigurationError, MissingExtraError
from racto.providers.kits.wires import WireRequest

HTTPLibrary: TypeAlias = Literal["httpx2", "aiohttp"]
"""What carries the async calls of an SDK: aiohttp is faster with many at once, and an extra."""


class Dialer(Protocol):
    """Makes the clients of one provider and makes calls with them, without retries.

    A call returns an open response of httpx2, its body unread, whatever its status; an SDK
    raises an error of its own for a status of 400 or above, and a translator knows both.
    """

    def load(self) -> None:
        """Import what clients are made of: seconds for an SDK, nothing from the second time on."""
        ...

    def client(self) -> Any:
        """A new synchronous client."""
        ...

    def aclient(self) -> Any:
        """A new client for the running event loop."""
        ...

    def call(self, client: Any, request: WireRequest, timeout: Any) -> Any:
        """Make one call.

        Args:
            client: What :meth:`client` made.
            request: What to send.
            timeout: An ``httpx2.Timeout``.
        """
        ...

    async def acall(self, client: Any, request: WireRequest, timeout: Any) -> Any:
        """Async twin of :meth:`call`, with a client of :meth:`aclient`."""
        ...

    def close(self, client: Any) -> None:
        """Close a client of :meth:`client`."""
        ...

    async def aclose(self, client: Any) -> None:
        """Close a client of :meth:`aclient`."""
        ...


class SDKDialer:
    """Calls through the low-level ``post`` of the openai and the anthropic SDK.

    The two are generated alike: their URLs, keys and errors are used, their typed models are
    not. Those cost tens of milliseconds on a long history and a hundred microseconds on each
    chunk of a stream; ``make bench PKG=racto-providers`` measures both.

    Args:
        http: What carries the async calls.

    Raises:
        ConfigurationError: If ``http`` is something else.
    """

    def __init__(self, *, http: HTTPLibrary = "httpx2") -> None:
        if http not in ("httpx2", "aiohttp"):
            raise ConfigurationError(f'http must be "httpx2" or "aiohttp", not {http!r}')
        self._http = http

    def load(self) -> None:
        """Import the SDK; a provider's subclass knows which."""
        raise NotImplementedError(f"{type(self).__name__} must say what is imported")

    def client(self) -> Any:
        """A new synchronous client; a provider's subclass makes it."""
        raise NotImplementedError(f"{type(self).__name__} must say how a client is made")

    def aclient(self) -> Any:
        """A new client for the running event loop; a provider's subclass makes it."""
        raise NotImplementedError(f"{type(self).__name__} must say how a client is made")

    def http_client(self, sdk: Any) -> Any:
        """What an SDK's synchronous client is made with as ``http_client``.

        Args:
            sdk: The SDK's module.
        """
        from .http import sync_options

        return sdk.DefaultHttpxClient(**sync_options())

    def ahttp_client(self, sdk: Any) -> Any:
        """What an SDK's async client is made with as ``http_client``.

        Args:
            sdk: The SDK's module.

        Raises:
            MissingExtraError: If aiohttp was asked for and is not installed.
        """
        from .http import pool_options

        if self._http == "httpx2":
            return sdk.DefaultAsyncHttpxClient(**pool_options())
        _require_aiohttp()
        return sdk.DefaultAioHttpClient(**pool_options())

    def call(self, client: Any, request: WireRequest, timeout: Any) -> Any:
        """Make one call."""
        return client.post(request.path, **_posted(request, timeout))

    async def acall(self, client: Any, request: WireRequest, timeout: Any) -> Any:
        """Async twin of :meth:`call`."""
        return await client.post(request.path, **_posted(request, timeout))

    def close(self, client: Any) -> None:
        """Close a synchronous client."""
        client.close()

    async def aclose(self, client: Any) -> None:
        """Close a client of an event loop."""
        await client.close()


def _posted(request: WireRequest, timeout: Any) -> dict[str, Any]:
    from .http import httpx

    options: dict[str, Any] = {"timeout": timeout}
    if request.headers:
        options["headers"] = dict(request.headers)
    return {
        "body": request.body,
        "cast_to": httpx().Response,
        # Also where the whole reply is wanted: only so can a slow body be left in time.
        "stream": True,
        "options": options,
    }


def _require_aiohttp() -> None:
    # The SDKs notice that it is missing, and name an extra of theirs.
    try:
        import aiohttp  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "aiohttp", install="racto-providers[aiohttp]", purpose='http="aiohttp"'
        ) from error
