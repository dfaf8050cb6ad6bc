"""EmailReader: the headers that people read and the best body of a saved message."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from typing import Any

from racto.core.documents import Document
from racto.core.errors import (
    EmptyDocumentError,
    RactoGatewayError,
    ReadError,
    UnsupportedFormatError,
)
from racto.core.flows import threaded
from racto.core.protocols.readers import ReadSource

from .characters import one_line, sound
from .composition import LINE, PARAGRAPH, Composition
from .html import read_page
from .registry import FileReaderRegistry
from .sources import DEFAULT_MAX_BYTES, Original, load

_SHOWN = ("Subject", "From", "To", "Cc", "Date")
# The standard library parses a header in time that grows with the square of its length.
_LONGEST_HEADER = 4_000
_LONGEST_PARSED = 20_000
_STRUCTURE = re.compile(
    rb"(?:^|[\r\n])content-[\w-]+:[^\r\n]*+(?:(?:\r\n?|\n)[ \t][^\r\n]*+)*+", re.I
)
# Every line is compared with the boundaries of all parts around it.
_MOST_MULTIPARTS = 200
_BOUNDARY = re.compile(rb"boundary\*?\d*\*?=", re.I)
_USUAL = frozenset({"from", "to", "subject", "date", "message-id", "received"})
_DEEPEST = 3
_UNATTACHED = frozenset({".eml", ".zip", ".tar", ".gz", ".tgz"})


class EmailReader:
    """Reads .eml files: subject, sender, recipients and date, then the body as text.

    The body is the plain one, or the text of the HTML one where there is no other. Attachments
    are listed by name. With a registry, those that it reads are read too, each a section, and
    so are attached messages, three deep at most; archives are not. An HTML body needs the
    extra ``html``.

    Args:
        registry: Reads attachments; None only lists them.
        max_bytes: Largest file to accept.
    """

    def __init__(
        self, *, registry: FileReaderRegistry | None = None, max_bytes: int = DEFAULT_MAX_BYTES
    ) -> None:
        self.registry = registry
        self.max_bytes = max_bytes

    @property
    def supported_extensions(self) -> frozenset[str]:
        """The usual ending of a saved message."""
        return frozenset({".eml"})

    def read(self, source: ReadSource) -> Document:
        """Read one message.

        Args:
            source: A path, bytes, or an open binary file.

        Returns:
            The document; its metadata has ``title`` (the subject), ``from``, ``to``, ``date``
            (ISO 8601), and, where there are any, ``attachments`` and ``unread_attachments``,
            which names those whose reader refused them.

        Raises:
            FileNotFoundError: If the path does not exist.
            ReadError: If it cannot be read, or is no message; the subclass says which.
            MissingExtraError: If its body is HTML, and selectolax is not installed.
        """
        original = load(source, max_bytes=self.max_bytes)
        if not original.data.strip():
            raise EmptyDocumentError(f"{original.source} is empty", source=original.source)
        reading = _Reading(original, self.registry)
        try:
            message = _parsed(original)
            reading.read(message)
        except (RecursionError, LookupError, ValueError, AttributeError) as exc:
            if isinstance(exc, RactoGatewayError):
                raise
            raise ReadError(
                f"{original.source} is not a sound message: {type(exc).__name__}: {exc}",
                source=original.source,
            ) from exc
        facts: dict[str, Any] = {
            "title": _header(message, "Subject") or None,
            "from": _header(message, "From") or None,
            "to": _header(message, "To") or None,
            "date": _date(message),
            "attachments": reading.attachments or None,
            "unread_attachments": reading.unread or None,
        }
        return reading.text.document(mime="message/rfc822", **facts)

    aread = threaded(read)


class _Reading:
    """One message and what is attached to it, on the way to text."""

    def __init__(self, original: Original, registry: FileReaderRegistry | None) -> None:
        self.text = Composition(original)
        self.attachments: list[str] = []
        self.unread: list[str] = []
        self._source = original.source
        self._registry = registry

    def read(self, message: EmailMessage, depth: int = 1) -> None:
        """Write a message, then its attachments."""
        subject = _header(message, "Subject")
        self.text.section(subject or "Message", depth)
        gap = PARAGRAPH
        for name in _SHOWN:
            if value := _header(message, name):
                self.text.write(f"{name}: {value}", gap=gap)
                gap = LINE
        self._write_body(message, depth)
        attached = list(_attachments(message))
        names = [name for name, _ in attached]
        self.attachments += names
        if names:
            self.text.write("Attachments: " + ", ".join(names))
        if self._registry is not None:
            for name, part in attached:
                self._read_attached(self._registry, name, part, depth)

    def _write_body(self, message: EmailMessage, depth: int) -> None:
        for kind in ("plain", "html"):
            part = message.get_body(preferencelist=(kind,))
            body = sound(_text(part)) if part is not None else ""
            if not body.strip():
                continue
            if kind == "plain":
                self.text.write(body.strip())
            else:
                page = read_page(body, self._source)
                if page.text:
                    self.text.include(_part(page.text, page.sections), below=depth)
            return

    def _read_attached(
        self, registry: FileReaderRegistry, name: str, part: EmailMessage, depth: int
    ) -> None:
        if part.get_content_type() == "message/rfc822":
            inner = part.get_content()
            if depth < _DEEPEST and isinstance(inner, EmailMessage):
                self.read(inner, depth + 1)
            else:
                self.unread.append(name)
            return
        data = part.get_payload(decode=True)
        try:
            document = _read_file(registry, name, data if isinstance(data, bytes) else b"")
        except UnsupportedFormatError:
            return
        except ReadError:
            # The message itself is sound; its report says what could not be read.
            self.unread.append(name)
            return
        self.text.section(name, depth + 1)
        self.text.include(document, below=depth + 1)


def _read_file(registry: FileReaderRegistry, name: str, data: bytes) -> Document:
    if name.lower().endswith(tuple(_UNATTACHED)):
        raise UnsupportedFormatError(f"{name} is not read within a message", source=name)
    file = io.BytesIO(data)
    # The reader's errors name it, and text readers look at its ending.
    file.name = name
    return registry.get_reader(name).read(file)


def _part(text: str, sections: Any) -> Document:
    return Document(content=text, source="", sections=tuple(sections))


def _attachments(message: EmailMessage) -> Iterator[tuple[str, EmailMessage]]:
    for number, part in enumerate(message.iter_attachments(), 1):
        name = one_line(sound(part.get_filename() or "")).replace("/", "_").replace("\\", "_")
        yield name or f"attachment {number} ({part.get_content_type()})", part


def _text(part: MIMEPart) -> str:
    try:
        content = part.get_content()
    except (LookupError, UnicodeError):
        # An encoding that Python does not know; most mail is UTF-8 whatever it says.
        data = part.get_payload(decode=True)
        content = data.decode("utf-8", "replace") if isinstance(data, bytes) else ""
    return content if isinstance(content, str) else ""


def _header(message: EmailMessage, name: str) -> str:
    """A header as text, cut at a length that no reader misses; empty without it."""
    for known, value in message.raw_items():
        if known.lower() == name.lower():
            raw = str(value)[:_LONGEST_HEADER]
            return one_line(sound(str(message.policy.header_fetch_parse(known, raw))))
    return ""


def _date(message: EmailMessage) -> str | None:
    raw = _header(message, "Date")
    parsed: Any = policy.default.header_fetch_parse("Date", raw) if raw else None
    moment = getattr(parsed, "datetime", None)
    return moment.isoformat() if moment is not None else None


def _parsed(original: Original) -> EmailMessage:
    source, data = original.source, original.data
    longest = max((len(header[0]) for header in _STRUCTURE.finditer(data)), default=0)
    if longest > _LONGEST_PARSED or len(_BOUNDARY.findall(data)) > _MOST_MULTIPARTS:
        raise ReadError(
            f"{source} has a header of more than {_LONGEST_PARSED:,} characters that says how to "
            f"read it, or more than {_MOST_MULTIPARTS} parts that hold others",
            source=source,
        )
    message = message_from_bytes(data, policy=policy.default)
    names = {name.lower() for name, _ in message.raw_items()}
    if names.isdisjoint(_USUAL):
        raise ReadError(
            f"{source} is no e-mail message: it has none of the headers of one", source=source
        )
    return message
