"""Where the broker and the result back end of an app are: for errors, so host and port alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit


def broker_of(app: Any) -> str:
    """Host and port of an app's broker, several after a comma."""
    urls = app.conf.broker_write_url
    return hosts_of(urls if isinstance(urls, Sequence) and not isinstance(urls, str) else [urls])


def result_host_of(app: Any) -> str:
    """Host and port of an app's result back end, or the scheme of one that has no host."""
    return hosts_of([app.conf.result_backend])


def hosts_of(urls: Sequence[Any]) -> str:
    """Host and port of each URL; never a user, a password, a path or a query.

    A text may hold several URLs with ``;`` between them, as kombu reads it.
    """
    texts = [text.strip() for url in urls if url for text in str(url).split(";")]
    return ", ".join(dict.fromkeys(filter(None, map(_host, texts))))


def _host(url: str) -> str:
    try:
        parts = urlsplit(url if "://" in url else f"{url}://")
        # What a password with a stray "/" leaves behind is taken for a port, and refused.
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if not host:
        return parts.scheme
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{port}" if port else host
