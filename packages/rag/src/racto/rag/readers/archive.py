"""ArchiveReader: the files within an archive as one document, each a section."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from racto.core.documents import Document
from racto.core.errors import (
    DocumentTooLargeError,
    ReadError,
    UnsupportedFormatError,
)
from racto.core.flows import threaded
from racto.core.protocols.readers import ReadSource

from .characters import one_line, sound
from .composition import Composition
from .containers import DEFAULT_MAX_UNPACKED, ZIP_MARK, opened
from .registry import ARCHIVES, FileReaderRegistry
from .sources import DEFAULT_MAX_BYTES, Original, load

_GZIP_MARK = b"\x1f\x8b"
_FIRST_UNREAD = 20


class ArchiveReader:
    """Reads the files in .zip, .tar, .tar.gz, .tgz and .gz archives that a registry has readers for.

    Nothing is written to disk, so no path in an archive can lead anywhere. An archive within an
    archive is not opened, links are not followed, and what cannot be read is counted, not lost
    in silence. Not in the registry by default: register it to have archives walked.

    Args:
        registry: Reads the members; None takes one with its built-in readers.
        max_bytes: Largest archive to accept.
        max_unpacked: Most bytes that its members may have together.
        max_members: Most files in it.
    """

    def __init__(
        self,
        *,
        registry: FileReaderRegistry | None = None,
        max_bytes: int = DEFAULT_MAX_BYTES,
        max_unpacked: int = DEFAULT_MAX_UNPACKED,
        max_members: int = 10_000,
    ) -> None:
        self._registry = FileReaderRegistry() if registry is None else registry
        self.max_bytes = max_bytes
        self.max_unpacked = max_unpacked
        self.max_members = max_members

    @property
    def supported_extensions(self) -> frozenset[str]:
        """The last ending counts: ``.tar.gz`` is found under ``.gz``."""
        return frozenset({".zip", ".tar", ".tgz", ".gz"})

    def read(self, source: ReadSource) -> Document:
        """Read one archive.

        Args:
            source: A path, bytes, or an open binary file.

        Returns:
            The document; its metadata has ``member_count`` of the files that were read, and
            where there are any, ``unsupported_members``, the count of those without a reader, and
            ``unread_members``: the ``count`` of those that were refused, and the ``first`` ones
            with the reason.

        Raises:
            FileNotFoundError: If the path does not exist.
            DocumentTooLargeError: If it has too many members, or they too many bytes.
            EmptyDocumentError: If no member could be read.
            ReadError: If it is no archive or is damaged.
        """
        original = load(source, max_bytes=self.max_bytes)
        text = Composition(original)
        read, unsupported, unread = 0, 0, []
        for number, (name, data) in enumerate(self._members(original), 1):
            if number > self.max_members:
                raise DocumentTooLargeError(
                    f"{original.source} holds more than {self.max_members:,} files; unpack it",
                    source=original.source,
                )
            try:
                document = self._read_member(name, data)
            except UnsupportedFormatError:
                unsupported += 1
            except ReadError as exc:
                unread.append(f"{name}: {exc}")
            else:
                read += 1
                text.section(name)
                text.include(document, below=1)
        return text.document(
            advice=f" that can be read: {unsupported} files without a reader, {len(unread)} refused",
            mime="application/zip" if original.data.startswith(ZIP_MARK) else "application/gzip",
            member_count=read,
            unsupported_members=unsupported or None,
            unread_members={"count": len(unread), "first": unread[:_FIRST_UNREAD]}
            if unread
            else None,
        )

    aread = threaded(read)

    def _read_member(self, name: str, data: bytes | ReadError) -> Document:
        if isinstance(data, ReadError):
            raise data
        if PurePosixPath(name).suffix.lower() in ARCHIVES:
            raise UnsupportedFormatError(f"{name} is an archive within one", source=name)
        file = io.BytesIO(data)
        # The reader's errors name it, and text readers look at its ending.
        file.name = name
        return self._registry.get_reader(name).read(file)

    def _members(self, original: Original) -> Iterator[tuple[str, bytes | ReadError]]:
        if original.data.startswith(ZIP_MARK):
            with opened(original, max_unpacked=self.max_unpacked) as container:
                for name in container.members:
                    try:
                        yield _plain(name), container.read(name)
                    except ReadError as exc:
                        yield _plain(name), exc
            return
        data = original.data
        if data.startswith(_GZIP_MARK):
            data = self._unzipped(original)
        if len(data) > 262 and data[257:262] == b"ustar":
            yield from _tar_members(data, original.source)
        elif data is original.data:
            raise ReadError(f"{original.source} is no archive", source=original.source)
        else:
            yield _plain(PurePosixPath(original.name or "content.txt.gz").stem), data

    def _unzipped(self, original: Original) -> bytes:
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(original.data)) as file:
                data = file.read(self.max_unpacked + 1)
        except (OSError, EOFError, zlib.error) as exc:
            raise ReadError(
                f"{original.source} is a damaged archive: {exc}", source=original.source
            ) from exc
        if len(data) > self.max_unpacked:
            raise DocumentTooLargeError(
                f"{original.source} unpacks to more than {self.max_unpacked:,} bytes; unpack it, "
                "or give the reader a larger max_unpacked",
                source=original.source,
            )
        return data


def _tar_members(data: bytes, source: str) -> Iterator[tuple[str, bytes | ReadError]]:
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as file:
            for member in file:
                # Not more than the archive has, whatever a sparse member claims.
                if member.isreg() and not member.issparse() and member.size <= len(data):
                    content = file.extractfile(member)
                    yield _plain(member.name), content.read() if content else b""
    except (tarfile.TarError, OSError, ValueError, EOFError, IndexError) as exc:
        raise ReadError(f"{source} is a damaged archive: {exc}", source=source) from exc


def _plain(name: str) -> str:
    """A member's name as a label; nothing is ever opened by it."""
    return one_line(sound(name)) or "unnamed"
