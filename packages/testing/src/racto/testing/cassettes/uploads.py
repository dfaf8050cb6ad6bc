"""Addresses that an API hands out for an upload: they must lead back to the server before it."""

from __future__ import annotations

from collections.abc import Mapping

from racto.core.errors import ConfigurationError
from racto.testing.exchange import Incoming

_ADDRESS = "x-goog-upload-url"


def below_root(headers: Mapping[str, str], root: str) -> dict[str, str]:
    """Headers as they are kept: an address of the API as the path below its root.

    Args:
        headers: Headers of an answer, names in lower case.
        root: Root of the API.

    Raises:
        ConfigurationError: If the address is not below the root, so that the upload itself would
            go past the recording.
    """
    if (address := headers.get(_ADDRESS)) is None:
        return dict(headers)
    if not address.startswith(f"{root}/"):
        raise ConfigurationError(
            f"the API wants an upload at {address.partition('?')[0]}, which is not below "
            f"upstream={root!r}; give the API's host without a path, and the same to the client"
        )
    return {**headers, _ADDRESS: address.removeprefix(root)}


def addressed(headers: Mapping[str, str], request: Incoming) -> dict[str, str]:
    """Headers as a client gets them: the kept path at the server that the client has asked.

    Args:
        headers: Headers as they are kept.
        request: What the client asked.
    """
    if (path := headers.get(_ADDRESS)) is None:
        return dict(headers)
    return {**headers, _ADDRESS: f"http://{request.headers['host']}{path}"}
