"""Audit events as they lie in a topic or a file, each with the place where it lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic_core import from_json

from racto.core.errors import ReadError

_LONGEST_LINE = 64 << 20


class AuditEntry(NamedTuple):
    """One event where it lies.

    Attributes:
        source: Topic or file.
        part: Its partition; -1 in a file.
        number: Its offset, or its line from 1.
        key: The record's key; None where there is none.
        value: The event as it was written.
    """

    source: str
    part: int
    number: int
    key: bytes | None
    value: bytes

    @property
    def place(self) -> str:
        """Where it lies, for people."""
        if self.part < 0:
            return f"{self.source}, line {self.number}"
        return f"{self.source}, partition {self.part}, offset {self.number}"

    def fields(self) -> dict[str, Any] | None:
        """The event's fields; None when it is no JSON object."""
        with suppress(ValueError, RecursionError):
            found = from_json(self.value)
            if isinstance(found, dict):
                return found
        return None


def entries_of(files: Iterable[Path]) -> Iterator[AuditEntry]:
    """The events of files of JSON lines, in order.

    Raises:
        ReadError: If a file cannot be read, or a line is longer than 64 MiB.
    """
    for path in files:
        try:
            with path.open("rb") as stream:
                number = 0
                # Bytes end their lines at \n alone; text would also at what prompts may hold.
                while line := stream.readline(_LONGEST_LINE + 1):
                    number += 1
                    if len(line) > _LONGEST_LINE:
                        raise ReadError(
                            f"{path}, line {number} is longer than {_LONGEST_LINE} bytes",
                            source=str(path),
                        )
                    if line.strip():
                        yield AuditEntry(str(path), -1, number, None, line.rstrip(b"\r\n"))
        except OSError as error:
            raise ReadError(
                f"{path} cannot be read: {error.strerror or error}", source=str(path)
            ) from error


class AuditFilter:
    """Says which events are wanted.

    Args:
        users: Ids of users; all when empty.
        since: Events from then on.
        until: Events before then.
    """

    def __init__(
        self,
        users: Iterable[str] = (),
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        self._users, self._since, self._until = frozenset(users), since, until
        self.is_open = not (self._users or since or until)

    def wants(self, fields: dict[str, Any] | None) -> bool:
        """Whether an event is wanted; one without a user or time is not, when these are asked for.

        Args:
            fields: As :meth:`AuditEntry.fields` returned them.
        """
        if self.is_open:
            return True
        if fields is None:
            return False
        # A stranger may have written a list there, which no set can be asked for.
        user = fields.get("user_id")
        if self._users and not (isinstance(user, str) and user in self._users):
            return False
        if self._since is None and self._until is None:
            return True
        time = _time_of(fields)
        if time is None or (self._since is not None and time < self._since):
            return False
        return self._until is None or time < self._until


def _time_of(fields: dict[str, Any]) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(fields.get("timestamp_utc")))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
