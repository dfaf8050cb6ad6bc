"""The border to the network: what httpx2 raises and servers answer, as racto's errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from racto.core.errors import (
    APIConnectionError,
    InvalidResponseError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    RateLimitError,
)

from .api_keys import Server


@contextmanager
def translating(server: Server, doing: str) -> Iterator[None]:
    """Turn what the HTTP library raises inside into racto's errors.

    Args:
        server: Who was called.
        doing: What was being done, for example ``POST /batches``.
    """
    import httpx2

    try:
        yield
    except RactoGatewayError:
        raise
    except (TimeoutError, httpx2.TimeoutException) as error:
        raise RactoGatewayTimeoutError(
            f"{server.provider}, {doing}: no answer in time ({type(error).__name__})",
            provider=server.provider,
        ) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        told = server.cleaned(str(error).encode("utf-8", "replace")).decode("utf-8", "replace")
        raise APIConnectionError(
            f"{server.provider}, {doing}: the connection to {_place(server)} failed: "
            f"{told or 'no further words'} ({type(error).__name__})",
            provider=server.provider,
        ) from error


def is_undone(error: RactoGatewayError) -> bool:
    """Whether a call that failed has surely had no effect, so that it may be made again.

    Args:
        error: Why it failed.
    """
    import httpx2

    if isinstance(error.__cause__, (httpx2.ConnectError, httpx2.ConnectTimeout)):
        return True
    status = error.status_code
    # Who refuses has done nothing; who breaks down or falls silent may have.
    return isinstance(error, RateLimitError) or (status is not None and 400 <= status < 500)


def invalid(server: Server, doing: str, why: str, *, body: bytes = b"") -> InvalidResponseError:
    """The error for an answer that the protocol does not allow.

    Args:
        server: Who answered.
        doing: What was being done.
        why: What is wrong with it.
        body: Its body.
    """
    # Cleaned before it is cut, because half a key is not recognised.
    shown = server.cleaned(body[:4096]).decode("utf-8", "replace")[:200]
    begins = f"; it begins {shown!r}" if shown else ""
    return InvalidResponseError(
        f"{server.provider}, {doing}: {why}{begins}; check base_url", provider=server.provider
    )


def _place(server: Server) -> str:
    """Scheme and host, without what the address may hold of secrets."""
    scheme, _, rest = server.root.partition("://")
    return f"{scheme}://{rest.partition('/')[0].rpartition('@')[2]}"
