"""Lua scripts, sent by their digest and loaded where the server does not know them."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha1
from typing import Any

_UNKNOWN = "NoScriptError"


class Script:
    """One script, which runs as one atomic step and takes one round trip.

    Args:
        source: The Lua code.
    """

    def __init__(self, source: str) -> None:
        self.source = source.encode()
        self.digest = sha1(self.source, usedforsecurity=False).hexdigest().encode()

    def run(self, client: Any, keys: Sequence[bytes], arguments: Sequence[bytes]) -> Any:
        """Run it with a client.

        Args:
            client: A ``redis.Redis``; the async twin takes a ``redis.asyncio.Redis``.
            keys: All keys that it touches; of one slot, on a cluster.
            arguments: What it takes else.
        """
        try:
            return client.execute_command("EVALSHA", self.digest, len(keys), *keys, *arguments)
        except Exception as error:
            # A server that was restarted or flushed; EVAL loads it again, wherever the key lies.
            if type(error).__name__ != _UNKNOWN:
                raise
        return client.execute_command("EVAL", self.source, len(keys), *keys, *arguments)

    async def arun(self, client: Any, keys: Sequence[bytes], arguments: Sequence[bytes]) -> Any:
        """Async twin of :meth:`run`."""
        try:
            return await client.execute_command(
                "EVALSHA", self.digest, len(keys), *keys, *arguments
            )
        except Exception as error:
            if type(error).__name__ != _UNKNOWN:
                raise
        return await client.execute_command("EVAL", self.source, len(keys), *keys, *arguments)
