"""The folder of an index: made, recognised, and never confused with somebody else's files."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from racto.core.errors import ConfigurationError, IndexCorruptError, StoreError

from .lock import LOCK_NAME
from .schema import APPLICATION_ID, FORMAT, create_tables

FILE_NAME = "index.sqlite3"
_NEW_NAME = "index.sqlite3.new"
_OURS = {FILE_NAME, _NEW_NAME, LOCK_NAME, ".gitignore", f"{_NEW_NAME}-journal"}
_MAGIC = b"SQLite format 3\x00"


def find_index(directory: Path) -> Path:
    """The database file of an existing index.

    Raises:
        ConfigurationError: If there is no index.
        IndexCorruptError: If the file is damaged, of another version, or not racto's.
    """
    file = directory / FILE_NAME
    try:
        with file.open("rb") as stream:
            header = stream.read(100)
    except (FileNotFoundError, NotADirectoryError):
        refuse_foreign(directory)
        raise ConfigurationError(
            f"there is no index in {directory}; make one: racto-rag ingest FOLDER "
            f"--index {directory}"
        ) from None
    except OSError as error:
        raise StoreError(f"index {directory} cannot be read: {error.strerror}") from error
    _check_header(header, file)
    return file


def make_index(directory: Path) -> Path:
    """Make an empty index in an empty or missing folder and return its database file.

    The file appears under its name when it is whole, so that a crash leaves no half index.
    """
    refuse_foreign(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        # What is derived from documents does not belong in their repository.
        (directory / ".gitignore").write_text("*\n", encoding="ascii")
        fresh = directory / _NEW_NAME
        fresh.unlink(missing_ok=True)
        connection = sqlite3.connect(fresh)
        try:
            create_tables(connection)
        finally:
            connection.close()
        return fresh.replace(directory / FILE_NAME)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"an index cannot be made in {directory}: {error}; choose another folder with --index"
        ) from error


def refuse_foreign(directory: Path) -> None:
    """Raise IndexCorruptError for a file, or a folder that holds anything but an index."""
    if directory.exists() and not directory.is_dir():
        raise IndexCorruptError(
            f"{directory} is a file, not the folder of an index; nothing was written. Choose "
            "another folder with --index"
        )
    if not directory.exists():
        return
    # A hidden file of the desktop's is foreign too: better to ask once than to guess.
    foreign = sorted(entry.name for entry in directory.iterdir() if entry.name not in _OURS)
    if foreign:
        raise IndexCorruptError(
            f"{directory} is not a racto index: it holds {foreign[0]!r} and no {FILE_NAME}; "
            "nothing was written. Choose an empty or new folder with --index"
        )


def _check_header(header: bytes, file: Path) -> None:
    # Bytes 60 and 68 of an SQLite file hold the two numbers that an application may set.
    version = int.from_bytes(header[60:64], "big")
    if not header.startswith(_MAGIC) or len(header) < 100:
        raise IndexCorruptError(
            f"{file} is not a database, or is damaged; nothing was changed. Move "
            f"{file.parent} away and ingest the documents again"
        )
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise IndexCorruptError(
            f"{file} belongs to another program; nothing was changed. Choose another folder "
            "with --index"
        )
    if version != FORMAT:
        raise IndexCorruptError(
            f"{file} has format {version} and this racto-rag reads format {FORMAT}; nothing was "
            "changed. Use the racto-rag that made it, or ingest into another folder with --index"
        )
