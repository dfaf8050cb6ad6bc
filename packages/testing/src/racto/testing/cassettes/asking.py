"""A request as it stands in a recording."""

from __future__ import annotations

import re

from racto.testing.exchange import Incoming

from .scrubbing import Scrubber
from .tape import Exchange, readable

_BOUNDARY = re.compile(r'boundary="?([^";]+)')


def asked_of(request: Incoming, scrubber: Scrubber) -> Exchange:
    """A request, free of secrets and of what differs by chance.

    Args:
        request: The request.
        scrubber: Cuts out secrets.
    """
    body = request.body
    boundary = _BOUNDARY.search(request.headers.get("content-type", ""))
    # Clients make a new boundary for every upload.
    if boundary:
        body = body.replace(boundary[1].encode(), b"boundary")
    path, _, query = request.target.partition("?")
    return Exchange(
        method=request.method,
        path=scrubber.path(path),
        query=scrubber.query(query),
        asked=scrubber.value(readable(body)),
    )
