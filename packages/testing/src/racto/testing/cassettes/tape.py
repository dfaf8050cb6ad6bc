"""The file of a recording: exchanges as readable JSON, written whole or not at all."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from racto.core.errors import ConfigurationError

FORMAT = 1
"""Version of the file's format; a file of another version is refused and not guessed at."""

_BASE64 = "$base64"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One recorded request and its answer, free of secrets.

    Attributes:
        method: HTTP method.
        path: Path below the API's root, with its escapes.
        query: The query's fields; a list for one that comes more than once.
        asked: The request's body: JSON, text, or base64 under ``$base64`` when it is neither.
        status: HTTP status of the answer.
        headers: Headers that a client may want.
        answered: The answer's body, as ``asked``; None for a stream.
        events: The events of a streamed answer, each with its line ends.
    """

    method: str
    path: str
    query: Mapping[str, str | list[str]] = field(default_factory=dict)
    asked: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    answered: Any = None
    events: Sequence[str] | None = None


class Tape:
    """The exchanges of one file.

    Args:
        path: The file; it need not exist yet.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def read(self) -> list[Exchange]:
        """The recorded exchanges.

        Raises:
            ConfigurationError: If the file is no recording of this format.
        """
        try:
            data = json.loads(self.path.read_text("utf-8"))
            if data["format"] != FORMAT:
                raise ConfigurationError(
                    f"{self.path} is a recording of format {data['format']}, and this version "
                    f"reads format {FORMAT}; record it again"
                )
            return [Exchange(**entry) for entry in data["exchanges"]]
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise ConfigurationError(f"{self.path} is not a recording: {error}") from error

    def write(self, exchanges: Sequence[Exchange]) -> None:
        """Replace the file; a reader sees the old one or the new one, never half of one.

        Args:
            exchanges: What to keep, in order.
        """
        data = {"format": FORMAT, "exchanges": [_entry(each) for each in exchanges]}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, place = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(data, file, ensure_ascii=False, indent=2)
                file.write("\n")
            Path(place).replace(self.path)
        except BaseException:
            Path(place).unlink(missing_ok=True)
            raise


def _entry(exchange: Exchange) -> dict[str, Any]:
    # An empty body {} is an answer, where empty headers are none.
    return {
        name: part
        for name, part in asdict(exchange).items()
        if part is not None and (part or name not in ("query", "headers"))
    }


def readable(body: bytes) -> Any:
    """A body as it stands in the file: objects and lists as JSON, text as text, else base64."""
    if not body:
        return None
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return {_BASE64: base64.b64encode(body).decode("ascii")}
    try:
        found = json.loads(text)
        # What Python alone can read, such as NaN, would not be read back.
        json.dumps(found, allow_nan=False)
    except (ValueError, RecursionError):
        return text
    # A text in quotes is told from one without only as the text that it is.
    is_structured = isinstance(found, (dict, list))
    return found if is_structured and not _is_base64(found) else text


def body_of(value: Any) -> bytes:
    """The bytes of a body that stands in the file."""
    if value is None:
        return b""
    if isinstance(value, str):
        return value.encode("utf-8")
    if _is_base64(value):
        return base64.b64decode(value[_BASE64])
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _is_base64(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {_BASE64}
