"""Training files on Cloud Storage, where Vertex AI reads them: uploaded in pieces, resumed, checked."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from racto.core.errors import ConfigurationError, RactoGatewayError
from racto.core.flows import Flow, step
from racto.finetune.calls import UPLOAD_SECONDS, Calls
from racto.finetune.failures import Translator
from racto.finetune.sleeping import asleep, sleep

STORAGE_URL = "https://storage.googleapis.com"
"""Root of Google's Cloud Storage."""
CHUNK = 8 * 1024 * 1024
"""Bytes of one piece; a multiple of 256 KiB, as the protocol wants."""

_CONNECT_SECONDS = 10.0
_RANGE = re.compile(r"bytes=0-(\d+)")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
# The piece is here, and the rest is not.
_MORE = 308
_EXISTS = 412
_GONE = (404, 410)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Where files are put.

    Attributes:
        name: Name of the bucket.
        prefix: What the names of the files begin with, ending with a slash unless empty.
    """

    name: str
    prefix: str = ""

    @classmethod
    def named(cls, text: str) -> Bucket:
        """The bucket that a text names.

        Args:
            text: ``gs://bucket/folder``, or without the scheme, or without the folder.

        Raises:
            ConfigurationError: If it names none.
        """
        name, _, folder = text.removeprefix("gs://").partition("/")
        if not _BUCKET.fullmatch(name):
            raise ConfigurationError(
                f"{text!r} names no bucket of Cloud Storage; write 'gs://bucket' or "
                "'gs://bucket/folder'"
            )
        folder = folder.strip("/")
        return cls(name=name, prefix=f"{folder}/" if folder else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What tells a file's content apart.

    Attributes:
        sha256: In hexadecimal; the file's name is made of it.
        md5: In base64; Cloud Storage compares it with what has arrived.
        size: Bytes.
    """

    sha256: str
    md5: str
    size: int


def fingerprint(path: Path) -> Fingerprint:
    """Read a file to its end, and tell its content apart.

    Args:
        path: The file.
    """
    sha, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            sha.update(piece)
            md5.update(piece)
            size += len(piece)
    return Fingerprint(
        sha256=sha.hexdigest(), md5=base64.b64encode(md5.digest()).decode(), size=size
    )


class Staging:
    """Uploads to one bucket.

    A file is named after its content: what is there already is not sent again, and an upload that
    was cut is resumed at the byte where it stopped.

    Args:
        bucket: Where files are put.
        url: Root of the storage service.
        translator: Makes racto's errors of refusals.
    """

    def __init__(self, bucket: Bucket, *, url: str, translator: Translator) -> None:
        self._bucket = bucket
        self._url = url.rstrip("/")
        self._translator = translator

    def put(self, calls: Calls, path: Path, known: Fingerprint) -> Flow[str]:
        """Upload a file.

        Args:
            calls: Calls to Google.
            path: The file.
            known: Its fingerprint.

        Returns:
            Its address, ``gs://...``.

        Raises:
            RactoGatewayError: What the storage, or the network, has against it.
        """
        name = f"{self._bucket.prefix}racto-finetune/{known.sha256}.jsonl"
        failures = 0
        while True:
            session: str | None = yield from calls.ask(
                lambda clients, seconds: self._begin(clients.storage, name, known, seconds)
            )
            if session is None:
                break
            try:
                yield from self._send(calls, session, path, known.size)
                break
            except _SessionGoneError as error:
                failures += 1
                if failures >= calls.retries.attempts:
                    raise error.refusal from None
        return f"gs://{self._bucket.name}/{name}"

    def _send(self, calls: Calls, session: str, path: Path, size: int) -> Flow[None]:
        offset: int | None = 0
        failures = 0
        while offset is not None:
            with path.open("rb") as file:
                file.seek(offset)
                piece = file.read(CHUNK)
            trouble = False
            try:
                there = yield from calls.once(
                    self._piece(session, piece, offset, size), seconds=UPLOAD_SECONDS
                )
            except RactoGatewayError as error:
                trouble = True
                failures += 1
                if not error.retryable or failures >= calls.retries.attempts:
                    raise
                wait = calls.retries.delay(failures, retry_after=error.retry_after)
                yield from step(sleep, asleep, wait)
                # How much of the piece has arrived, only the storage knows.
                there = yield from calls.ask(self._piece(session, b"", 0, size))
            # Patience is for one place: a long upload over a bad line may fail many times in all.
            if there is None or there > offset:
                failures = 0
            elif not trouble:
                failures += 1
                if failures >= calls.retries.attempts:
                    raise self._translator.malformed(f"the upload stands still at byte {there}")
            offset = there

    def _begin(self, storage: Any, name: str, known: Fingerprint, seconds: float) -> str | None:
        """Open a session for an upload; None when the file is there already."""
        answer = storage.post(
            f"{self._url}/upload/storage/v1/b/{self._bucket.name}/o"
            # Never over a file that is there: it has the same content.
            f"?uploadType=resumable&ifGenerationMatch=0&name={quote(name, safe='')}",
            json={"name": name, "md5Hash": known.md5, "contentType": "application/jsonl"},
            headers={"x-upload-content-length": str(known.size)},
            timeout=(_CONNECT_SECONDS, seconds),
            allow_redirects=False,
        )
        # Of that name, so with that content: somebody uploaded the same examples before.
        if answer.status_code == _EXISTS:
            return None
        if answer.status_code != 200:
            raise self._refusal(answer)
        session = str(answer.headers.get("location", ""))
        # The calls are signed: an address elsewhere would learn the token.
        if urlsplit(session)[:2] != urlsplit(self._url)[:2]:
            raise self._translator.malformed(f"an upload is to go on at {session[:80]!r}")
        return session

    def _piece(self, session: str, piece: bytes, offset: int, size: int) -> Any:
        """A call that sends a piece, or asks how much is there; gives that, or None for all."""
        last = offset + len(piece) - 1
        extent = f"bytes {offset}-{last}/{size}" if piece else f"bytes */{size}"

        def use(clients: Any, seconds: float) -> int | None:
            answer = clients.storage.put(
                session,
                data=piece,
                headers={"content-range": extent},
                timeout=(_CONNECT_SECONDS, seconds),
                allow_redirects=False,
            )
            if answer.status_code in (200, 201):
                return None
            if answer.status_code in _GONE:
                raise _SessionGoneError(self._refusal(answer))
            if answer.status_code != _MORE:
                raise self._refusal(answer)
            there = _RANGE.fullmatch(str(answer.headers.get("range", "")))
            return int(there[1]) + 1 if there else 0

        return use

    def _refusal(self, answer: Any) -> RactoGatewayError:
        return self._translator.refused(
            answer.status_code, _words(answer), headers=dict(answer.headers)
        )


class _SessionGoneError(Exception):
    """A session has run out; the upload begins anew. Never leaves this room."""

    def __init__(self, refusal: RactoGatewayError) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


def _words(answer: Any) -> str:
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return str(answer.text)
