"""Where an Ollama server is: the forms in which its address is written, as one URL."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from racto.core.errors import ConfigurationError

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 11434

_SCHEME_PORTS = {"http": 80, "https": 443}
# Where a server listens on all interfaces, a client on the same machine calls its own.
_ANYWHERE = {"0.0.0.0": DEFAULT_HOST, "::": "::1"}  # noqa: S104 - nothing is bound here


def base_url_of(address: str | None) -> str:
    """The root URL for an address as Ollama itself reads them.

    Args:
        address: A URL, ``host``, ``host:port`` or ``:port``, with or without a path, and
            ``name:password@`` before the host; ``OLLAMA_HOST`` when None or empty, and without that this machine. The port is 11434
            unless the address has one or names a scheme.

    Raises:
        ConfigurationError: If it is no address.
    """
    text = (address or os.environ.get("OLLAMA_HOST", "")).strip().strip("\"'")
    scheme, found, rest = text.partition("://")
    if not found:
        scheme, rest = "http", text
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        port, host = parts.port, parts.hostname or DEFAULT_HOST
    except ValueError as error:
        raise ConfigurationError(f"{text!r} is no address of a server: {error}") from error
    if port is None:
        # The scheme's own port, as everywhere, where a scheme is named.
        port = _SCHEME_PORTS.get(scheme, DEFAULT_PORT) if found else DEFAULT_PORT
    host = _ANYWHERE.get(host, host)
    name = f"[{host}]" if ":" in host else host
    user, at, _ = parts.netloc.rpartition("@")
    return f"{scheme}://{user}{at}{name}:{port}{parts.path.rstrip('/')}"
