"""Zip containers of documents: measured before they are unpacked, and unpacked within limits."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from racto.core.errors import (
    DocumentTooLargeError,
    EncryptedDocumentError,
    ReadError,
    UnsupportedFormatError,
)

from .sources import Original

DEFAULT_MAX_UNPACKED = 256 * 1024 * 1024
"""Most bytes that a container may hold once unpacked, unless a reader is told otherwise."""

MOST_MEMBERS = 20_000
"""Most files in one container."""

ZIP_MARK = b"PK\x03\x04"
"""How zip files begin, and so .docx, .pptx, .xlsx, .ods and .epub."""

OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How office files of before 2007 begin, and newer ones that have a password."""

# Deflate reaches 1,032; tables full of equal cells come to about 100.
_HIGHEST_RATIO = 300
_UNSUSPICIOUS = 16 * 1024 * 1024
_BLOCK = 1024 * 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Container:
    """The members of a zip file that was found to be within its limits.

    Args:
        file: The open zip file.
        source: Label of the document, for messages.
    """

    def __init__(self, file: zipfile.ZipFile, source: str) -> None:
        self._file = file
        self.source = source
        # Of two members with one name the last one counts, as it does for zipfile.
        self.members = {info.filename: info for info in file.infolist() if not info.is_dir()}

    def __contains__(self, name: str) -> bool:
        return name in self.members

    def read(self, name: str) -> bytes:
        """Unpack one member.

        Raises:
            ReadError: If there is none, or it is damaged or encrypted.
        """
        info = self.members.get(name)
        if info is None:
            raise ReadError(f"{self.source} lacks its part {name!r}", source=self.source)
        if info.flag_bits & 1:
            raise EncryptedDocumentError(
                f"{self.source}: {name!r} is encrypted; unpack it with its password first",
                source=self.source,
            )
        if info.compress_type not in _METHODS:
            raise ReadError(
                f"{self.source}: {name!r} is packed in a way that documents are not "
                f"(method {info.compress_type}); pack it anew",
                source=self.source,
            )
        try:
            with self._file.open(info) as member:
                # In blocks: what is unpacked at once stays small, whatever the header claims.
                return b"".join(iter(lambda: member.read(_BLOCK), b""))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as exc:
            raise ReadError(
                f"{self.source}: its part {name!r} is damaged: {exc}", source=self.source
            ) from exc

    def copy(self) -> io.BytesIO:
        """The same container, unpacked: its sizes are true, so any library may open it.

        Pictures are left empty, as no reader of text looks at them.

        Raises:
            ReadError: If a member is damaged, encrypted, or XML that declares entities.
        """
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as copy:
            for name in self.members:
                data = b"" if "/media/" in name else self.read(name)
                if name.endswith((".xml", ".rels")):
                    require_plain_xml(data, name, self.source)
                copy.writestr(zipfile.ZipInfo(name), data)
        target.seek(0)
        return target


@contextmanager
def opened(original: Original, *, max_unpacked: int = DEFAULT_MAX_UNPACKED) -> Iterator[Container]:
    """Open a document's zip container, having checked what its directory says of it.

    Args:
        original: The bytes.
        max_unpacked: Most bytes that all members together may have.

    Raises:
        DocumentTooLargeError: If it has too many members, or they too many bytes.
        EncryptedDocumentError: If it is an office file with a password.
        UnsupportedFormatError: If it is an office file of before 2007.
        ReadError: If it is no zip file.
    """
    source = original.source
    if original.data.startswith(OLE_MARK):
        refuse_encrypted(original)
        raise UnsupportedFormatError(
            f"{source} is an office file of before 2007; save it in today's format", source=source
        )
    try:
        file = zipfile.ZipFile(io.BytesIO(original.data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as exc:
        raise ReadError(
            f"{source} is not a sound zip container: {exc or 'it is empty'}", source=source
        ) from exc
    with file:
        _require_limits(file, original, max_unpacked)
        yield Container(file, source)


def require_plain_xml(data: bytes, name: str, source: str) -> None:
    """Refuse XML that declares entities, which documents never need and bombs are made of.

    Raises:
        ReadError: If it does.
    """
    if b"<!ENTITY" in data or b"<\0!\0E\0N\0T\0I\0T\0Y" in data or b"\0<\0!\0E\0N\0T\0I\0T" in data:
        raise ReadError(
            f"{source}: {name!r} declares XML entities, which no office program writes; it was "
            "not opened",
            source=source,
        )


def refuse_encrypted(original: Original) -> None:
    """Refuse an office file of today that has a password; it is a file of the old kind outside.

    Raises:
        EncryptedDocumentError: If it is one.
    """
    if "EncryptedPackage".encode("utf-16-le") in original.data:
        raise EncryptedDocumentError(
            f"{original.source} is encrypted; save a copy without its password",
            source=original.source,
        )


def _require_limits(file: zipfile.ZipFile, original: Original, max_unpacked: int) -> None:
    source, members = original.source, file.infolist()
    if len(members) > MOST_MEMBERS:
        raise DocumentTooLargeError(
            f"{source} holds {len(members):,} files, and the limit is {MOST_MEMBERS:,}; split it",
            source=source,
        )
    total = sum(info.file_size for info in members)
    if total > max_unpacked:
        raise DocumentTooLargeError(
            f"{source} unpacks to {total:,} bytes, and the limit is {max_unpacked:,}; split it, "
            "or give the reader a larger max_unpacked",
            source=source,
        )
    if total > max(_UNSUSPICIOUS, len(original.data) * _HIGHEST_RATIO):
        raise DocumentTooLargeError(
            f"{source} unpacks to {total:,} bytes from {len(original.data):,}, as only a zip "
            "bomb does; it was not opened",
            source=source,
        )
