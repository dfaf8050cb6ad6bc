"""What readers read: a path, bytes or an open file become bytes with a name and a stable id."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from racto.core.documents import Document, Section
from racto.core.errors import DocumentChangedError, DocumentTooLargeError, ReadError
from racto.core.protocols.readers import ReadSource

DEFAULT_MAX_BYTES = 64 * 1024 * 1024
"""Largest document that a reader takes unless it is told otherwise: 64 MiB."""

BYTES_LABEL = "<bytes>"
"""The source of a document that was read from bytes or a stream without a name."""

# Any fixed UUID does; it keeps racto's ids apart from those that others derive from the same path.
_NAMESPACE = UUID("6f1d3a52-8f0e-5d1c-9b1e-2f6f3a0c7b54")
_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The bytes of one document, before anything was made of them.

    Attributes:
        data: All bytes.
        source: Path as it was given, or a label.
        doc_id: Id that follows from the absolute path, or from the bytes where there is no path.
    """

    data: bytes
    source: str
    doc_id: str

    @property
    def name(self) -> str:
        """The file's name without its folder; empty for bytes."""
        return "" if self.source == BYTES_LABEL else Path(self.source).name

    def document(
        self,
        text: str,
        *,
        mime: str,
        title: str | None = None,
        pages: Iterable[int] = (),
        sections: Iterable[Section] = (),
        rows: Iterable[int] = (),
        **facts: Any,
    ) -> Document:
        """Make the document that was read.

        Args:
            text: The whole text.
            mime: Media type of the original.
            title: The document's own title; the file's name stands in for it.
            pages: Offset at which each page begins.
            sections: Headings in their order.
            rows: Offset at which each row begins; see :class:`~racto.core.documents.Document`.
            **facts: More metadata; what is None is left out.
        """
        known: Mapping[str, Any] = {
            "mime": mime,
            "size_bytes": len(self.data),
            "title": title or self.name or None,
            **facts,
        }
        return Document(
            content=text,
            source=self.source,
            doc_id=self.doc_id,
            metadata={key: value for key, value in known.items() if value is not None},
            pages=tuple(pages),
            sections=tuple(sections),
            rows=tuple(rows),
        )


def document_id(path: str | os.PathLike[str]) -> str:
    """The id of the document at a path: the same on every run, whatever the file holds.

    Args:
        path: Absolute, or relative to the working directory.
    """
    return _uuid5(os.fsencode(Path(path).absolute()))


def load(source: ReadSource, *, max_bytes: int = DEFAULT_MAX_BYTES) -> Original:
    """Read all bytes of a source.

    Args:
        source: A path, the bytes themselves, or an open binary file, which is read from where
            it stands and is not closed.
        max_bytes: Largest size to accept.

    Raises:
        FileNotFoundError: If the path does not exist.
        DocumentTooLargeError: If there is more than ``max_bytes``; a file is not even opened.
        DocumentChangedError: If the file changed while it was being read.
        ReadError: If it cannot be read, or is not a regular file.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        _require_size(len(source), BYTES_LABEL, max_bytes)
        return _unnamed(bytes(source))
    if isinstance(source, str | os.PathLike):
        return _load_path(Path(source), max_bytes)
    return _load_stream(source, max_bytes)


def _load_path(path: Path, max_bytes: int) -> Original:
    label = _printable(path)
    try:
        before = path.stat()
        # Decided before opening: to open a pipe blocks, and to open a device may act on it.
        if not stat.S_ISREG(before.st_mode):
            kind = _KINDS.get(stat.S_IFMT(before.st_mode), "no regular file")
            raise ReadError(f"{label} is {kind}; readers take regular files", source=label)
        _require_size(before.st_size, label, max_bytes)
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
            after = os.fstat(file.fileno())
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as exc:
        raise ReadError(f"{label} cannot be read: {exc}", source=label) from exc
    unchanged = (before.st_ino, before.st_size, before.st_mtime_ns)
    if unchanged != (after.st_ino, len(data), after.st_mtime_ns):
        raise DocumentChangedError(
            f"{label} changed while it was being read; read it again", source=label
        )
    return Original(data=data, source=label, doc_id=document_id(path))


def _load_stream(stream: BinaryIO, max_bytes: int) -> Original:
    name = getattr(stream, "name", None)
    label = _printable(Path(name)) if isinstance(name, str) and name else BYTES_LABEL
    parts: list[bytes] = []
    size = 0
    try:
        # A raw stream may return less than was asked for before its end.
        while size <= max_bytes and (part := stream.read(max_bytes + 1 - size)):
            parts.append(part)
            size += len(part)
        data = b"".join(parts)
    except (OSError, ValueError) as exc:
        raise ReadError(f"{label} cannot be read: {exc}", source=label) from exc
    except TypeError as exc:
        raise ReadError(f"{label} yields text; open it in binary mode, 'rb'", source=label) from exc
    _require_size(size, label, max_bytes)
    if label == BYTES_LABEL:
        return _unnamed(data)
    return Original(data=data, source=label, doc_id=document_id(str(name)))


def _unnamed(data: bytes) -> Original:
    return Original(data=data, source=BYTES_LABEL, doc_id=_uuid5(hashlib.sha256(data).digest()))


def _require_size(size: int, label: str, max_bytes: int) -> None:
    if size > max_bytes:
        found = f"has {size:,} bytes" if label != BYTES_LABEL else "has too many bytes"
        raise DocumentTooLargeError(
            f"{label} {found}, and the limit is {max_bytes:,}; "
            "split it, or give the reader a larger max_bytes",
            source=label,
        )


def _printable(path: Path) -> str:
    """The path as text that can be stored: bytes that are no UTF-8 are written as escapes."""
    return os.fspath(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _uuid5(name: bytes) -> str:
    # uuid.uuid5 of Python 3.11 takes no bytes, and a path need not be valid Unicode.
    digest = hashlib.sha1(_NAMESPACE.bytes + name, usedforsecurity=False).digest()
    return str(UUID(bytes=digest[:16], version=5))
