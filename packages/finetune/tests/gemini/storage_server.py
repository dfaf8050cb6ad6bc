"""A server that keeps files as Google's Cloud Storage does: resumable uploads, cut where a test says."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import deque
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from racto.testing import Conduct, Incoming, LoopbackServer, Outgoing, Script

_UPLOADS = re.compile(r"/upload/storage/v1/b/([^/]+)/o")
_EXTENT = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)")


class Storage:
    """The protocol; keeps :class:`~racto.testing.Provider`.

    Attributes:
        files: Contents by bucket and name.
        troubles: What goes wrong next: a number of bytes of a piece that are kept before the
            connection ends, a status, or ``gone`` for a session that has run out; None for nothing.
        place: Where uploads go on, instead of here; empty for here.
        stands_still: Whether pieces are taken and not kept.
    """

    name = "storage"
    root = ""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.troubles: deque[int | str | None] = deque()
        self.place = ""
        self.stands_still = False
        self._sessions: dict[str, tuple[str, str, bytearray]] = {}

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """Open an upload, or take a piece of one."""
        if request.headers.get("authorization") != "Bearer test-key":
            return _refusal(401, "Invalid Credentials")
        trouble = self.troubles.popleft() if self.troubles else None
        if isinstance(trouble, int) and trouble >= 400:
            return _refusal(trouble, "The storage has trouble.")
        if found := _UPLOADS.fullmatch(request.path):
            return self._begin(found[1], request)
        return self._take(request, trouble)

    def _begin(self, bucket: str, request: Incoming) -> Outgoing:
        if bucket == "closed":
            return _refusal(403, "The account does not have storage.objects.create access.")
        query = {
            name: values[0] for name, values in parse_qs(urlsplit(request.target).query).items()
        }
        assert (query["uploadType"], query["ifGenerationMatch"]) == ("resumable", "0")
        name = f"{bucket}/{query['name']}"
        if name in self.files:
            return _refusal(412, "At least one of the pre-conditions you specified did not hold.")
        session = f"/session/{len(self._sessions) + 1}"
        self._sessions[session] = (name, request.json["md5Hash"], bytearray())
        host = self.place or f"http://{request.headers['host']}"
        return Outgoing(headers={"location": f"{host}{session}"})

    def _take(self, request: Incoming, trouble: int | str | None) -> Outgoing:
        if trouble == "gone":
            del self._sessions[request.path]
        if request.path not in self._sessions:
            return _refusal(410, "The upload session has run out.")
        name, md5, kept = self._sessions[request.path]
        extent = _EXTENT.fullmatch(request.headers["content-range"])
        assert extent is not None
        if extent[1] is not None and not self.stands_still:
            assert int(extent[1]) == len(kept)
            assert int(extent[2]) - int(extent[1]) + 1 == len(request.body)
            kept += request.body if not isinstance(trouble, int) else request.body[:trouble]
        if isinstance(trouble, int):
            return Outgoing(conduct=Conduct(hang_up=True))
        if len(kept) < int(extent[3]):
            there = {"range": f"bytes=0-{len(kept) - 1}"} if kept else {}
            return Outgoing(status=308, headers=there)
        if base64.b64encode(hashlib.md5(kept, usedforsecurity=False).digest()).decode() != md5:
            return _refusal(400, "Provided MD5 hash does not match.")
        self.files[name] = bytes(kept)
        return Outgoing(body=b"{}")


class StorageServer(LoopbackServer):
    """The server; its token is ``test-key``."""

    def __init__(self) -> None:
        self.storage = Storage()
        super().__init__(self.storage, key="test-key")


def _refusal(status: int, message: str) -> Outgoing:
    body: Mapping[str, Any] = {"error": {"code": status, "message": message}}
    return Outgoing(
        status=status,
        headers={"content-type": "application/json"},
        body=json.dumps(body).encode(),
    )
