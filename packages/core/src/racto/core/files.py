"""File attachments: bytes with a MIME type and a name, ready to be sent to a model."""

from __future__ import annotations

import base64
import mimetypes
from dataclasses import dataclass
from pathlib import Path

IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
"""The image types that all vision models take."""

FALLBACK_TYPE = "application/octet-stream"

# The standard library's table follows the operating system's; these must not.
_KNOWN = {
    ".csv": "text/csv",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".webp": "image/webp",
    ".jsonl": "application/jsonl",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
}


@dataclass(frozen=True, slots=True)
class RactoFile:
    """A file attachment for a chat message.

    Source: the reference package's ``RactoFile``, whose three parameters stay positional.

    Attributes:
        data: The file's bytes.
        mime_type: Its MIME type; kept in lower case and without parameters.
        name: Its name, shown to the model; may be empty.
    """

    data: bytes
    mime_type: str
    name: str = ""

    def __post_init__(self) -> None:
        kind = self.mime_type.partition(";")[0].strip().lower()
        object.__setattr__(self, "mime_type", kind)

    def __repr__(self) -> str:
        return f"RactoFile({self.name!r}, {self.mime_type!r}, {len(self.data)} bytes)"

    @classmethod
    def from_path(cls, path: str | Path) -> RactoFile:
        """Read a file and tell its MIME type from its extension.

        Args:
            path: Path of the file on disk.

        Raises:
            FileNotFoundError: If there is no file at ``path``.
        """
        where = Path(path)
        guess, packed = mimetypes.guess_type(where.name)
        # "a.txt.gz" is guessed as text that is packed; its bytes are not text.
        known = _KNOWN.get(where.suffix.lower()) or (None if packed else guess)
        return cls(where.read_bytes(), known or FALLBACK_TYPE, where.name)

    @classmethod
    def from_bytes(cls, data: bytes, mime_type: str, name: str = "") -> RactoFile:
        """Wrap bytes whose MIME type is known."""
        return cls(bytes(data), mime_type, name)

    @property
    def base64_data(self) -> str:
        """The bytes as base64 in ASCII."""
        return base64.b64encode(self.data).decode("ascii")

    @property
    def data_uri(self) -> str:
        """The file as a ``data:`` URI."""
        return f"data:{self.mime_type};base64,{self.base64_data}"

    @property
    def is_image(self) -> bool:
        """Whether this is an image type that all vision models take."""
        return self.mime_type in IMAGE_TYPES

    @property
    def is_pdf(self) -> bool:
        """Whether this is a PDF."""
        return self.mime_type == "application/pdf"

    @property
    def is_text(self) -> bool:
        """Whether this is a ``text/*`` type."""
        return self.mime_type.startswith("text/")
