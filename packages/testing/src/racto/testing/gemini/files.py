"""Files that a client uploads in pieces, or that a batch leaves behind."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from typing import Any

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.interjections import Interjections
from racto.testing.payloads import encoded

from .failures import failure_answer, refusal
from .moments import moment
from .requests import FILE, read
from .routes import Route
from .shelves import Shelf

_TWO_DAYS = 48 * 3600
_NAME = re.compile(r"files/[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_ADDRESS = re.compile(r"https?://[^/]+/v1\w*/(files/[a-z0-9-]+)")
# Pieces but the last are multiples of it; smaller ones are taken, for small tests.
_GRANULARITY = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file that the API keeps.

    Attributes:
        info: What the API tells of it.
        data: Its bytes.
    """

    info: dict[str, Any]
    data: bytes


@dataclass(slots=True)
class _Upload:
    info: dict[str, Any]
    data: bytearray = field(default_factory=bytearray)


class FilesEndpoint(Interjections):
    """Takes uploads; shows, lists, deletes and gives back files."""

    def __init__(self) -> None:
        super().__init__()
        missing = "You do not have permission to access the File {id} or it may not exist."
        self._shelf: Shelf[StoredFile] = Shelf(missing, status=HTTPStatus.FORBIDDEN)
        self._uploads: dict[str, _Upload] = {}
        self._final = set[str]()
        self._numbers = count(1)

    def takes(self, route: Route, request: Incoming) -> bool:
        """Whether the request is about files."""
        actions = ("create",) if route.upload else ("list", "get", "delete", "download")
        return route.collection == "files" and route.action(request.method) in actions

    def is_upload(self, request: Incoming) -> bool:
        """Whether the request goes on with an upload, which needs no key."""
        id = request.query.get("upload_id")
        asks = request.headers.get("x-goog-upload-command") == "query"
        return id in self._uploads or (asks and id in self._final)

    def answer(self, route: Route, request: Incoming, script: Script) -> Outgoing:
        """The answer.

        Raises:
            Refusal: If the real API would refuse the request.
        """
        return self._interrupted(lambda: self._answer(route, request), failure_answer)

    def check(self, asked: Mapping[str, Any]) -> None:
        """Refuse a generation that refers to a file which is not there.

        Args:
            asked: The request, as it was read.

        Raises:
            Refusal: If it is so.
        """
        for content in asked.get("contents", ()):
            for part in content.get("parts", ()):
                # Addresses of other hosts, such as YouTube's, are not for us to check.
                uri = part.get("fileData", {}).get("fileUri", "")
                if found := _ADDRESS.fullmatch(uri):
                    self._shelf.get(found.group(1))

    def content(self, name: str) -> bytes:
        """The bytes of a file.

        Raises:
            Refusal: If there is none of this name.
        """
        return self._shelf.get(name).data

    def keep(self, data: bytes, *, host: str, mime_type: str) -> str:
        """Keep a file that was made here, for download.

        Args:
            data: Its bytes.
            host: Host and port of the server, for its address.
            mime_type: Its MIME type.

        Returns:
            Its name.
        """
        info = {"name": f"files/generated-{next(self._numbers)}", "mimeType": mime_type}
        stored = _stored(info, data, host=host, source="GENERATED")
        self._shelf.put(info["name"], stored)
        return info["name"]

    def _answer(self, route: Route, request: Incoming) -> Outgoing:
        match route.action(request.method):
            case "create":
                return self._upload(request)
            case "download":
                return self._download(route.name)
            case "list":
                page = self._shelf.page(request.query, "files", lambda stored: stored.info)
                return Outgoing(body=encoded(page))
            case "delete":
                self._shelf.drop(route.name)
                return Outgoing(body=b"{}")
        return Outgoing(body=encoded(self._shelf.get(route.name).info))

    def _upload(self, request: Incoming) -> Outgoing:
        commands = request.headers.get("x-goog-upload-command", "").replace(" ", "").split(",")
        if commands == ["start"]:
            return self._start(request)
        id = request.query.get("upload_id", "")
        upload = self._uploads.get(id)
        if commands == ["query"] and (upload or id in self._final):
            return _standing(upload)
        if upload is None:
            raise refusal("Upload must be started with X-Goog-Upload-Command: start.")
        # A client that lost an answer would send a piece twice, and the file would be spoilt.
        if request.headers.get("x-goog-upload-offset", "0") != str(len(upload.data)):
            raise refusal(f"Upload offset must be {len(upload.data)}.")
        upload.data += request.body
        if "finalize" not in commands:
            return Outgoing(headers={"x-goog-upload-status": "active"}, body=b"")
        del self._uploads[id]
        self._final.add(id)
        return self._finish(upload, request.headers.get("host", ""))

    def _start(self, request: Incoming) -> Outgoing:
        if request.headers.get("x-goog-upload-protocol") != "resumable":
            raise refusal("Upload protocol must be resumable.")
        info = dict(read(FILE, request).get("file", {}))
        name = info.setdefault("name", f"files/upload-{next(self._numbers)}")
        if not _NAME.fullmatch(name):
            raise refusal(
                "* CreateFileRequest.file.name: must be files/ and at most 40 lowercase letters,"
                " digits and dashes\n"
            )
        if name in self._shelf:
            raise refusal("Requested entity already exists", status=HTTPStatus.CONFLICT)
        info.setdefault("mimeType", request.headers.get("x-goog-upload-header-content-type", ""))
        upload_id = f"upload-{next(self._numbers)}"
        self._uploads[upload_id] = _Upload(info)
        host = request.headers.get("host", "")
        headers = {
            "x-goog-upload-url": f"http://{host}/upload/v1beta/files?upload_id={upload_id}",
            "x-goog-upload-status": "active",
            "x-goog-upload-chunk-granularity": str(_GRANULARITY),
        }
        return Outgoing(headers=headers, body=b"{}")

    def _finish(self, upload: _Upload, host: str) -> Outgoing:
        told = upload.info.get("sizeBytes")
        if told not in (None, len(upload.data)):
            raise refusal(f"Upload has {len(upload.data)} bytes, and was to have {told}.")
        stored = _stored(upload.info, bytes(upload.data), host=host, source="UPLOADED")
        self._shelf.put(stored.info["name"], stored)
        headers = {"x-goog-upload-status": "final"}
        return Outgoing(headers=headers, body=encoded({"file": stored.info}))

    def _download(self, name: str) -> Outgoing:
        stored = self._shelf.get(name)
        if stored.info["source"] != "GENERATED":
            raise refusal("Only generated files can be downloaded.")
        return Outgoing(headers={"content-type": stored.info["mimeType"]}, body=stored.data)


def _standing(upload: _Upload | None) -> Outgoing:
    """How far an upload is, for a client that has lost an answer; None for one that is complete."""
    if upload is None:
        return Outgoing(headers={"x-goog-upload-status": "final"}, body=b"")
    received = {"x-goog-upload-size-received": str(len(upload.data))}
    return Outgoing(headers={"x-goog-upload-status": "active", **received}, body=b"")


def _stored(info: Mapping[str, Any], data: bytes, *, host: str, source: str) -> StoredFile:
    uri = f"http://{host}/v1beta/{info['name']}"
    told = {
        **info,
        "sizeBytes": str(len(data)),
        "createTime": moment(),
        "updateTime": moment(),
        "expirationTime": moment(after=_TWO_DAYS),
        # The real API encodes the hexadecimal digits, not the digest itself.
        "sha256Hash": base64.b64encode(hashlib.sha256(data).hexdigest().encode()).decode(),
        "uri": uri,
        "state": "ACTIVE",
        "source": source,
    }
    if source == "GENERATED":
        told["downloadUri"] = f"{uri}:download?alt=media"
    return StoredFile(info=told, data=data)
