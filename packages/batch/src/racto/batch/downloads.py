"""Result files on their way to disk: nobody sees one by its name before it is whole."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from racto.core.errors import APIConnectionError, InvalidResponseError
from racto.core.flows import threaded

_RANGE = re.compile(r"bytes (\d{1,15})-\d{1,15}/(?:\d{1,15}|\*)")


class PartialFile:
    """A file that grows beside its later place, readable by its owner alone.

    Each download has one of its own, so that two processes which fetch the same results never
    write into each other's; the later one to end replaces an equal file.

    Args:
        target: Where the whole file shall be.
        provider: Name of the provider, for errors.
    """

    def __init__(self, target: Path, *, provider: str) -> None:
        self.target = target
        self._provider = provider
        self._file: BinaryIO | None = None
        self._path: Path | None = None
        self._is_packed = False
        self.size = 0

    def headers(self) -> Mapping[str, str]:
        """Headers that ask for what is missing."""
        # Compressed, the bytes on the wire would not be the bytes of the file.
        headers = {"accept-encoding": "identity"}
        if self.size and not self._is_packed:
            headers["range"] = f"bytes={self.size}-"
        return headers

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Get ready for the body of an answer: to append it, or to begin anew.

        Args:
            status: HTTP status: 206 for what was missing, 200 for the whole, 416 for nothing.
            headers: Response headers.

        Raises:
            APIConnectionError: If the server continues elsewhere; the next try begins anew.
            InvalidResponseError: If nobody could tell when the body has come to its end.
        """
        if not {"content-length", "transfer-encoding"} & {name.lower() for name in headers}:
            raise InvalidResponseError(
                f"{self._provider}: a result file came without its length, so that a broken "
                "download could pass for a whole one; check the proxy in between",
                provider=self._provider,
            )
        # Some proxies compress all the same; such a file can only be had from its beginning.
        self._is_packed = headers.get("content-encoding", "identity") != "identity"
        file = self._opened()
        found = _RANGE.fullmatch(headers.get("content-range", "")) if status == 206 else None
        if status == 206 and found and int(found[1]) == self.size:
            return
        file.truncate(0)
        file.seek(0)
        self.size = 0
        if status in (206, 416):
            raise APIConnectionError(
                f"{self._provider}: a download could not be continued where it broke off",
                provider=self._provider,
            )

    def write(self, piece: bytes) -> None:
        """Append a piece."""
        self.size += self._opened().write(piece)

    def keep(self) -> Path:
        """Give the file its name.

        Raises:
            OSError: If the disk does not take it.
        """
        file = self._opened()
        # On disk before it has its name, or a crash could leave a name with nothing behind it.
        file.flush()
        os.fsync(file.fileno())
        file.close()
        _made(self._path).replace(self.target)
        self._file = self._path = None
        return self.target

    akeep = threaded(keep)

    def drop(self) -> None:
        """Remove what has not got its name."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None

    def _opened(self) -> BinaryIO:
        if self._file is None:
            # The standard library creates it with mode 0600, under a name that nobody can guess.
            number, name = tempfile.mkstemp(
                prefix=f".{self.target.name}.", suffix=".part", dir=self.target.parent
            )
            self._path = Path(name)
            self._file = os.fdopen(number, "wb")
        return self._file


def _made(path: Path | None) -> Path:
    if path is None:
        raise FileNotFoundError("the download was already given its name, or dropped")
    return path
