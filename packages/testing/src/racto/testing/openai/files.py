"""The files of an organisation: uploaded by clients, or written by its batches and tunings."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Annotated, Any, Literal

from pydantic import Field

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.fields import Given, Strict
from racto.testing.interjections import Interjections
from racto.testing.payloads import encoded

from .failures import failure_answer, refusal
from .listing import FilesQuery, page, read_fields
from .multipart import FormField, read_form
from .wording import missing

PATH = "/v1/files"
LARGEST_FILE = 512 * 1024 * 1024
"""Most bytes of a file."""
LARGEST_BATCH_FILE = 200 * 1024 * 1024
"""Most bytes of a file for a batch."""

_THIRTY_DAYS = 30 * 24 * 3600
# The words of the API name the one that would have to read it.
_JSONL_ONLY = {"batch": "Batch API", "fine-tune": "Fine-tuning API"}
# What was given for the provider's own use cannot be had back.
_KEPT = frozenset({"assistants", "user_data"})


class ExpiresAfter(Strict):
    """When a file is deleted."""

    anchor: Literal["created_at"]
    seconds: Annotated[int, Field(ge=3600, le=2_592_000)]


class FileForm(Strict):
    """What comes with an uploaded file."""

    purpose: Literal["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]
    expires_after: Given[ExpiresAfter] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file and what is known of it.

    Attributes:
        id: Its id.
        filename: Its name.
        purpose: What it is for.
        content: Its bytes.
        created_at: Seconds since 1970.
        expires_at: Seconds since 1970; None when it stays.
    """

    id: str
    filename: str
    purpose: str
    content: bytes
    created_at: int
    expires_at: int | None

    def shown(self) -> dict[str, Any]:
        """The file as the API shows it."""
        return {
            "id": self.id,
            "object": "file",
            "bytes": len(self.content),
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "filename": self.filename,
            "purpose": self.purpose,
            "status": "processed",
            "status_details": None,
        }


class FilesEndpoint(Interjections):
    """Keeps files."""

    def __init__(self) -> None:
        super().__init__()
        self._files: dict[str, StoredFile] = {}
        self._ids = count(1)

    def keep(
        self, content: bytes, *, filename: str, purpose: str, seconds: int | None = None
    ) -> StoredFile:
        """Keep a file.

        Args:
            content: Its bytes.
            filename: Its name.
            purpose: What it is for.
            seconds: How long it is kept; None keeps it.
        """
        now = int(time.time())
        file = StoredFile(
            id=f"file-{next(self._ids):022d}",
            filename=filename,
            purpose=purpose,
            content=content,
            created_at=now,
            expires_at=None if seconds is None else now + seconds,
        )
        self._files[file.id] = file
        return file

    def find(self, id: str) -> StoredFile | None:
        """The file of an id; None when there is none."""
        return self._files.get(id)

    def takes(self, request: Incoming) -> bool:
        """Whether the request is for files."""
        return request.path == PATH or request.path.startswith(f"{PATH}/")

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """Upload, list, show, hand out or delete files.

        Raises:
            Refusal: If the real API would refuse the request.
        """
        return self._interrupted(lambda: self._answer(request), failure_answer)

    def _answer(self, request: Incoming) -> Outgoing:
        id, _, what = request.path.removeprefix(PATH).strip("/").partition("/")
        asked = (request.method, what)
        if not id and asked == ("POST", ""):
            return _answer(self._upload(request).shown())
        if not id and asked == ("GET", ""):
            return self._list(request)
        if not id or asked not in (("GET", ""), ("GET", "content"), ("DELETE", "")):
            raise refusal(f"Invalid URL ({request.method} {request.path})", status=404)
        file = self._files.get(id)
        if file is None:
            raise refusal(f"No such File object: {id}", param="id", status=404)
        if what == "content":
            return _content(file)
        if request.method == "DELETE":
            del self._files[id]
            return _answer({"id": id, "object": "file", "deleted": True})
        return _answer(file.shown())

    def _upload(self, request: Incoming) -> StoredFile:
        try:
            fields = read_form(request.body, request.headers.get("content-type", ""))
        except ValueError as error:
            raise refusal(f"Could not parse multipart form: {error}.") from error
        files = [field for field in fields if field.name == "file"]
        if len(files) != 1 or files[0].filename is None:
            raise missing("file")
        form = read_fields(FileForm, _nested(field for field in fields if field.name != "file"))
        _check(files[0], form.purpose)
        # Shown, not done: a server does not live that long.
        seconds = _THIRTY_DAYS if form.purpose == "batch" else None
        return self.keep(
            files[0].content,
            filename=files[0].filename,
            purpose=form.purpose,
            seconds=form.expires_after.seconds if form.expires_after else seconds,
        )

    def _list(self, request: Incoming) -> Outgoing:
        query = read_fields(FilesQuery, request.query)
        files = [
            file.shown()
            for file in self._files.values()
            if query.purpose is None or file.purpose == query.purpose
        ]
        return page(files if query.order == "asc" else files[::-1], query)


def _check(file: FormField, purpose: str) -> None:
    # What its lines say is judged by the job that reads them, not here.
    if purpose in _JSONL_ONLY and not str(file.filename).endswith(".jsonl"):
        raise refusal(f"Invalid file format for {_JSONL_ONLY[purpose]}. Must be .jsonl")
    limit = LARGEST_BATCH_FILE if purpose == "batch" else LARGEST_FILE
    if len(file.content) > limit:
        size = f"{len(file.content)} bytes. The maximum for purpose '{purpose}' is {limit} bytes."
        raise refusal(f"File is too large: {size}", param="file", status=413)


def _nested(fields: Any) -> Mapping[str, Any]:
    """A form's texts: ``expires_after[seconds]`` is a field within another."""
    nested: dict[str, Any] = {}
    for field in fields:
        outer, bracket, inner = field.name.partition("[")
        text = field.content.decode("utf-8", "replace")
        if bracket and inner.endswith("]"):
            nested.setdefault(outer, {})[inner[:-1]] = text
        else:
            nested[field.name] = text
    return nested


def _content(file: StoredFile) -> Outgoing:
    if file.purpose in _KEPT:
        raise refusal(f"Not allowed to download files of purpose: {file.purpose}")
    return Outgoing(headers={"content-type": "application/octet-stream"}, body=file.content)


def _answer(body: Mapping[str, Any]) -> Outgoing:
    return Outgoing(body=encoded(body))
