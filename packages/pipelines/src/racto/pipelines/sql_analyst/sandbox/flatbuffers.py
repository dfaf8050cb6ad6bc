"""Just enough of FlatBuffers to read the metadata of Arrow streams, every access within bounds."""

from __future__ import annotations

import struct

from racto.pipelines.errors import SandboxViolationError


class MalformedError(SandboxViolationError):
    """The bytes are not the plain Arrow that they claim to be; the message says in what.

    Args:
        reason: What is wrong with them.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"the analysis sent no plain Arrow: {reason}")


def root(data: memoryview) -> Table:
    """The table that a buffer begins with.

    Raises:
        MalformedError: If there is none.
    """
    return Table(data, _read(data, 0, "I"))


class Table:
    """A table: fields by number, each of which may be missing.

    Args:
        data: The whole buffer.
        at: Where the table stands in it.

    Raises:
        MalformedError: By each method, if what is asked for lies outside of the buffer.
    """

    def __init__(self, data: memoryview, at: int) -> None:
        self._data = data
        self._at = at
        self._fields = at - _read(data, at, "i")
        self._count = (_read(data, self._fields, "H") - 4) // 2

    def _where(self, field: int) -> int:
        """Where a field stands; 0 if it is missing."""
        # A writer leaves out the fields at the end that have their defaults.
        if field >= self._count:
            return 0
        offset = _read(self._data, self._fields + 4 + 2 * field, "H")
        return self._at + offset if offset else 0

    def has(self, field: int) -> bool:
        """Whether a field is there."""
        return bool(self._where(field))

    def number(self, field: int, code: str, default: int = 0) -> int:
        """A number, by its struct code; what is missing has the schema's default."""
        where = self._where(field)
        return _read(self._data, where, code) if where else default

    def table(self, field: int) -> Table:
        """A table inside of this one."""
        where = self._where(field)
        if not where:
            raise MalformedError("a part of its metadata is missing")
        return Table(self._data, where + _read(self._data, where, "I"))

    def vector(self, field: int, width: int) -> memoryview:
        """The bytes of a vector whose elements have ``width`` bytes; empty if it is missing."""
        where = self._where(field)
        if not where:
            return self._data[:0]
        start = where + _read(self._data, where, "I")
        size = _read(self._data, start, "I") * width
        found = self._data[start + 4 : start + 4 + size]
        if len(found) < size:
            raise MalformedError("a list in its metadata is longer than the metadata")
        return found

    def tables(self, field: int) -> list[Table]:
        """The tables of a vector."""
        where = self._where(field)
        entries = self.vector(field, 4)
        start = where + _read(self._data, where, "I") + 4 if where else 0
        offsets = struct.iter_unpack("<I", entries)
        return [Table(self._data, start + 4 * at + off) for at, (off,) in enumerate(offsets)]


def _read(data: memoryview, at: int, code: str) -> int:
    # A negative place would be counted from the end, silently.
    if at < 0 or at + struct.calcsize(f"<{code}") > len(data):
        raise MalformedError("its metadata leads outside of itself")
    value: int = struct.unpack_from(f"<{code}", data, at)[0]
    return value
