"""Google's resumable uploads: piece by piece, and after a break from where the server stands."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from racto.core.deadlines import Deadline
from racto.core.errors import JobError, RactoGatewayError
from racto.core.flows import Flow, step
from racto.core.retries import retrying

from .call_failures import invalid
from .calls import Call, Reply
from .client import ProviderClient
from .job_fields import count_of, mapping_of, text_of
from .uploads import SpoolBody

PIECE = 8 * 2**20
"""Bytes of a piece; a multiple of 256 KiB, as the protocol wants."""

_TYPE = "application/jsonl"
_PAUSE_SECONDS = 2.0


class GeminiFiles:
    """The files of a key's project.

    Args:
        client: Calls the server; its root has no version.
        version: Version of the API.
    """

    def __init__(self, client: ProviderClient, version: str) -> None:
        self._client = client
        self._version = version

    def upload(self, spool: Path, tag: str, deadline: Deadline) -> Flow[str]:
        """Upload a file under a name that its tag tells, unless it is there.

        Args:
            spool: The file.
            tag: The order's tag.
            deadline: When to give up.

        Returns:
            The file's name, for example ``files/racto-0a1b``.

        Raises:
            JobError: If the server cannot read the file.
            RactoGatewayError: What the server answered, or what became of the connection.
        """
        # Letters, digits and dashes, at most 40.
        name = f"files/racto-{hashlib.sha256(tag.encode()).hexdigest()[:32]}"
        size = spool.stat().st_size
        try:
            address = yield from self._begin(name, size, deadline)
        except RactoGatewayError as error:
            # The upload of an earlier try, whose answer or whose job did not come about.
            if error.status_code != 409:
                raise
            return (yield from self._ready(name, size, deadline))
        at: int | None = 0
        while at is not None:
            at = yield from self._move(address, spool, at, size, deadline)
        return (yield from self._ready(name, size, deadline))

    def _begin(self, name: str, size: int, deadline: Deadline) -> Flow[str]:
        call = Call(
            method="POST",
            path=f"/upload/{self._version}/files",
            headers={
                "x-goog-upload-protocol": "resumable",
                "x-goog-upload-command": "start",
                "x-goog-upload-header-content-length": str(size),
                "x-goog-upload-header-content-type": _TYPE,
            },
            json={"file": {"name": name, "mimeType": _TYPE, "sizeBytes": str(size)}},
        )
        reply = yield from retrying(
            lambda: self._client.once(call, deadline), self._client.retries, deadline=deadline
        )
        told = urlsplit(reply.headers.get("x-goog-upload-url", ""))
        if not told.path:
            raise invalid(
                self._client.server, call.name, "the answer names no address to upload to"
            )
        # Its path at our own server: behind a proxy it leads past it, with our key.
        here = urlsplit(self._client.server.root)
        return told._replace(scheme=here.scheme, netloc=here.netloc).geturl()

    def _move(
        self, address: str, spool: Path, at: int, size: int, deadline: Deadline
    ) -> Flow[int | None]:
        """Send the piece that begins at an offset; the next one's offset, None after the last."""
        in_doubt = False

        def attempt() -> Flow[int | None]:
            nonlocal in_doubt
            if in_doubt:
                # How far it is only the server knows: a piece that is sent twice spoils the file.
                stands = yield from self._standing(address, size, deadline)
                if stands != at:
                    return stands
            in_doubt = True
            length = min(PIECE, size - at)
            is_last = at + length >= size
            reply = yield from self._client.once(
                Call(
                    method="POST",
                    path=address,
                    headers={
                        "x-goog-upload-command": "upload, finalize" if is_last else "upload",
                        "x-goog-upload-offset": str(at),
                    },
                    body=SpoolBody(path=spool, start=at, length=length),
                ),
                deadline,
            )
            status = _status(reply)
            if status != ("final" if is_last else "active"):
                raise invalid(
                    self._client.server, "POST upload", f"an upload is {status or 'of no status'}"
                )
            return None if is_last else at + length

        return (yield from retrying(attempt, self._client.retries, deadline=deadline))

    def _standing(self, address: str, size: int, deadline: Deadline) -> Flow[int | None]:
        """How many bytes the server has; None when the upload is complete."""
        call = Call(method="POST", path=address, headers={"x-goog-upload-command": "query"})
        reply = yield from self._client.once(call, deadline)
        if _status(reply) == "final":
            return None
        stands = count_of(reply.headers.get("x-goog-upload-size-received"))
        if _status(reply) != "active" or stands > size:
            raise invalid(self._client.server, "POST upload", "an upload cannot be continued")
        return stands

    def _ready(self, name: str, size: int, deadline: Deadline) -> Flow[str]:
        """Wait until the server has read the file."""
        call = Call(method="GET", path=f"/{self._version}/{name}")
        while True:
            file = yield from self._client.ask(call, deadline)
            if _is(file, "FAILED") or count_of(file.get("sizeBytes")) != size:
                why = text_of(mapping_of(file.get("error")).get("message"))
                raise JobError(
                    f"{self._client.server.provider}: the uploaded file {name} cannot be used"
                    f"{f' ({why})' if why else ', or is another one'}; delete it and submit again",
                    provider=self._client.server.provider,
                )
            if not _is(file, "PROCESSING"):
                return name
            deadline.check("the upload")
            yield from step(time.sleep, _asleep, _PAUSE_SECONDS)


def _is(file: Mapping[str, Any], state: str) -> bool:
    return text_of(file.get("state")) == state


def _status(reply: Reply) -> str:
    return str(reply.headers.get("x-goog-upload-status", "")).lower()


async def _asleep(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)
